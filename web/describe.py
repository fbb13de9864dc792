"""What the service is, in RDF: nothing here that is not so; and the small files for machines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from urllib.parse import quote

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode, Quad

from kg.iris import Iris
from kg.store import Release
from web.answers import cached, engine, iris, refusal, wanted
from web.counts import counts
from web.formats import GRAPHS, RESULTS, Format
from web.rdf import write
from web.statements import Statements
from web.void import void_quads

blueprint = Blueprint("describe", __name__)

# A corpus has a graph for each reading: beyond so many a query lists them better.
_MAX_GRAPHS = 1000


@blueprint.route("/.well-known/void")
def void() -> Response:
    """Describe the dataset: VoID and DCAT."""
    return _description("void", void_quads, wanted(GRAPHS) or GRAPHS[0])


def service_description(format_: Format) -> Response:
    """Describe the endpoint (SPARQL 1.1 Service Description)."""
    return _description("service", _service, format_)


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


def _description(kind: str, quads: Callable[[Release], Iterator[Quad]], format_: Format) -> Response:
    # A description names the host that it was asked of, so its entity tag does too.
    root = hashlib.blake2b(request.url_root.encode(), digest_size=4).hexdigest()
    return cached(
        f"{kind}-{root}-{format_.suffix}",
        lambda: write(quads(engine().release()), format_, iris()),
        format_.content_type,
    )


def _service(release: Release) -> Iterator[Quad]:
    # The endpoint is where it was found, not where the data's IRIs would have it.
    endpoint = NamedNode(request.base_url)
    service, dataset = NamedNode(f"{endpoint.value}#service"), NamedNode(f"{endpoint.value}#dataset")
    graph = NamedNode(f"{endpoint.value}#default-graph")
    say, total = Statements(Iris(release.base), endpoint), counts()
    yield from say.about(
        service,
        ("a", "sd:Service"),
        ("sd:endpoint", endpoint),
        ("sd:supportedLanguage", say.term("sd:SPARQL11Query")),
        ("sd:defaultDataset", dataset),
        ("rdfs:seeAlso", NamedNode(f"{request.url_root}.well-known/void")),
        ("rdfs:seeAlso", NamedNode(f"{request.url_root}.well-known/sparql-examples")),
    )
    if total.union:
        yield from say.about(service, ("sd:feature", say.term("sd:UnionDefaultGraph")))
    for format_ in (*RESULTS, *GRAPHS):
        if format_.writer is not None:
            yield from say.about(service, ("sd:resultFormat", NamedNode(format_.writer.iri)))
    yield from say.about(dataset, ("a", "sd:Dataset"), ("sd:defaultGraph", graph))
    yield from say.about(graph, ("a", "sd:Graph"), ("void:triples", total.triples))
    for name, triples in islice(total.graphs.items(), _MAX_GRAPHS):
        # A graph's description is a thing of its own: the graph's IRI may be a reading, or an ontology.
        path = quote(name.value.removeprefix(release.base), safe="/:.-_~")
        node, contents = NamedNode(f"{endpoint.value}#{path}"), NamedNode(f"{endpoint.value}#{path}-graph")
        yield from say.about(dataset, ("sd:namedGraph", node))
        yield from say.about(node, ("a", "sd:NamedGraph"), ("sd:name", name), ("sd:graph", contents))
        yield from say.about(contents, ("a", "sd:Graph"), ("void:triples", triples))
    if len(total.graphs) > _MAX_GRAPHS:
        note = (
            f"The first {_MAX_GRAPHS:,} of {len(total.graphs):,} graphs are listed; a query lists them all."
        )
        yield from say.about(dataset, ("rdfs:comment", Literal(note, language="en")))
