"""What the service and its data are, in RDF: nothing here that is not so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode, Quad

from kg.iris import Iris
from kg.store import Release
from web.answers import cached, engine, iris, refusal, wanted
from web.engine import Engine, Row
from web.formats import GRAPHS, RESULTS, Format
from web.rdf import write

blueprint = Blueprint("describe", __name__)

_GRAPHS = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
_TRIPLES = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
_SUBJECTS = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s ?p ?o }"
_OBJECTS = "SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE { ?s ?p ?o }"
_CLASSES = (
    "SELECT ?class (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?class FILTER (isIRI(?class)) }"
    " GROUP BY ?class ORDER BY ?class"
)
_PROPERTIES = "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY ?p"
_ARTICLES = "SELECT DISTINCT ?article WHERE { ?article a hs:Article } ORDER BY ?article LIMIT 100"


@dataclass(frozen=True)
class Counts:
    """How much of what a release holds."""

    triples: int
    subjects: int
    objects: int
    graphs: dict[NamedNode, int]
    classes: dict[NamedNode, int]
    properties: dict[NamedNode, int]
    articles: tuple[NamedNode, ...]

    def of_class(self, term: NamedNode) -> int:
        """Return how many things are of a class."""
        return self.classes.get(term, 0)


def counts() -> Counts:
    """Count what the current release holds, once a release."""
    return _counts(engine(), engine().release().id)


@lru_cache(maxsize=4)
def _counts(engine_: Engine, _release: str) -> Counts:
    def table(query: str, name: str) -> dict[NamedNode, int]:
        rows = engine_.rows(query)
        return {term: _number(row) for row in rows if isinstance(term := row.get(name), NamedNode)}

    def total(query: str) -> int:
        return _number(engine_.rows(query)[0])

    articles = [row["article"] for row in engine_.rows(_ARTICLES)]
    return Counts(
        total(_TRIPLES),
        total(_SUBJECTS),
        total(_OBJECTS),
        table(_GRAPHS, "g"),
        table(_CLASSES, "class"),
        table(_PROPERTIES, "p"),
        tuple(article for article in articles if isinstance(article, NamedNode)),
    )


def has_union(release: Release) -> bool:
    """Say whether the default graph of a release is the union of its named graphs."""
    return (release.folder / "dump.nt").exists()


def _number(row: Row) -> int:
    count = row["n"]
    assert isinstance(count, Literal)
    return int(count.value)


@blueprint.route("/.well-known/void")
def void() -> Response:
    """Describe the dataset: VoID and DCAT."""
    format_ = wanted(GRAPHS) or GRAPHS[0]
    return cached(
        f"void-{format_.suffix}",
        lambda: write(_void(engine().release()), format_, iris()),
        format_.content_type,
    )


def service_description(format_: Format) -> Response:
    """Describe the endpoint (SPARQL 1.1 Service Description)."""
    return cached(
        f"service-{format_.suffix}",
        lambda: write(_service(engine().release()), format_, iris()),
        format_.content_type,
    )


@blueprint.route("/health")
def health() -> Response:
    """Say whether the store answers: 200 only then."""
    try:
        engine().rows("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1")
        body = f"ok {engine().release().id}\n"
    except Exception as error:  # whatever stops the store from answering is the answer
        return refusal(503, f"The store does not answer: {error}")
    return Response(body, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})


@blueprint.route("/robots.txt")
def robots() -> Response:
    """Let crawlers read the pages and spare the endpoint."""
    text = "User-agent: *\nDisallow: /sparql?\nDisallow: /dump.\n"
    return Response(text, content_type="text/plain; charset=utf-8")


class _Writer:
    """Yields quads from prefixed names."""

    def __init__(self, names: Iris, graph: NamedNode) -> None:
        self.prefixes = names.prefixes
        self.graph = graph

    def term(self, name: str) -> NamedNode:
        prefix, _, local = name.partition(":")
        return NamedNode(self.prefixes[prefix] + local)

    def about(self, subject: NamedNode, *pairs: tuple[str, NamedNode | str | int]) -> Iterator[Quad]:
        for name, value in pairs:
            predicate = self.term("rdf:type" if name == "a" else name)
            if isinstance(value, NamedNode):
                yield Quad(subject, predicate, value, self.graph)
            elif name == "a":
                yield Quad(subject, predicate, self.term(str(value)), self.graph)
            else:
                yield Quad(subject, predicate, Literal(value), self.graph)


def _service(release: Release) -> Iterator[Quad]:
    # The endpoint is where it was found, not where the data's IRIs would have it.
    endpoint = NamedNode(request.base_url)
    service, dataset = NamedNode(f"{endpoint.value}#service"), NamedNode(f"{endpoint.value}#dataset")
    graph = NamedNode(f"{endpoint.value}#default-graph")
    writer, total = _Writer(Iris(release.base), endpoint), counts()
    yield from writer.about(
        service,
        ("a", "sd:Service"),
        ("sd:endpoint", endpoint),
        ("sd:supportedLanguage", writer.term("sd:SPARQL11Query")),
        ("sd:defaultDataset", dataset),
    )
    if has_union(release):
        yield from writer.about(service, ("sd:feature", writer.term("sd:UnionDefaultGraph")))
    for format_ in (*RESULTS, *GRAPHS):
        if format_.writer is not None:
            yield from writer.about(service, ("sd:resultFormat", NamedNode(format_.writer.iri)))
    yield from writer.about(dataset, ("a", "sd:Dataset"), ("sd:defaultGraph", graph))
    yield from writer.about(graph, ("a", "sd:Graph"), ("void:triples", total.triples))
    for name, triples in total.graphs.items():
        # A graph's description is a thing of its own: the graph's IRI may be a reading, or an ontology.
        node = NamedNode(f"{endpoint.value}#{name.value.removeprefix(release.base)}")
        yield from writer.about(dataset, ("sd:namedGraph", node))
        yield from writer.about(
            node, ("a", "sd:NamedGraph"), ("sd:name", name), ("sd:graph", NamedNode(f"{node.value}-graph"))
        )
        yield from writer.about(
            NamedNode(f"{node.value}-graph"), ("a", "sd:Graph"), ("void:triples", triples)
        )


def _void(release: Release) -> Iterator[Quad]:
    names, total, root = Iris(release.base), counts(), request.url_root
    document = NamedNode(f"{names.base}.well-known/void")
    dataset = NamedNode(f"{document.value}#dataset")
    writer = _Writer(names, document)
    yield from writer.about(document, ("a", "void:DatasetDescription"), ("foaf:primaryTopic", dataset))
    yield from writer.about(
        dataset,
        ("a", "void:Dataset"),
        ("a", "dcat:Dataset"),
        ("dct:title", "Hearsay: who is said to have said what"),
        ("dct:identifier", release.id),
        ("void:sparqlEndpoint", NamedNode(f"{root}sparql")),
        ("void:dataDump", NamedNode(f"{root}dump.nq")),
        ("void:uriSpace", names.base),
        ("void:triples", total.triples),
        ("void:distinctSubjects", total.subjects),
        ("void:distinctObjects", total.objects),
        ("void:classes", len(total.classes)),
        ("void:properties", len(total.properties)),
        ("void:vocabulary", NamedNode(f"{names.base}ontology#")),
    )
    issued = Literal(release.built, datatype=writer.term("xsd:dateTime"))
    yield Quad(dataset, writer.term("dct:issued"), issued, document)
    for format_ in GRAPHS:
        if format_.writer is not None:
            yield from writer.about(dataset, ("void:feature", NamedNode(format_.writer.iri)))
    for article in total.articles:
        yield from writer.about(dataset, ("void:rootResource", article))
    for number, (term, count) in enumerate(total.classes.items()):
        node = NamedNode(f"{document.value}#class-{number}")
        yield from writer.about(dataset, ("void:classPartition", node))
        yield from writer.about(node, ("void:class", term), ("void:entities", count))
    for number, (term, count) in enumerate(total.properties.items()):
        node = NamedNode(f"{document.value}#property-{number}")
        yield from writer.about(dataset, ("void:propertyPartition", node))
        yield from writer.about(node, ("void:property", term), ("void:triples", count))
    for name, media_type, title in (
        ("dump.nq", "application/n-quads", "N-Quads, with named graphs"),
        ("dump.nt", "application/n-triples", "N-Triples, the union of the graphs"),
    ):
        if (release.folder / name).exists():
            node = NamedNode(f"{document.value}#{name}")
            kind = NamedNode(f"https://www.iana.org/assignments/media-types/{media_type}")
            yield from writer.about(dataset, ("dcat:distribution", node))
            yield from writer.about(
                node,
                ("a", "dcat:Distribution"),
                ("dct:title", title),
                ("dcat:downloadURL", NamedNode(f"{root}{name}")),
                ("dcat:mediaType", kind),
                ("dcat:byteSize", (release.folder / name).stat().st_size),
            )
