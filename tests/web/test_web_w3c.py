"""The W3C's tests of the SPARQL 1.1 Protocol, Service Description and Graph Store Protocol, over HTTP.

The service is read-only. Of a test that writes, the write must be refused as documented, and what the
suite reads afterwards must find the store as it was; of the graph store's tests, each reading request
finds in the store what the suite's own writes would have made.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, parse, serialize
from rdflib import RDF, RDFS, Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from smallstore import BASE, served
from w3c_manifest import Case, Exchange, graphs, read

ROOT = Path(__file__).parents[2]
PROTOCOL = read("protocol", "manifest.ttl")
DIRECT = read("graph-store-protocol", "manifest-direct.ttl")
INDIRECT = read("graph-store-protocol", "manifest-indirect.ttl")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
WRITES = ("PUT", "POST", "DELETE", "PATCH")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a store that `python -m kg load` made of the suite's graphs."""
    folder = tmp_path_factory.mktemp("w3c")
    data = folder / "data.nq"
    data.write_bytes(serialize(quads(), format=RdfFormat.N_QUADS) or b"")
    command = [sys.executable, "-m", "kg", "load", str(data), "--out", str(folder / "store")]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, timeout=60)
    with served(folder / "store") as address:
        yield address


def quads() -> Iterator[Quad]:
    for iri, path in graphs("protocol", "manifest.ttl").items():
        for quad in parse(path=str(path)):
            yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(iri))
    for case in (*DIRECT, *INDIRECT):
        for step, exchange in enumerate(case.exchanges):
            if exchange.method in ("GET", "HEAD") and exchange.allows(200):
                body = exchange.expected.body or case.exchanges[step - 1].request.body
                for quad in parse(body, format=RdfFormat.TURTLE, rename_blank_nodes=True):
                    yield Quad(quad.subject, quad.predicate, quad.object, where(case, step))


def where(case: Case, step: int) -> NamedNode | BlankNode | DefaultGraph:
    """Return the graph in which a step of a test finds what it reads: each has its own."""
    path = httpx.URL(url(case, step)).copy_with(query=None)
    names = httpx.QueryParams(url(case, step).partition("?")[2])
    if "default" in names:
        return DefaultGraph()
    return NamedNode(names["graph"] if "graph" in names else BASE + str(path).removeprefix("/"))


def url(case: Case, step: int) -> str:
    """Return the path of a request as this server has it: the manifest leaves its beginning open."""
    path = case.exchanges[step].path.replace("$LOCATION$", "http://www.example/gsp/new")
    own = f"{case.name}-{step}".replace("_", "-").replace("--", "-")
    return (
        path.replace("/gsp/person", f"/graph/{own}/person")
        if path.startswith("/gsp/")
        else path.replace("/gsp?", "/graph-store?", 1).replace("www.example", f"{own}.example")
        if "?" in path
        else "/graph-store"
    )


def send(root: str, exchange: Exchange, path: str) -> httpx.Response:
    message = exchange.request
    return httpx.request(exchange.method, root + path, content=message.body, headers=message.headers)


@pytest.mark.parametrize("case", PROTOCOL, ids=lambda case: case.name)
def test_protocol(root: str, case: Case) -> None:
    refused = False
    for exchange in case.exchanges:
        response = send(root, exchange, exchange.path.replace("/sparql/", "/sparql", 1))
        update = case.name.startswith("update_") and b"ASK" not in exchange.request.body
        if update:
            refused = True
            assert (response.status_code, "read-only" in response.text) == (403, True)
            continue
        assert exchange.allows(response.status_code), response.text
        if exchange.boolean is not None:
            # What an update would have made is not there.
            assert response.json()["boolean"] is (exchange.boolean and not refused)
        if response.status_code >= 400:
            assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert response.text.endswith(".\n")
        elif case.name.startswith("query_content_type_"):
            kind = response.headers["Content-Type"]
            select = case.name.rpartition("_")[2] in ("select", "ask")
            assert kind == ("application/sparql-results+json" if select else "text/turtle; charset=utf-8")


STEPS = [
    pytest.param(case, step, id=f"{case.name}-{step}-{exchange.method}")
    for case in (*DIRECT, *INDIRECT)
    for step, exchange in enumerate(case.exchanges)
]


@pytest.mark.parametrize(("case", "step"), STEPS)
def test_graph_store(root: str, case: Case, step: int) -> None:
    exchange = case.exchanges[step]
    response = send(root, exchange, url(case, step))
    if exchange.method in WRITES:
        assert response.status_code == 405
        assert {"GET", "HEAD"} <= set(response.headers["Allow"].split(", "))
        return
    assert exchange.allows(response.status_code), response.text
    for name, value in exchange.expected.headers.items():
        assert response.headers[name] == value
    if exchange.expected.body:
        expected = Graph().parse(data=exchange.expected.body, format="turtle")
        assert isomorphic(Graph().parse(data=response.content, format="turtle"), expected)


def test_the_suite_is_whole() -> None:
    assert (len(PROTOCOL), len(DIRECT), len(INDIRECT)) == (34, 5, 9)


# Service Description


def description(root: str, accept: str) -> Graph:
    response = httpx.get(f"{root}/sparql", headers={"Accept": accept})
    assert response.status_code == 200
    return Graph().parse(data=response.content, format=response.headers["Content-Type"].partition(";")[0])


@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "application/n-triples", "*/*"])
def test_returns_rdf(root: str, accept: str) -> None:
    assert len(description(root, accept)) > 10


def test_has_endpoint_triple(root: str) -> None:
    assert list(description(root, "text/turtle").objects(None, SD.endpoint)) == [URIRef(f"{root}/sparql")]


# Each property of the vocabulary: the class of its subject, and the class of its object if it has one here.
SCHEMA = {
    SD.endpoint: (SD.Service, None),
    SD.feature: (SD.Service, SD.Feature),
    SD.defaultEntailmentRegime: (SD.Service, None),
    SD.supportedEntailmentProfile: (SD.Service, None),
    SD.entailmentRegime: (SD.NamedGraph, None),
    SD.extensionFunction: (SD.Service, SD.Function),
    SD.extensionAggregate: (SD.Service, SD.Aggregate),
    SD.languageExtension: (SD.Service, SD.Feature),
    SD.supportedLanguage: (SD.Service, SD.Language),
    SD.propertyFeature: (SD.Service, SD.Feature),
    SD.defaultDataset: (SD.Service, SD.Dataset),
    SD.availableGraphs: (SD.Service, SD.GraphCollection),
    SD.resultFormat: (SD.Service, None),
    SD.inputFormat: (SD.Service, None),
    SD.defaultGraph: (SD.Dataset, SD.Graph),
    SD.namedGraph: (SD.GraphCollection, SD.NamedGraph),
    SD.name: (SD.NamedGraph, None),
    SD.graph: (SD.NamedGraph, SD.Graph),
}


def test_conforms_to_schema(root: str) -> None:
    graph = description(root, "text/turtle")
    (service,) = graph.subjects(RDF.type, SD.Service)
    assert len(set(graph.objects(service, SD.endpoint))) == 1
    classes = {kind for row in SCHEMA.values() for kind in row if kind}
    for subject, predicate, value in graph:
        if predicate == RDF.type and str(value).startswith(SD):
            assert value in classes, value
        if not str(predicate).startswith(SD):
            continue
        domain, range_ = SCHEMA[URIRef(str(predicate))]
        assert isinstance(value, URIRef), predicate
        # What has a type has the one that the vocabulary gives it.
        kinds = {URIRef(str(kind)) for kind in graph.objects(subject, RDF.type)}
        assert domain in kinds | ({SD.GraphCollection} if SD.Dataset in kinds else set())
        if range_ in (SD.Dataset, SD.Graph, SD.NamedGraph):
            assert (value, RDF.type, range_) in graph
    for node in graph.subjects(RDF.type, SD.NamedGraph):
        assert len(list(graph.objects(node, SD.name))) == 1
    assert not list(graph.objects(None, RDFS.domain))
