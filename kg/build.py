"""The whole order, and nothing else: seeds → quads → shapes → conclusions → shapes → one dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad, Triple

from kg.check.graphfile import read_graphs
from kg.examples import example_quads, load_examples
from kg.files.problems import Problem, ReadingError
from kg.files.rdf import read_turtle
from kg.folders import ONTOLOGY, QUERIES, SEEDS, SHAPES
from kg.iris import PREFIXES, Iris
from kg.model import Reading
from kg.places import places
from kg.reason import infer, judge
from kg.report import Place, Report
from kg.seeds import load_actors, load_folder, load_seeds
from kg.triples import metadata_quads, reading_quads, text_quads
from kg.turtle import turtle
from kg.vocabulary import load_vocabulary

Graphs = dict[NamedNode, list[Triple]]


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Where what a build needs is kept, other than the seeds."""

    ontology: Path = ONTOLOGY
    shapes: Path = SHAPES
    queries: Path = QUERIES


class NonconformanceError(Exception):
    """Readings that were read but break the shapes; `report` holds what was found."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(report.summary)


@dataclass(frozen=True)
class Built:
    """Everything a release holds: the readings, the triples of each named graph, and what the check said."""

    readings: tuple[Reading, ...]
    graphs: Mapping[NamedNode, Sequence[Triple]]
    iris: Iris
    report: Report

    def quads(self) -> Iterator[Quad]:
        """Yield the dataset, its blank nodes labelled by RDF Dataset Canonicalization 1.0."""
        yield from _canonical(
            Quad(triple.subject, triple.predicate, triple.object, graph)
            for graph, triples in self.graphs.items()
            for triple in triples
        )


def build(
    seeds: Sequence[Path] = (SEEDS,), *, iris: Iris | None = None, folders: Folders | None = None
) -> Built:
    """Read seeds, draw the conclusions, and check both.

    Each of `seeds` is a folder of articles with its actors.ttl, or the folder of one article in such a
    folder. Raise ReadingError for what cannot be read, NonconformanceError for what breaks a shape.
    """
    iris, folders = iris or Iris(), folders or Folders()
    actors, found = read_graphs(_actor_files(seeds), iris)
    readings = read_seeds(seeds, iris, folders.ontology)
    graphs: Graphs = {iris.graph("actors"): actors}
    vocabulary = load_vocabulary(folders.ontology, iris=iris)
    for reading in readings:
        for quads in (
            text_quads(reading.article, iris),
            metadata_quads(reading.article, iris, vocabulary),
            reading_quads(reading, iris, vocabulary),
        ):
            _add(graphs, quads)
    for reading in readings:
        found |= places(reading, iris)
    _checked(graphs, found, iris, folders)
    for reading in readings:
        _conclude(graphs, reading, iris, folders.ontology)
    report = _checked(graphs, found, iris, folders)
    for path in sorted(folders.ontology.glob("*.ttl")):
        name = "ontology" if path.stem == "hearsay" else path.stem
        graphs[iris.graph(name)] = list(read_turtle(path, iris))
    shapes = sorted(folders.shapes.glob("*.ttl"))
    graphs[iris.graph("shapes")] = [triple for path in shapes for triple in read_turtle(path, iris)]
    _add(graphs, example_quads(load_examples(folders.queries, iris=iris), iris))
    return Built(readings, graphs, iris, report)


def read_seeds(seeds: Sequence[Path], iris: Iris, ontology: Path = ONTOLOGY) -> tuple[Reading, ...]:
    """Read every reading of the seeds; raise ReadingError with the problems of all of them."""
    vocabulary = load_vocabulary(ontology, iris=iris)
    names = frozenset[str]().union(*(load_actors(path) for path in _actor_files(seeds)))
    readings, problems = list[Reading](), list[Problem]()
    for path in seeds:
        load = load_folder if (path / "article.txt").exists() else load_seeds
        try:
            readings += load(path, vocabulary=vocabulary, actors=names)
        except ReadingError as error:
            problems += error.problems
    if problems:
        raise ReadingError(problems)
    return tuple({reading.slug: reading for reading in readings}.values())


def read_actors(seeds: Sequence[Path], iris: Iris) -> list[Triple]:
    """Read what the actors.ttl of each of the seeds says."""
    return read_graphs(_actor_files(seeds), iris)[0]


def graph_files(built: Built) -> dict[Path, str]:
    """Return each reading's graphs as Turtle, by article and kind: `corbyn-russia/inferred.ttl`."""
    iris, files = built.iris, dict[Path, str]()
    for reading in built.readings:
        article = reading.article
        prefixes = iris.prefixes | {"t": f"{iris.text(article).value}#"}
        # A second reading of an article, from reading-<name>.yaml, stands beside the first.
        name = Path(reading.path).stem.removeprefix("reading")
        for kind, slug, suffix in (
            ("text", article.slug, ""),
            ("metadata", article.slug, ""),
            ("reading", reading.slug, name),
            ("inferred", reading.slug, name),
            ("judgements", reading.slug, name),
        ):
            triples = built.graphs.get(iris.graph(kind, slug))
            if triples:
                files[Path(article.slug) / f"{kind}{suffix}.ttl"] = turtle(triples, prefixes)
    return files


def _actor_files(seeds: Sequence[Path]) -> list[Path]:
    roots = dict.fromkeys(path.parent if (path / "article.txt").exists() else path for path in seeds)
    return [root / "actors.ttl" for root in roots if (root / "actors.ttl").exists()]


def _add(graphs: Graphs, quads: Iterable[Quad]) -> None:
    for quad in quads:
        assert isinstance(quad.graph_name, NamedNode)
        graphs.setdefault(quad.graph_name, []).append(quad.triple)


def _conclude(graphs: Graphs, reading: Reading, iris: Iris, ontology: Path) -> None:
    actors, node = graphs[iris.graph("actors")], iris.graph("reading", reading.slug)
    asserted = graphs[node]
    inferred, judged = iris.graph("inferred", reading.slug), iris.graph("judgements", reading.slug)
    conclusions = infer(asserted, background=actors, iris=iris, ontology=ontology)
    judgements = judge([*asserted, *conclusions], background=actors, iris=iris, ontology=ontology)
    graphs[inferred] = [*conclusions, *_provenance(inferred, "inference", [node], reading, iris)]
    graphs[judged] = [*judgements, *_provenance(judged, "judgement", [node, inferred], reading, iris)]


def _provenance(
    graph: NamedNode, kind: str, sources: list[NamedNode], reading: Reading, iris: Iris
) -> Iterator[Triple]:
    activity = iris.activity(kind, reading.slug)
    rdf, prov = PREFIXES["rdf"], PREFIXES["prov"]
    yield Triple(activity, NamedNode(rdf + "type"), NamedNode(prov + "Activity"))
    yield Triple(graph, NamedNode(prov + "wasGeneratedBy"), activity)
    for used in (*sources, iris.graph("actors"), iris.graph("ontology")):
        yield Triple(activity, NamedNode(prov + "used"), used)


def _checked(graphs: Graphs, found: Mapping[str, Place], iris: Iris, folders: Folders) -> Report:
    from kg.check import check

    triples = (triple for graph in graphs.values() for triple in graph)
    report = check(triples, places=found, iris=iris, shapes=folders.shapes, ontology=folders.ontology)
    if not report.conforms:
        raise NonconformanceError(report)
    return report


def _canonical(quads: Iterable[Quad]) -> Iterator[Quad]:
    unlabelled = Dataset()
    for quad in quads:
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            unlabelled.add(quad)
        else:
            yield quad
    unlabelled.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    yield from unlabelled
