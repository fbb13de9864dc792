import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, RdfFormat, parse
from smallstore import BASE, CHROME, COMUNICA, FIXTURE, HASH, TEXT, small_client, write_small
from werkzeug.test import TestResponse

import web.document
from kg.settings import Settings
from web import create_app
from web.formats import GRAPHS

HS = f"{BASE}ontology#"
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
ANCHOR = NamedNode("http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#anchorOf")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return small_client(tmp_path_factory.mktemp("store"))


def quads(response: TestResponse) -> list[Quad]:
    format_ = RdfFormat.from_media_type(response.content_type)
    assert response.status_code == 200
    assert format_, response.content_type
    return list(parse(response.data, format=format_, base_iri="http://localhost/"))


def triples(response: TestResponse) -> set[str]:
    return {str(quad.triple) for quad in quads(response)}


def hs(name: str) -> NamedNode:
    return NamedNode(HS + name)


# /id → 303 → /doc


@pytest.mark.parametrize("accept", [None, "*/*", "text/turtle", CHROME, COMUNICA])
def test_a_thing_sends_to_its_document(client: FlaskClient, accept: str | None) -> None:
    response = client.get("/id/actor/mayor", headers={} if accept is None else {"Accept": accept})
    assert response.status_code == 303
    assert response.headers["Location"] == "/doc/actor/mayor"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/id/actor/mayor.ttl").headers["Location"] == "/doc/actor/mayor.ttl"
    assert client.get("/id/actor/mayor?format=nt").headers["Location"] == "/doc/actor/mayor?format=nt"


@pytest.mark.parametrize(
    ("accept", "content_type", "location"),
    [
        (None, "text/turtle; charset=utf-8", "/doc/actor/mayor.ttl"),
        ("*/*", "text/turtle; charset=utf-8", "/doc/actor/mayor.ttl"),
        ("application/ld+json", "application/ld+json", "/doc/actor/mayor.jsonld"),
        ("application/n-triples", "application/n-triples", "/doc/actor/mayor.nt"),
        ("application/rdf+xml", "application/rdf+xml", "/doc/actor/mayor.rdf"),
        ("application/trig", "application/trig", "/doc/actor/mayor.trig"),
        ("application/n-quads, text/turtle;q=0.4", "application/n-quads", "/doc/actor/mayor.nq"),
        # Its query looks at the default graph only, so what it gets is triples.
        (COMUNICA, "application/ld+json", "/doc/actor/mayor.jsonld"),
        (CHROME, "text/html; charset=utf-8", "/doc/actor/mayor.html"),
    ],
)
def test_a_document_is_negotiated(
    client: FlaskClient, accept: str | None, content_type: str, location: str
) -> None:
    response = client.get("/doc/actor/mayor", headers={} if accept is None else {"Accept": accept})
    assert (response.status_code, response.content_type) == (200, content_type)
    assert response.headers["Content-Location"] == location
    assert response.headers["Vary"] in ("Accept", "Accept, Accept-Encoding")
    assert f'<{BASE}id/actor/mayor>; rel="describes"' in response.headers["Link"]
    alternates = response.headers["Link"].count('rel="alternate"')
    assert alternates == 6
    assert client.get(location).data == response.data


@pytest.mark.parametrize(
    ("suffix", "content_type"),
    [
        ("ttl", "text/turtle; charset=utf-8"),
        ("jsonld", "application/ld+json"),
        ("nt", "application/n-triples"),
        ("rdf", "application/rdf+xml"),
        ("trig", "application/trig"),
        ("nq", "application/n-quads"),
        ("html", "text/html; charset=utf-8"),
    ],
)
def test_a_suffix_fixes_the_format(client: FlaskClient, suffix: str, content_type: str) -> None:
    response = client.get(f"/doc/actor/mayor.{suffix}", headers={"Accept": "application/x-other"})
    assert (response.status_code, response.content_type) == (200, content_type)
    assert response.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"


def test_a_parameter_names_the_format_of_a_document(client: FlaskClient) -> None:
    assert client.get("/doc/actor/mayor?format=ntriples").content_type == "application/n-triples"


def test_a_type_that_is_not_to_be_had_is_refused_with_those_that_are(client: FlaskClient) -> None:
    response = client.get("/doc/actor/mayor", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/turtle, application/n-triples, application/ld+json" in response.text


@pytest.mark.parametrize(
    "path",
    [
        "/id/actor/nobody",
        "/doc/actor/nobody",
        "/doc/actor/nobody.ttl",
        "/doc/actor/mayor.exe",
        "/doc/../../etc/passwd",
        "/doc/actor/%3Cscript%3E",
        "/doc/actor/mayor%3E%20%7D%20SELECT",
        "/graph/none",
        "/graph/actors.exe",
        "/ontology.exe",
        "/ontology/9.9.9",
        "/alignments",
        "/dump.exe",
        "/article/none",
        "/nothing",
    ],
)
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    assert (plain.status_code, plain.content_type) == (404, "text/plain; charset=utf-8")
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    page = client.get(path, headers={"Accept": CHROME})
    assert (page.status_code, page.content_type) == (404, "text/html; charset=utf-8")
    assert "<script" not in page.text


# What a document says


def test_a_document_says_what_is_said_of_a_thing_and_what_points_to_it(client: FlaskClient) -> None:
    found = triples(client.get("/doc/claim/crews-paid.nt"))
    claim, denial = f"<{BASE}id/claim/crews-paid>", f"<{BASE}id/statement/{HASH}-captain-nonsense>"
    assert f'{claim} <{HS}canonicalText> "The crews were paid to dump oil."@en' in found
    assert f"{claim} <{HS}deniedBy> <{BASE}id/actor/captain>" in found
    assert f"{denial} <{HS}denies> {claim}" in found
    # What the neighbours are called, and what they are.
    assert f'<{BASE}id/actor/captain> {LABEL} "a captain"@en' in found
    assert f"{denial} {TYPE} <{HS}Denial>" in found
    assert f"<{BASE}doc/claim/crews-paid> <http://xmlns.com/foaf/0.1/primaryTopic> {claim}" in found


def test_a_text_gives_its_spans(client: FlaskClient) -> None:
    found = triples(client.get(f"/doc/text/{TEXT}.nt"))
    # Code points: the headline begins with a character that takes two UTF-16 units.
    assert f'<{BASE}id/text/{TEXT}#offset_2_7> {ANCHOR} "Mayor"' in found
    assert f'<{BASE}id/text/{TEXT}#offset_55_72> {ANCHOR} "The Harbour\u00a0Board"' in found
    assert sum(str(ANCHOR) in triple for triple in found) == 28


def test_quads_keep_their_graphs(client: FlaskClient) -> None:
    graphs = {str(quad.graph_name) for quad in quads(client.get("/doc/claim/crews-paid.nq"))}
    assert graphs == {
        "DEFAULT",
        f"<{BASE}graph/actors>",
        f"<{BASE}graph/inferred/oil-leak-tester>",
        f"<{BASE}graph/reading/oil-leak-tester>",
    }


def test_neighbours_are_told_of_once_however_many_graphs_tell_of_them(tmp_path: Path) -> None:
    # Everybody's readings name the narrator: a document is not to grow with each of them.
    extra = "".join(f"gr:other-{n} {{ ac:captain a hs:Actor ; rdfs:label 'him' }}\n" for n in range(5))
    client = create_app(Settings(store=str(write_small(tmp_path, extra=extra)))).test_client()
    found = [quad for quad in quads(client.get("/doc/claim/crews-paid.nq")) if str(quad.object) == '"him"']
    assert [str(quad.graph_name) for quad in found] == [f"<{BASE}graph/other-0>"]


@pytest.mark.parametrize(
    "path",
    [f"/doc/text/{TEXT}", "/doc/claim/crews-paid", "/ontology", "/graph/reading/oil-leak-tester", "/shapes"],
)
def test_every_format_holds_the_same(client: FlaskClient, path: str) -> None:
    datasets = []
    for format_ in GRAPHS:
        response = client.get(path, headers={"Accept": format_.media_type})
        assert response.content_type == format_.content_type
        dataset = Dataset(Quad(q.subject, q.predicate, q.object) for q in quads(response))
        dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
        datasets.append({str(quad) for quad in dataset})
    assert datasets[0]
    assert all(dataset == datasets[0] for dataset in datasets)


def test_json_ld_is_compact_and_brings_its_context(client: FlaskClient) -> None:
    document = json.loads(client.get("/doc/statement/663011fc-board-dumped.jsonld").data)
    node = next(n for n in document["@graph"] if n["id"] == "st:663011fc-board-dumped")
    assert node["type"] == "Assertion"
    assert node["timeExpression"] == "today"
    assert node["madeBy"] == "ac:harbour-board"
    assert document["@context"]["hs"] == HS
    assert "deniedBy" not in document["@context"]  # only what is used


def test_a_document_without_end_says_what_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.document, "MAX_INCOMING", 3)
    client = small_client(tmp_path)
    found = triples(client.get("/doc/article/oil-leak.nt"))
    document = f"<{BASE}doc/article/oil-leak> <http://www.w3.org/2000/01/rdf-schema#"
    assert f'{document}comment> "More than 3 things point here; the query has them all."@en' in found
    assert any(triple.startswith(f"{document}seeAlso> <{BASE}sparql?query=SELECT%20") for triple in found)


def test_the_same_data_gives_the_same_bytes(tmp_path: Path, client: FlaskClient) -> None:
    other = small_client(tmp_path)
    for path in ("/doc/actor/mayor.ttl", "/doc/actor/mayor.jsonld", "/graph/actors.trig"):
        assert other.get(path).data == client.get(path).data


# Vocabularies, graphs and files


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/ontology", "text/turtle; charset=utf-8"),
        ("/ontology.ttl", "text/turtle; charset=utf-8"),
        ("/ontology.owl", "application/rdf+xml"),
        ("/ontology.rdf", "application/rdf+xml"),
        ("/ontology.xml", "application/rdf+xml"),
        ("/ontology.nt", "application/n-triples"),
        ("/ontology.jsonld", "application/ld+json"),
        ("/ontology/1.0.0", "text/turtle; charset=utf-8"),
    ],
)
def test_the_ontology_comes_with_its_concepts(client: FlaskClient, path: str, content_type: str) -> None:
    response = client.get(path)
    assert response.content_type == content_type
    found = triples(response)
    assert f'<{HS}Denial> {LABEL} "denial"@en' in found
    assert f'<{HS}Deflected> {LABEL} "deflected"@en' in found


def test_the_ontology_is_documented_for_readers(client: FlaskClient) -> None:
    page = client.get("/ontology", headers={"Accept": CHROME}).text
    assert '<section class="entry" id="Denial">' in page
    assert "A statement that something is not so." in page
    assert "«dismissed reports»" in page
    assert '<a href="/ontology#Statement" title="hs:Statement">statement</a>' in page


def test_a_named_graph_is_served_as_it_is(client: FlaskClient) -> None:
    expected = {
        str(quad.triple)
        for quad in parse(path=str(FIXTURE))
        if quad.graph_name == NamedNode(f"{BASE}graph/actors")
    }
    response = client.get("/graph/actors.nt")
    assert triples(response) == expected
    graph_names = {str(quad.graph_name) for quad in quads(client.get("/graph/actors.trig"))}
    assert graph_names == {f"<{BASE}graph/actors>"}


def test_the_shapes_and_the_context_are_files(client: FlaskClient) -> None:
    assert f"<{BASE}shapes#Claim> {TYPE} <http://www.w3.org/ns/shacl#NodeShape>" in triples(
        client.get("/shapes.ttl")
    )
    context = client.get("/context.jsonld")
    assert context.content_type == "application/ld+json"
    assert json.loads(context.data)["@context"]["hs"] == HS


def test_the_dump_is_everything(client: FlaskClient) -> None:
    response = client.get("/dump.nq")
    assert response.content_type == "application/n-quads"
    assert len(quads(response)) == len(list(parse(path=str(FIXTURE))))
    union = client.get("/dump.ttl")
    assert union.content_type == "text/turtle; charset=utf-8"
    assert f'<{BASE}id/actor/mayor> {LABEL} "the mayor"@en' in triples(union)
    part = client.get("/dump.nq", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, response.data[:10])
    for opened in (response, union, part):
        opened.close()


def test_the_examples_are_data(client: FlaskClient) -> None:
    found = triples(client.get("/.well-known/sparql-examples"))
    query, sh = f"<{BASE}id/query/deflected>", "http://www.w3.org/ns/shacl#"
    ask = Literal("ASK { ?s hs:madeBy ac:mayor ; hs:asserts|hs:denies cl:mayor-warned }")
    assert f"{query} {TYPE} <{sh}SPARQLExecutable>" in found
    assert f"{query} <{sh}ask> {ask}" in found


def test_every_iri_of_ours_in_the_data_dereferences(client: FlaskClient) -> None:
    terms = {term for quad in parse(path=str(FIXTURE)) for term in (*quad.triple, quad.graph_name)}
    own = {t.value.removeprefix(BASE) for t in terms if isinstance(t, NamedNode) and t.value.startswith(BASE)}
    paths = {path.partition("#")[0] for path in own} - {"sparql"}
    assert len(paths) == 47
    for path in sorted(paths):
        for accept in ("text/turtle", CHROME):
            response = client.get(f"/{path}", headers={"Accept": accept}, follow_redirects=True)
            assert response.status_code == 200, path


# Headers


def test_an_entity_tag_answers_without_the_body(client: FlaskClient) -> None:
    for path in ("/", "/doc/actor/mayor", "/ontology", "/.well-known/void", "/context.jsonld", "/dump.nq"):
        first = client.get(path)
        tag = first.headers["ETag"]
        first.close()
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b""), path
        again.close()
        assert again.headers["ETag"] == tag


def test_each_format_has_its_own_entity_tag(client: FlaskClient) -> None:
    tags = {client.get("/doc/actor/mayor", headers={"Accept": f.media_type}).headers["ETag"] for f in GRAPHS}
    assert len(tags) == len(GRAPHS)


def test_head_has_the_headers_of_get(client: FlaskClient) -> None:
    for path in ("/", "/doc/actor/mayor.ttl", "/ontology.owl", "/health"):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["Content-Length"] == got.headers["Content-Length"]
        assert head.content_type == got.content_type
