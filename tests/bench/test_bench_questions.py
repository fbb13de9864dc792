"""The benchmark's queries find something, and no two variants are the same."""

from itertools import chain

import pytest
from pyoxigraph import DefaultGraph, Quad, Store

from bench.answers import accept, read
from bench.measure import answers
from bench.questions import KINDS, Question, Values, load_questions, values_of
from kg.build import Graphs
from kg.files.rdf import read_turtle
from kg.folders import ONTOLOGY
from kg.iris import Iris

QUESTIONS = load_questions()


@pytest.fixture(scope="module")
def store(invented_graphs: list[Graphs]) -> Store:
    """A store as a release has it: the union is the default graph."""
    store, iris = Store(), Iris()
    graphs = chain.from_iterable(article.items() for article in invented_graphs)
    for name, triples in (*graphs, (iris.graph("ontology"), read_turtle(ONTOLOGY / "hearsay.ttl", iris))):
        for triple in triples:
            for graph in (name, DefaultGraph()):
                store.add(Quad(triple.subject, triple.predicate, triple.object, graph))
    return store


@pytest.fixture(scope="module")
def values(store: Store) -> Values:
    return values_of(store)


def test_there_is_a_dozen_of_queries_of_every_kind() -> None:
    assert len(QUESTIONS) >= 12
    assert {question.kind for question in QUESTIONS} == set(KINDS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_query_finds_something_in_the_corpus(question: Question, store: Store, values: Values) -> None:
    variants = question.variants(values)
    assert len(set(variants)) == len(variants) >= 20
    found = [read(answers(store, query), accept(query)) for query in variants[:50]]
    assert sum(map(len, found)) > 0
    assert question.name != "denied" or {True, False} <= set(chain.from_iterable(found))


def test_the_dozen_that_varies_a_word_varies_nothing_else(values: Values) -> None:
    search = next(question for question in QUESTIONS if question.name == "search")
    first, second = search.variants(values)[:2]
    assert first.replace('"archive"', '"audit"') == second


def test_a_query_that_does_not_have_its_word_is_an_error(values: Values) -> None:
    broken = Question("broken", "", "look-up", "# varies: cl:claim-1 claim\nASK {}")
    with pytest.raises(ValueError, match=r"broken\.rq: 'cl:claim-1' is not in the query"):
        broken.variants(values)
