"""Real clients against a real server on the loopback address."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import owlready2
import pandas
import pytest
import rdflib
from npm import run_node
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


@pytest.mark.parametrize("parameters", [{}, {"format": "csv"}, {"output": "text/csv"}])
def test_pandas_reads_a_plain_url(root: str, parameters: dict[str, str]) -> None:
    url = httpx.URL(f"{root}/sparql", params={"query": DENIALS, **parameters})
    frame = pandas.read_csv(str(url))
    assert frame.to_dict("records") == [{"who": CAPTAIN, "claim": CREWS_PAID}]


def test_owlready2_loads_the_ontology_by_its_iri(root: str) -> None:
    for path in ("ontology", "ontology.owl"):
        ontology = owlready2.World().get_ontology(f"{root}/{path}").load()
        assert {"Denial", "Assertion"} <= {each.name for each in ontology.classes()}


def test_comunica_queries_the_endpoint(root: str) -> None:
    # It finds out what the first source is from the service description, and is told what the second is.
    sources = [f"{root}/sparql", {"type": "sparql", "value": f"{root}/sparql"}]
    hs = f"PREFIX hs: <{HS}> "
    queries = [hs + query for query in (DENIALS, "ASK { ?s hs:denies ?o }", CONSTRUCT)]
    answers = json.loads(run_node("query.mjs", json.dumps(sources), *queries).stdout)
    for rows, truth, graph in (answers[:3], answers[3:]):
        assert json.loads(rows) == [{"who": CAPTAIN, "claim": CREWS_PAID}]
        assert truth.strip() == "true"
        assert f"<{HS}denies> <{CREWS_PAID}> ." in graph


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
