"""Real clients against a real server on the loopback address."""

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pandas
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from smallstore import BASE, CAPTAIN, CREWS_PAID, DENIALS, DENIALS_CSV, served, write_small
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, RDFXML, TURTLE, URLENCODED, XML, SPARQLWrapper

HS = rdflib.Namespace(f"{BASE}ontology#")
CONSTRUCT = "CONSTRUCT { ?s hs:denies ?claim } WHERE { ?s hs:denies ?claim }"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(write_small(tmp_path_factory.mktemp("store"))) as address:
        yield address


def wrapper(root: str, query: str, format_: str) -> Any:
    client = SPARQLWrapper(f"{root}/sparql")
    client.setQuery(f"PREFIX hs: <{HS}>\n{query}")
    client.setReturnFormat(format_)
    return client


@pytest.mark.parametrize("method", ["GET", URLENCODED, POSTDIRECTLY])
def test_sparqlwrapper_gets_json(root: str, method: str) -> None:
    client = wrapper(root, DENIALS, JSON)
    if method != "GET":
        client.setMethod(POST)
        client.setRequestMethod(method)
    (row,) = client.queryAndConvert()["results"]["bindings"]
    assert (row["who"]["value"], row["claim"]["value"]) == (CAPTAIN, CREWS_PAID)


def test_sparqlwrapper_gets_csv_and_xml(root: str) -> None:
    assert wrapper(root, DENIALS, CSV).queryAndConvert() == DENIALS_CSV.encode()
    document = wrapper(root, DENIALS, XML).queryAndConvert()
    assert [uri.firstChild.data for uri in document.getElementsByTagName("uri")] == [CAPTAIN, CREWS_PAID]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_sparqlwrapper_gets_graphs(root: str) -> None:
    graph = wrapper(root, CONSTRUCT, RDFXML).queryAndConvert()
    assert list(graph.objects(None, HS.denies)) == [rdflib.URIRef(CREWS_PAID)]
    turtle = wrapper(root, CONSTRUCT, TURTLE).queryAndConvert()
    assert b"hs:denies" in turtle


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_queries_the_endpoint_as_a_store(root: str, method: str) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{root}/sparql", method=method))
    rows: Any = graph.query(DENIALS, initNs={"hs": HS})
    assert [tuple(map(str, row)) for row in rows] == [(CAPTAIN, CREWS_PAID)]
    assert list(graph.objects(None, HS.denies)) == [rdflib.URIRef(CREWS_PAID)]
    assert bool(graph.query("ASK { ?s hs:denies ?c }", initNs={"hs": HS}))


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_rdflib_follows_a_thing_to_its_document(root: str) -> None:
    for format_ in (None, "turtle", "json-ld", "xml", "nt"):
        graph = rdflib.Graph().parse(f"{root}/id/claim/crews-paid", format=format_)
        assert (None, HS.denies, rdflib.URIRef(CREWS_PAID)) in graph, format_


def test_pandas_reads_a_plain_url_without_an_accept_header(root: str) -> None:
    url = httpx.URL(f"{root}/sparql", params={"query": DENIALS, "format": "csv"})
    frame = pandas.read_csv(str(url))
    assert frame.to_dict("records") == [{"who": CAPTAIN, "claim": CREWS_PAID}]


def test_httpx_is_given_json_by_default_and_keeps_its_connection(root: str) -> None:
    with httpx.Client(base_url=root) as client:
        for _ in range(3):
            response = client.get("/sparql", params={"query": DENIALS})
            assert response.headers["Content-Type"] == "application/sparql-results+json"
            assert response.json()["head"] == {"vars": ["who", "claim"]}
        assert client.get("/sparql", params={"query": "SELECT"}).status_code == 400
        assert client.head("/dump.nq").status_code == 200
        assert client.get("/dump.nq").text.count("\n") > 300


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_gets_turtle_and_results(root: str) -> None:
    def curl(*arguments: str) -> str:
        command = ["curl", "--silent", "--show-error", "--noproxy", "*", *arguments]
        return subprocess.run(command, check=True, capture_output=True, timeout=30).stdout.decode()

    assert 'skos:prefLabel "the mayor"@en' in curl(
        "-L", "-H", "Accept: text/turtle", f"{root}/id/actor/mayor"
    )
    assert curl("--data-urlencode", f"query={DENIALS}", f"{root}/sparql?format=csv") == DENIALS_CSV
    assert curl("-H", "Content-Type: application/sparql-query", "-d", "ASK {}", f"{root}/sparql") == (
        '{"head":{},"boolean":true}'
    )
