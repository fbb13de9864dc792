"""The invented corpus is one that a build would accept, and the same each time."""

from collections import Counter
from itertools import chain
from pathlib import Path

from pyoxigraph import Triple

from bench.articles import invented
from bench.corpus import write_corpus
from bench.world import World
from kg.build import Graphs
from kg.check import check
from kg.iris import Iris


def _triples(graphs: Graphs) -> list[Triple]:
    return list(chain.from_iterable(graphs.values()))


def test_an_invented_article_conforms_to_the_shapes(invented_graphs: list[Graphs]) -> None:
    report = check(chain.from_iterable(map(_triples, invented_graphs[:12])))
    assert [finding.message for finding in report.findings] == []


def test_an_article_has_about_three_hundred_triples(invented_graphs: list[Graphs]) -> None:
    actors = Iris().graph("actors")
    sizes = [
        len(triples) for article in invented_graphs for name, triples in article.items() if name != actors
    ]
    assert 250 < sum(sizes) / len(invented_graphs) < 350


def test_the_corpus_has_all_that_the_queries_ask_for(invented_graphs: list[Graphs]) -> None:
    found = Counter(
        str(node)[1:-1].partition("#")[2]
        for article in invented_graphs
        for triple in _triples(article)
        for node in (triple.predicate, triple.object)
        if str(node).startswith("<https://w3id.org/hearsay/ontology#")
    )
    rare = ("SelfDenial", "HedgedStatement", "NonAnswer", "deflects", "implicitlyAssertedIn", "relays")
    assert [name for name in (*rare, "UnidentifiedActor", "PhantomAccusation") if not found[name]] == []


def test_few_actors_are_in_most_articles(world: World) -> None:
    statements = chain.from_iterable(
        invented(world, number).statements for number in range(1, world.articles + 1)
    )
    named = Counter(name for statement in statements for name in statement.made_by)
    assert sum(count for _, count in named.most_common(6)) > 3 * sum(named.values()) / len(named) * 6


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    files = [tmp_path / name for name in "abc"]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        write_corpus(2, file, seed=seed, processes=1)
    first, again, other = (file.read_bytes() for file in files)
    assert first == again
    assert first != other
