"""Write a corpus of invented readings of any size, with all that a release of it would hold, as N-Quads.

    python -m bench.corpus 1000 /tmp/corpus.nq
    python -m kg load --union /tmp/corpus.nq --out /tmp/corpus

About 290 quads an article, written by `kg.triples` and concluded from by `kg.reason` as in a build, with the
ontology, the shapes and the actors beside them. The same size and seed give the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from bench.articles import invented
from bench.world import World
from kg.build import Graphs, canonical, conclude
from kg.files.rdf import read_turtle
from kg.folders import ONTOLOGY, SHAPES
from kg.iris import Iris
from kg.triples import metadata_quads, reading_quads, text_quads
from kg.vocabulary import load_vocabulary

_AT_ONCE = 50
_Term = NamedNode | BlankNode | Literal | Triple


def write_corpus(articles: int, path: Path, *, seed: int = 1, processes: int = 2) -> None:
    """Write the N-Quads of a corpus to a file."""
    starts = range(1, articles + 1, _AT_ONCE)
    with path.open("wb") as file, ProcessPoolExecutor(processes) as pool:
        shared = _lines(canonical(_quads(_shared(articles, seed))))
        file.writelines(sorted(shared.splitlines(keepends=True)))
        for lines in pool.map(_some, repeat(articles), repeat(seed), starts):
            file.write(lines)


def article_graphs(world: World, number: int, iris: Iris) -> Graphs:
    """Return the graphs of one invented article: text, metadata, reading, conclusions, judgements."""
    reading, actors, vocabulary = invented(world, number), iris.graph("actors"), load_vocabulary(iris=iris)
    graphs: Graphs = defaultdict(list)
    for quads in (
        text_quads(reading.article, iris),
        metadata_quads(reading.article, iris, vocabulary),
        reading_quads(reading, iris, vocabulary),
    ):
        for quad in quads:
            assert isinstance(quad.graph_name, NamedNode)
            graphs[quad.graph_name].append(quad.triple)
    about, read = _actors(world, iris), graphs[iris.graph("reading", reading.slug)]
    named = dict.fromkeys(triple.object for triple in read if triple.object in about)
    graphs[actors] = [triple for actor in named for triple in about[actor]]
    conclude(graphs, reading, iris=iris)
    return graphs


def _some(articles: int, seed: int, start: int) -> bytes:
    world, iris = World(articles, seed), Iris()
    numbers = range(start, min(start + _AT_ONCE, articles + 1))
    own = (
        (graph, triples)
        for number in numbers
        for graph, triples in article_graphs(world, number, iris).items()
        if graph != iris.graph("actors")
    )
    return _lines(_quads(own))


def _shared(articles: int, seed: int) -> Iterator[tuple[NamedNode, Iterable[Triple]]]:
    iris = Iris()
    yield iris.graph("actors"), World(articles, seed).actor_triples(iris)
    for path in sorted(ONTOLOGY.glob("*.ttl")):
        yield iris.graph("ontology" if path.stem == "hearsay" else path.stem), read_turtle(path, iris)
    for path in sorted(SHAPES.glob("*.ttl")):
        yield iris.graph("shapes"), read_turtle(path, iris)


def _quads(graphs: Iterable[tuple[NamedNode, Iterable[Triple]]]) -> Iterator[Quad]:
    for graph, triples in graphs:
        for triple in triples:
            yield Quad(triple.subject, triple.predicate, triple.object, graph)


def _lines(quads: Iterable[Quad]) -> bytes:
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


@lru_cache(maxsize=1)
def _actors(world: World, iris: Iris) -> dict[_Term, list[Triple]]:
    about: dict[_Term, list[Triple]] = defaultdict(list)
    for triple in world.actor_triples(iris):
        about[triple.subject].append(triple)
    return about


def main(
    articles: Annotated[int, typer.Argument(help="How many articles.")],
    path: Annotated[Path, typer.Argument(help="The file to write.")],
    seed: Annotated[int, typer.Option(help="Another seed gives other articles.")] = 1,
) -> None:
    """Write a corpus of invented readings as N-Quads."""
    write_corpus(articles, path, seed=seed)
    typer.echo(f"Wrote {path}: {path.stat().st_size:,} bytes.", err=True)


if __name__ == "__main__":
    typer.run(main)
