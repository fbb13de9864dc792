from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse
from smallstore import BASE, FIXTURE, small_client

from kg.settings import Settings
from web import create_app

VOID = "http://rdfs.org/ns/void#"
INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return small_client(tmp_path_factory.mktemp("store"))


def test_void_counts_what_is_there(client: FlaskClient) -> None:
    store = Store()
    store.extend(parse(client.get("/.well-known/void").data, format=RdfFormat.TURTLE))
    dataset = NamedNode(f"{BASE}.well-known/void#dataset")

    def value(name: str) -> str:
        (quad,) = store.quads_for_pattern(dataset, NamedNode(VOID + name), None)
        assert isinstance(quad.object, NamedNode | Literal)
        return quad.object.value

    triples = {quad.triple for quad in parse(path=str(FIXTURE))}
    assert value("triples") == str(len(triples))
    assert value("distinctSubjects") == str(len({triple.subject for triple in triples}))
    assert value("properties") == str(len({triple.predicate for triple in triples}))
    assert value("sparqlEndpoint") == "http://localhost/sparql"
    assert value("dataDump") == "http://localhost/dump.nq"
    (partition,) = store.quads_for_pattern(
        None, NamedNode(VOID + "class"), NamedNode(f"{BASE}ontology#Claim")
    )
    assert [
        q.object for q in store.quads_for_pattern(partition.subject, NamedNode(VOID + "entities"), None)
    ] == [Literal("4", datatype=INTEGER)]
    assert client.get("/.well-known/void", headers={"Accept": "application/rdf+xml"}).status_code == 200


def test_health_is_good_only_while_the_store_answers(tmp_path: Path, client: FlaskClient) -> None:
    good = client.get("/health")
    assert good.status_code == 200
    assert good.text.startswith("ok ")
    without = create_app(Settings(store=str(tmp_path / "none"))).test_client()
    bad = without.get("/health")
    assert bad.status_code == 503
    assert "there is no store" in bad.text
    for path in ("/", "/sparql?query=ASK{}", "/doc/actor/mayor", "/dump.nq"):
        response = without.get(path)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5"), path


def test_crawlers_and_browsers_find_their_files(client: FlaskClient) -> None:
    assert "Disallow: /sparql?" in client.get("/robots.txt").text
    icon = client.get("/favicon.ico")
    assert icon.mimetype == "image/svg+xml"
    icon.close()
