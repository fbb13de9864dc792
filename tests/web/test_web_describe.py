"""What the service says of itself is so: every number is counted again, by query, over HTTP."""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store, parse
from smallstore import BASE, FIXTURE, small_client

from kg.iris import PREFIXES
from kg.settings import Settings
from web import create_app
from web.formats import GRAPHS, RESULTS

Row = tuple[str, ...]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return small_client(tmp_path_factory.mktemp("store"))


def described(client: FlaskClient, path: str) -> Store:
    store = Store()
    store.extend(parse(client.get(path, headers={"Accept": "text/turtle"}).data, format=RdfFormat.TURTLE))
    return store


def said(store: Store, query: str) -> list[Row]:
    rows = store.query(query, prefixes=PREFIXES)
    assert isinstance(rows, QuerySolutions)
    return sorted(tuple(term.value for term in row if isinstance(term, NamedNode | Literal)) for row in rows)


def asked(client: FlaskClient, query: str) -> list[Row]:
    text = client.get("/sparql", query_string={"query": query, "format": "csv"}).text
    return sorted(tuple(line.split(",")) for line in text.splitlines()[1:])


@pytest.mark.parametrize(
    ("claim", "count"),
    [
        ("void:triples", "COUNT(*)"),
        ("void:distinctSubjects", "COUNT(DISTINCT ?s)"),
        ("void:distinctObjects", "COUNT(DISTINCT ?o)"),
        ("void:properties", "COUNT(DISTINCT ?p)"),
    ],
)
def test_the_totals_of_void_are_recounted(client: FlaskClient, claim: str, count: str) -> None:
    void = described(client, "/.well-known/void")
    claimed = said(void, f"SELECT ?n {{ ?d a void:Dataset ; {claim} ?n }}")
    assert claimed == asked(client, f"SELECT ({count} AS ?n) {{ ?s ?p ?o }}")
    assert int(claimed[0][0]) > 10


def test_the_partitions_of_void_are_recounted(client: FlaskClient) -> None:
    void = described(client, "/.well-known/void")
    classes = said(void, "SELECT ?c ?n { [] void:classPartition [ void:class ?c ; void:entities ?n ] }")
    assert classes == asked(
        client, "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c FILTER(isIRI(?c)) } GROUP BY ?c"
    )
    properties = said(
        void, "SELECT ?p ?n { [] void:propertyPartition [ void:property ?p ; void:triples ?n ] }"
    )
    assert properties == asked(client, "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")
    assert said(void, "SELECT ?n { ?d void:classes ?n }") == [(str(len(classes)),)]


def test_the_graphs_of_the_service_are_recounted(client: FlaskClient) -> None:
    service = described(client, "/sparql")
    graphs = said(service, "SELECT ?g ?n { [] sd:namedGraph [ sd:name ?g ; sd:graph [ void:triples ?n ] ] }")
    assert graphs == asked(client, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert len(graphs) == 8
    default = said(service, "SELECT ?n { [] sd:defaultGraph [ void:triples ?n ] }")
    assert default == asked(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")


def test_the_list_of_graphs_may_be_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["web.describe"], "_MAX_GRAPHS", 3)
    service = described(small_client(tmp_path), "/sparql")
    assert len(said(service, "SELECT ?g { [] sd:namedGraph/sd:name ?g }")) == 3
    assert said(service, "SELECT ?n { ?d a sd:Dataset ; rdfs:comment ?n }") == [
        ("The first 3 of 8 graphs are listed; a query lists them all.",)
    ]


def test_the_formats_of_the_service_are_those_served(client: FlaskClient) -> None:
    listed = {row[0] for row in said(described(client, "/sparql"), "SELECT ?f { [] sd:resultFormat ?f }")}
    served = set()
    for query, formats in (("SELECT * {}", RESULTS), ("CONSTRUCT WHERE { ?s a ?c }", GRAPHS)):
        for format_ in formats:
            response = client.get(
                "/sparql", query_string={"query": query}, headers={"Accept": format_.media_type}
            )
            if response.mimetype == format_.media_type and format_.writer:
                served.add(format_.writer.iri)
    assert listed == served
    assert len(listed) == 10


def test_only_features_that_are_there_are_claimed(client: FlaskClient) -> None:
    service = described(client, "/sparql")
    features = [row[0].rpartition("#")[2] for row in said(service, "SELECT ?f { [] sd:feature ?f }")]
    assert features == ["UnionDefaultGraph"]
    assert asked(client, "SELECT ?s { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }") == []
    assert asked(client, "SELECT ?s { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } }") == []
    languages = said(service, "SELECT ?l { [] sd:supportedLanguage ?l }")
    assert [row[0].rpartition("#")[2] for row in languages] == ["SPARQL11Query"]
    for query in ("SELECT * { SERVICE <http://127.0.0.1:1/> {} }", "INSERT DATA {}"):
        assert client.get("/sparql", query_string={"query": query}).status_code == 400


def links(store: Store) -> Iterator[str]:
    for name in (
        "dcat:downloadURL",
        "dcat:endpointURL",
        "void:dataDump",
        "void:sparqlEndpoint",
        "rdfs:seeAlso",
    ):
        yield from (row[0] for row in said(store, f"SELECT ?x {{ ?s {name} ?x }}"))


def test_every_address_that_is_given_answers(client: FlaskClient) -> None:
    for path in ("/.well-known/void", "/sparql"):
        for url in set(links(described(client, path))):
            assert url.startswith("http://localhost/")
            query = "?default" if url.endswith("/graph-store") else ""
            with client.get(urlsplit(url).path + query) as response:
                assert response.status_code == 200, url


def test_the_dumps_have_the_size_that_is_said(client: FlaskClient) -> None:
    void = described(client, "/.well-known/void")
    sizes = said(void, "SELECT ?url ?size { [] dcat:downloadURL ?url ; dcat:byteSize ?size }")
    assert [row[0] for row in sizes] == ["http://localhost/dump.nq", "http://localhost/dump.nt"]
    for url, size in sizes:
        with client.get(urlsplit(url).path) as response:
            assert len(response.data) == int(size)


def test_the_release_and_the_licences_are_those_of_the_data(tmp_path: Path) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    client = small_client(
        tmp_path, extra=f"<{BASE}ontology> <http://purl.org/dc/terms/license> <{licence}> ."
    )
    void = described(client, "/.well-known/void")
    assert said(void, "SELECT ?part ?l { ?part dct:license ?l ; dct:isPartOf ?d }") == [
        (f"{BASE}ontology", licence)
    ]
    (id_,) = said(void, "SELECT ?id { ?d a dcat:Dataset ; dct:identifier ?id }")
    assert client.get("/health").text == f"ok {id_[0]}\n"


def test_void_counts_the_file_it_was_made_of(client: FlaskClient) -> None:
    triples = {quad.triple for quad in parse(path=str(FIXTURE))}
    void = described(client, "/.well-known/void")
    assert said(void, "SELECT ?n { ?d a void:Dataset ; void:triples ?n }") == [(str(len(triples)),)]
    assert said(
        void, "SELECT ?n { [] void:class <https://w3id.org/hearsay/ontology#Claim> ; void:entities ?n }"
    ) == [("4",)]


def test_the_description_of_another_host_has_another_tag(client: FlaskClient) -> None:
    tags = [client.get("/sparql", base_url=f"http://{host}/").headers["ETag"] for host in ("a", "b", "a")]
    assert tags[0] == tags[2] != tags[1]


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
