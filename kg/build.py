"""The whole order, and nothing else: seeds → quads → shapes → conclusions → shapes → one dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple

from kg import __version__
from kg.check.graphfile import read_graphs
from kg.check.queries import check_queries
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
from kg.triples import LANGUAGE, metadata_quads, reading_quads, text_quads
from kg.turtle import turtle
from kg.views import view_quads
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
        """Yield the dataset, its blank nodes labelled by RDF Dataset Canonicalization 1.0.

        Each graph says what it belongs to, so that whoever meets its name learns something by asking.
        """
        dataset = NamedNode(f"{self.iris.base}.well-known/void#dataset")
        for graph in self.graphs:
            yield Quad(graph, NamedNode(PREFIXES["dct"] + "isPartOf"), dataset, graph)
        yield from canonical(
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
    check_queries(queries=folders.queries, ontology=folders.ontology, iris=iris)
    actors, found = read_graphs(_actor_files(seeds), iris)
    retired, retired_places = read_graphs(_beside(seeds, "retired.ttl"), iris)
    found |= retired_places
    readings = read_seeds(seeds, iris, folders.ontology)
    graphs: Graphs = {iris.graph("actors"): actors}
    if retired:
        graphs[iris.graph("retired")] = retired
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
        conclude(graphs, reading, iris=iris, ontology=folders.ontology)
    report = _checked(graphs, found, iris, folders)
    for path in sorted(folders.ontology.glob("*.ttl")):
        name = "ontology" if path.stem == "hearsay" else path.stem
        graphs[iris.graph(name)] = list(read_turtle(path, iris))
    _add(graphs, view_quads(load_examples(folders.ontology / "views", iris=iris), iris))
    shapes = sorted(folders.shapes.glob("*.ttl"))
    graphs[iris.graph("shapes")] = [triple for path in shapes for triple in read_turtle(path, iris)]
    _add(graphs, example_quads(load_examples(folders.queries, iris=iris), iris))
    return Built(readings, graphs, iris, report)


def read_seeds(seeds: Sequence[Path], iris: Iris, ontology: Path = ONTOLOGY) -> tuple[Reading, ...]:
    """Read every reading of the seeds; raise ReadingError with the problems of all of them."""
    vocabulary = load_vocabulary(ontology, iris=iris)
    names = frozenset[str]().union(*(load_actors(path) for path in _beside(seeds, "actors.ttl")))
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


def _beside(seeds: Sequence[Path], name: str) -> list[Path]:
    roots = dict.fromkeys(path.parent if (path / "article.txt").exists() else path for path in seeds)
    return [root / name for root in roots if (root / name).exists()]


def _actor_files(seeds: Sequence[Path]) -> list[Path]:
    roots = dict.fromkeys(path.parent if (path / "article.txt").exists() else path for path in seeds)
    files = [root / "actors.ttl" for root in roots if root.is_dir()]
    missing = "is missing: it describes the actors that the readings beside it name; write it, or restore it"
    if problems := [Problem(str(path), 1, 1, "", missing) for path in files if not path.exists()]:
        raise ReadingError(problems)
    return files


def _add(graphs: Graphs, quads: Iterable[Quad]) -> None:
    for quad in quads:
        assert isinstance(quad.graph_name, NamedNode)
        graphs.setdefault(quad.graph_name, []).append(quad.triple)


def conclude(graphs: Graphs, reading: Reading, *, iris: Iris, ontology: Path = ONTOLOGY) -> None:
    """Add to the graphs, which hold the actors and the reading, what follows from it and how it was drawn."""
    actors, node = graphs[iris.graph("actors")], iris.graph("reading", reading.slug)
    asserted = graphs[node]
    inferred, judged = iris.graph("inferred", reading.slug), iris.graph("judgements", reading.slug)
    conclusions = infer(asserted, background=actors, iris=iris, ontology=ontology)
    judgements = judge([*asserted, *conclusions], background=actors, iris=iris, ontology=ontology)
    used = [node, iris.graph("actors"), iris.graph("ontology"), *_versions(ontology, iris)]
    made = _provenance(inferred, iris.activity("inference", reading.slug), used, iris)
    graphs[inferred] = [*conclusions, *made]
    made = _provenance(judged, iris.activity("judgement", reading.slug), [*used, inferred], iris)
    graphs[judged] = [*judgements, *made]


def _provenance(
    graph: NamedNode, activity: NamedNode, sources: Iterable[NamedNode], iris: Iris
) -> Iterator[Triple]:
    """Yield what made a graph, from what: no time, so that a rebuild changes nothing."""
    kind, prov, software = NamedNode(PREFIXES["rdf"] + "type"), PREFIXES["prov"], iris.software("hearsay")
    yield Triple(graph, NamedNode(prov + "wasGeneratedBy"), activity)
    yield Triple(activity, kind, NamedNode(prov + "Activity"))
    yield Triple(activity, NamedNode(prov + "wasAssociatedWith"), software)
    for used in sources:
        yield Triple(activity, NamedNode(prov + "used"), used)
    yield Triple(software, kind, NamedNode(prov + "SoftwareAgent"))
    yield Triple(software, NamedNode(PREFIXES["skos"] + "prefLabel"), Literal("Hearsay", language=LANGUAGE))
    yield Triple(software, NamedNode(PREFIXES["owl"] + "versionInfo"), Literal(__version__))


@lru_cache
def _versions(ontology: Path, iris: Iris) -> tuple[NamedNode, ...]:
    """Return the IRI of the ontology's version, as its own file gives it."""
    version = NamedNode(PREFIXES["owl"] + "versionIRI")
    found = read_turtle(ontology / "hearsay.ttl", iris)
    return tuple(t.object for t in found if t.predicate == version and isinstance(t.object, NamedNode))


def _checked(graphs: Graphs, found: Mapping[str, Place], iris: Iris, folders: Folders) -> Report:
    from kg.check import check

    triples = (triple for graph in graphs.values() for triple in graph)
    report = check(triples, places=found, iris=iris, shapes=folders.shapes, ontology=folders.ontology)
    if not report.conforms:
        raise NonconformanceError(report)
    return report


def canonical(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield quads with their blank nodes labelled by RDF Dataset Canonicalization 1.0."""
    unlabelled = Dataset()
    for quad in quads:
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            unlabelled.add(quad)
        else:
            yield quad
    unlabelled.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    yield from unlabelled
