from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QuerySolutions, Store

from kg.query import QueryError, query
from kg.store import open_release, write_release
from kg.tokens import dataset_clause, tokens

A, B, C, P = (NamedNode(f"http://x/{name}") for name in "abcp")
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(scope="module")
def store() -> Store:
    """Three graphs: the first two share a triple, and a blank node stands in the last two."""
    blank = BlankNode("b")
    store = Store()
    store.extend([Quad(P, P, P, A), Quad(P, P, P, B), Quad(P, P, blank, B), Quad(blank, P, A, C)])
    return store


def rows(store: Store, text: str, *default: NamedNode, named: tuple[NamedNode, ...] = ()) -> list[list[str]]:
    graphs = [graph.value for graph in default] if default or named else None
    found = query(store, text, default_graphs=graphs, named_graphs=[graph.value for graph in named] or None)
    assert isinstance(found, QuerySolutions)
    return [[getattr(term, "value", "") for term in row] for row in found]


def test_a_triple_of_two_default_graphs_is_one_triple(store: Store) -> None:
    assert rows(store, COUNT, A, B) == [["2"]]
    assert rows(store, COUNT, A, C) == [["2"]]
    assert rows(store, "SELECT ?s { ?s ?p <http://x/p> }", A, B) == [["http://x/p"]]


def test_the_query_may_name_the_merged_graphs_itself(store: Store) -> None:
    text = COUNT.replace("{", "FROM <http://x/a> FROM x:b {")
    assert rows(store, f"PREFIX x: <http://x/> {text}") == [["2"]]
    assert rows(store, f"BASE <http://x/> {text.replace('x:b', '<b>')}") == [["2"]]


def test_a_merge_keeps_the_named_graphs_and_the_blank_nodes(store: Store) -> None:
    text = "SELECT ?o { ?s ?p ?b GRAPH ?g { ?b ?q ?o } }"
    assert rows(store, text, A, B, named=(C,)) == [["http://x/a"]]
    assert rows(store, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", A, B, named=(C,)) == [["http://x/c"]]
    assert rows(store, text, A, B) == []


def test_the_default_graph_of_the_store_is_no_part_of_a_named_dataset(store: Store) -> None:
    other = Store()
    other.extend([*store, Quad(P, P, C, DefaultGraph())])
    assert rows(other, COUNT, A, B) == [["2"]]
    assert rows(other, COUNT) == [["1"]]


@pytest.mark.parametrize("in_memory", [False, True])
def test_a_blank_node_of_the_union_is_the_one_of_its_graph(tmp_path: Path, in_memory: bool) -> None:
    blank = BlankNode("b")
    write_release([Quad(P, P, blank, A), Quad(blank, P, C, A)], tmp_path)
    store = open_release(tmp_path, in_memory=in_memory).store
    assert rows(store, "SELECT ?o { GRAPH ?g { ?s ?p ?b } ?b ?q ?o }") == [["http://x/c"]]


@pytest.mark.parametrize(
    ("text", "default", "named"),
    [
        ("SELECT * { ?s ?p 'FROM <http://x/a>' }", [], []),
        ("# FROM <http://x/a>\nASK FROM NAMED <http://x/b> {}", [], ["http://x/b"]),
        ("CONSTRUCT { ?s ?p ?o } FROM <http://x/a> WHERE { ?s ?p ?o }", ["http://x/a"], []),
        ("ASK FROM hs:a FROM un:known {}", ["https://w3id.org/hearsay/ontology#a"], []),
        ("ASK { { SELECT * FROM <http://x/a> {} } }", [], []),
        ("ASK FROM <http://x/\\u0061> {}", ["http://x/a"], []),
    ],
)
def test_the_dataset_clause_is_read_from_the_tokens(text: str, default: list[str], named: list[str]) -> None:
    assert dataset_clause(text, {"hs": "https://w3id.org/hearsay/ontology#"}) == (default, named)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ASK { ?s <http://x/y", "line 1, column 10: the IRI <http://x/y does not end: its > is missing"),
        (
            "ASK { ?s dbo:spouse ?o }",
            "line 1, column 10: unknown prefix dbo: "
            "add PREFIX dbo: <http://dbpedia.org/ontology/> at the top of the query",
        ),
        (
            "ASK { ?s wdt:P31 ?o }",
            "line 1, column 10: unknown prefix wdt: "
            "add PREFIX wdt: <http://www.wikidata.org/prop/direct/> at the top of the query",
        ),
        (
            "ASK FROM <a> FROM <b> {",
            "line 1, column 10: <a> is not a whole IRI: write it out, from https:// on",
        ),
    ],
)
def test_a_mistake_is_explained_with_its_remedy(store: Store, text: str, sentence: str) -> None:
    with pytest.raises(QueryError) as error:
        query(store, text)
    assert str(error.value) == sentence


@pytest.mark.parametrize("piece", ["<http://", "a.", "'", '"""', "PREFIX ", "<", "a.b-", "\\", "FROM <"])
def test_no_text_takes_the_tokens_long(piece: str) -> None:
    # Quadratic time would be minutes here.
    assert sum(len(token.text) for token in tokens(piece * (64_000 // len(piece)))) > 10_000
