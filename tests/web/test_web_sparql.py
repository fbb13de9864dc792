import contextlib
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse
from smallstore import BASE, CAPTAIN, CHROME, COMUNICA, CREWS_PAID, DENIALS, DENIALS_CSV, small_client
from werkzeug.test import TestResponse

from web.engine import TooLargeError, TooLateError

CONSTRUCT = "CONSTRUCT { ?s hs:denies ?claim } WHERE { ?s hs:denies ?claim }"
DENIAL = f"<{BASE}id/statement/663011fc-captain-nonsense> <{BASE}ontology#denies> <{CREWS_PAID}> .\n"
JSON = {
    "head": {"vars": ["who", "claim"]},
    "results": {
        "bindings": [
            {"who": {"type": "uri", "value": CAPTAIN}, "claim": {"type": "uri", "value": CREWS_PAID}}
        ]
    },
}
# Counting eight million combinations: a second or so, in which nothing is written.
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g a ?h }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return small_client(tmp_path_factory.mktemp("store"))


def get(client: FlaskClient, query: str, accept: str | None = "*/*", **parameters: str) -> TestResponse:
    headers = {} if accept is None else {"Accept": accept}
    return client.get("/sparql", query_string={"query": query, **parameters}, headers=headers)


def post(
    client: FlaskClient, body: str | bytes, content_type: str | None, url: str = "/sparql"
) -> TestResponse:
    return client.post(url, data=body, content_type=content_type, headers={"Accept": "*/*"})


# The ways to ask


def test_a_query_by_get_answers_in_json(client: FlaskClient) -> None:
    response = get(client, DENIALS)
    assert response.status_code == 200
    assert response.content_type == "application/sparql-results+json"
    assert json.loads(response.data) == JSON


def test_who_names_no_format_at_all_gets_a_table_as_csv(client: FlaskClient) -> None:
    assert get(client, DENIALS, None).text == DENIALS_CSV
    assert json.loads(get(client, "ASK {}", None).data) == {"head": {}, "boolean": True}
    assert get(client, CONSTRUCT, None).mimetype == "text/turtle"


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-8"])
def test_a_query_by_post_is_a_form_or_the_query_itself(client: FlaskClient, charset: str) -> None:
    form = post(client, "query=" + quote(DENIALS), f"application/x-www-form-urlencoded{charset}")
    direct = post(client, DENIALS, f"application/sparql-query{charset}")
    assert json.loads(form.data) == json.loads(direct.data) == JSON


def test_parameters_of_a_direct_post_stand_in_the_url(client: FlaskClient) -> None:
    response = post(client, DENIALS, "application/sparql-query", "/sparql?format=csv")
    assert response.text == DENIALS_CSV


def test_head_gives_the_headers_alone(client: FlaskClient) -> None:
    response = client.head("/sparql", query_string={"query": DENIALS, "format": "csv"})
    assert response.status_code == 200
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.content_length == len(DENIALS_CSV)
    assert response.data == b""


def test_options_answers_a_preflight(client: FlaskClient) -> None:
    response = client.options("/sparql")
    assert response.status_code == 204
    assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]


# Datasets


READING = f"{BASE}graph/reading/oil-leak-tester"
LABEL = "SELECT ?label { ac:mayor skos:prefLabel ?label }"
GRAPHS = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"


def test_the_default_graph_is_the_union(client: FlaskClient) -> None:
    assert get(client, LABEL, format="csv").text == "label\r\nthe mayor\r\n"
    assert get(client, GRAPHS, format="csv").text.count("\r\n") == 9  # the name, and eight graphs


def test_the_request_names_the_default_graph(client: FlaskClient) -> None:
    reading = get(client, LABEL, format="csv", **{"default-graph-uri": READING})
    actors = get(client, LABEL, format="csv", **{"default-graph-uri": f"{BASE}graph/actors"})
    assert reading.text == "label\r\n"
    assert actors.text == "label\r\nthe mayor\r\n"


def test_a_request_may_name_several_default_graphs(client: FlaskClient) -> None:
    graphs = f"default-graph-uri={quote(READING)}&default-graph-uri={quote(BASE + 'graph/actors')}"
    query = quote("SELECT ?label { ?s hs:denies ?c ; hs:madeBy/skos:prefLabel ?label }")
    response = client.get(f"/sparql?format=csv&query={query}&{graphs}")
    assert response.text == "label\r\na captain\r\n"


def test_the_request_names_the_named_graphs(client: FlaskClient) -> None:
    response = get(client, GRAPHS, format="csv", **{"named-graph-uri": READING})
    assert response.text == f"g\r\n{READING}\r\n"
    assert get(client, LABEL, format="csv", **{"named-graph-uri": READING}).text == "label\r\n"


def test_the_request_goes_before_the_query(client: FlaskClient) -> None:
    query = LABEL.replace("{", f"FROM <{READING}> {{", 1)
    assert get(client, query, format="csv").text == "label\r\n"
    named = get(client, query, format="csv", **{"default-graph-uri": f"{BASE}graph/actors"})
    assert named.text == "label\r\nthe mayor\r\n"


def test_a_graph_that_is_no_iri_is_refused(client: FlaskClient) -> None:
    response = get(client, LABEL, **{"default-graph-uri": "not an IRI"})
    assert response.status_code == 400
    assert response.text == "The default-graph-uri “not an IRI” is not an absolute IRI.\n"


# Formats


@pytest.mark.parametrize(
    ("format_", "content_type", "body"),
    [
        ("csv", "text/csv; charset=utf-8", "who,claim\r\n"),
        ("tsv", "text/tab-separated-values; charset=utf-8", f"?who\t?claim\n<{CAPTAIN}>\t<{CREWS_PAID}>\n"),
        ("xml", "application/sparql-results+xml", '<?xml version="1.0"?>'),
        ("json", "application/sparql-results+json", '{"head":{"vars":["who","claim"]}'),
        ("application/sparql-results+json", "application/sparql-results+json", '{"head"'),
    ],
)
@pytest.mark.parametrize("parameter", ["format", "output", "results"])
def test_a_parameter_names_the_format(
    client: FlaskClient, parameter: str, format_: str, content_type: str, body: str
) -> None:
    response = get(client, DENIALS, "application/sparql-results+xml", **{parameter: format_})
    assert response.content_type == content_type
    assert response.text.startswith(body)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/turtle; charset=utf-8"),
        ("application/rdf+xml, application/sparql-results+xml", "application/rdf+xml"),
        ("application/n-triples,*/*;q=0.9", "application/n-triples"),
        ("application/ld+json", "application/ld+json"),
        ("application/trig", "application/trig"),
        ("application/n-quads", "application/n-quads"),
        ("text/csv", "text/turtle; charset=utf-8"),
    ],
)
def test_a_graph_is_negotiated(client: FlaskClient, accept: str | None, content_type: str) -> None:
    response = get(client, CONSTRUCT, accept)
    assert response.status_code == 200
    assert response.content_type == content_type
    format_ = RdfFormat.from_media_type(content_type)
    assert format_
    assert [f"{quad.triple} .\n" for quad in parse(response.data, format=format_)] == [DENIAL]


def test_a_format_of_the_other_form_is_passed_over(client: FlaskClient) -> None:
    response = get(client, DENIALS, "text/csv", format="turtle")
    assert response.content_type == "text/csv; charset=utf-8"
    assert get(client, CONSTRUCT, format="csv").content_type == "text/turtle; charset=utf-8"


def test_an_unknown_type_gets_the_default(client: FlaskClient) -> None:
    response = get(client, DENIALS, "image/png")
    assert response.status_code == 200
    assert response.content_type == "application/sparql-results+json"


def test_ask_answers_yes_or_no(client: FlaskClient) -> None:
    assert json.loads(get(client, "ASK { ?s hs:denies ?c }").data) == {"head": {}, "boolean": True}
    assert get(client, "ASK { ?s hs:denies cl:bay-closed }", format="csv").text == "false"


def test_describe_gives_a_graph(client: FlaskClient) -> None:
    response = get(client, "DESCRIBE cl:bay-closed", format="nt")
    assert f'<{BASE}ontology#canonicalText> "The bay is closed."@en .\n' in response.text


# Wrong requests


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(client: FlaskClient, method: str) -> None:
    response = client.open("/sparql", method=method, query_string={"query": DENIALS})
    assert response.status_code == 405
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(response.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    ("body", "content_type", "status", "sentence"),
    [
        (b"query=ASK{}&query=ASK{}", "application/x-www-form-urlencoded", 400, "has 2 queries"),
        (b"", "application/x-www-form-urlencoded", 400, "has no query"),
        (b"ASK{}", "text/plain", 415, "application/sparql-query"),
        (b"ASK{}", None, 415, "application/sparql-query"),
        (b"query=ASK{}", "multipart/form-data; boundary=x", 415, "application/sparql-query"),
        ("ASK{}".encode("utf-16"), "application/sparql-query; charset=UTF-16", 415, "UTF-8"),
        (b"ASK{ ?s ?p '\xff' }", "application/sparql-query", 400, "The query is not in UTF-8"),
        (
            b"query=ASK{%20?s%20?p%20'%ff'%20}",
            "application/x-www-form-urlencoded",
            400,
            "The form is not in UTF-8",
        ),
        (b"query=ASK{}" + b"&a=1" * 200, "application/x-www-form-urlencoded", 400, "more than 100 fields"),
        (b"CLEAR ALL", "application/sparql-update", 403, "read-only"),
        (b"update=CLEAR+ALL", "application/x-www-form-urlencoded", 403, "read-only"),
        (b"query=CLEAR+ALL", "application/x-www-form-urlencoded", 400, "read-only"),
        (b"ASK{}" + b" " * 70_000, "application/sparql-query", 400, "takes 65536"),
        (b" " * 300_000, "application/sparql-query", 413, "exceeds the capacity limit"),
        (b"ASK{ SERVICE <http://127.0.0.1:1/> {} }", "application/sparql-query", 400, "may not use SERVICE"),
        (b"ASK{" + b"{" * 3000 + b"}" * 3000 + b"}", "application/sparql-query", 400, "nests deeper than 64"),
    ],
)
def test_a_wrong_request_gets_its_status_and_a_sentence(
    client: FlaskClient, body: bytes, content_type: str | None, status: int, sentence: str
) -> None:
    response = post(client, body, content_type)
    assert (response.status_code, response.content_type) == (status, "text/plain; charset=utf-8")
    assert sentence in response.text
    assert response.text.count("\n") == 1
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_url_that_is_not_utf8_is_refused(client: FlaskClient) -> None:
    response = client.get("/sparql?query=ASK{%ff}")
    assert (response.status_code, response.text) == (400, "The URL is not in UTF-8.\n")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * {\n\t?s wdt:P31 ?o\n}", ["Line 2", "unknown prefix wdt", "PREFIX wdt:"]),
        ("SELECT * {\n\t?s ?p\n}", ["Line 3"]),
        ("SELECT * { ?s ?p ?o", ["Line 1, column 20", "ends too early"]),
        ("SELECT ?x { ?s ?p ?o } GROUP BY ?s", ["unbound"]),
        ("SELECT (<http://x/f>(1) AS ?x) {}", ["http://x/f"]),
        ("", ["Line 1"]),
    ],
)
def test_a_bad_query_is_explained_in_one_sentence(client: FlaskClient, query: str, words: list[str]) -> None:
    response = get(client, query)
    assert (response.status_code, response.content_type) == (400, "text/plain; charset=utf-8")
    assert [word for word in words if word not in response.text] == []
    assert response.text.count("\n") == 1
    assert "expected one of Prefix" not in response.text


def test_well_known_prefixes_need_no_declaration_and_may_be_declared_twice(client: FlaskClient) -> None:
    query = "PREFIX hs: <https://w3id.org/hearsay/ontology#>\n" * 2 + DENIALS
    assert get(client, query, format="csv").text == get(client, DENIALS, format="csv").text


# Limits: nothing is sent of a result that is not whole


def test_a_query_without_an_end_is_given_up(tmp_path: Path) -> None:
    client = small_client(tmp_path, query_timeout=0.5)
    response = get(client, HEAVY)
    assert response.status_code == 504
    assert response.text == ("The query was given up after 0.5 seconds: ask for less, or add a LIMIT.\n")
    # What has begun cannot get another status: the server cuts the connection.
    with contextlib.suppress(TooLateError, TooLargeError):
        flood = get(client, FLOOD)
        flood.get_data()
        assert flood.status_code in (413, 504)
    assert get(client, DENIALS, format="csv").text == DENIALS_CSV


def test_a_result_too_large_is_not_sent(tmp_path: Path) -> None:
    client = small_client(tmp_path, max_results=10_000)
    response = get(client, "SELECT * { ?s ?p ?o }")
    assert (response.status_code, response.text) == (
        413,
        "The result is larger than 10,000 bytes: add a LIMIT.\n",
    )


# Caching


def test_an_entity_tag_spares_the_query(client: FlaskClient) -> None:
    first = get(client, DENIALS, "text/csv")
    tag = first.headers["ETag"]
    again = client.get(
        "/sparql", query_string={"query": DENIALS}, headers={"Accept": "text/csv", "If-None-Match": tag}
    )
    other = client.get(
        "/sparql", query_string={"query": DENIALS, "format": "json"}, headers={"If-None-Match": tag}
    )
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert other.status_code == 200
    assert (
        first.headers["Vary"] == again.headers["Vary"] == other.headers["Vary"] == "Accept, Accept-Encoding"
    )


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "uuid()", "STRUUID ()"])
def test_a_fleeting_answer_has_no_entity_tag(client: FlaskClient, function: str) -> None:
    response = get(client, f"SELECT ({function} AS ?x) {{}}")
    assert response.status_code == 200
    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"


# The bare endpoint


@pytest.mark.parametrize("accept", [None, "*/*", COMUNICA, "text/turtle", "application/rdf+xml"])
def test_the_bare_endpoint_describes_itself_to_rdf_clients(client: FlaskClient, accept: str | None) -> None:
    response = client.get("/sparql", headers={} if accept is None else {"Accept": accept})
    assert response.status_code == 200
    format_ = RdfFormat.from_media_type(response.content_type)
    assert format_
    triples = {str(quad.triple) for quad in parse(response.data, format=format_)}
    sd, service = "http://www.w3.org/ns/sparql-service-description#", "<http://localhost/sparql#service>"
    assert f"{service} <{sd}endpoint> <http://localhost/sparql>" in triples
    assert f"{service} <{sd}supportedLanguage> <{sd}SPARQL11Query>" in triples
    assert f"{service} <{sd}feature> <{sd}UnionDefaultGraph>" in triples
    assert f"{service} <{sd}resultFormat> <http://www.w3.org/ns/formats/SPARQL_Results_JSON>" in triples
    assert sum(f"<{sd}resultFormat>" in triple for triple in triples) == 10
    assert sum(f"<{sd}name>" in triple for triple in triples) == 8
    assert not any("BasicFederatedQuery" in triple for triple in triples)


def test_the_bare_endpoint_shows_browsers_the_query_page(client: FlaskClient) -> None:
    response = client.get("/sparql", headers={"Accept": CHROME})
    assert response.content_type == "text/html; charset=utf-8"
    assert '<textarea id="query" name="query"' in response.text
    assert '<a href="/sparql?example=denials">Who denies what?</a>' in response.text


def test_the_answer_in_a_browser_is_a_table_with_labels_and_links(client: FlaskClient) -> None:
    page = get(client, DENIALS, CHROME).text
    assert '<a href="/id/actor/captain" title="ac:captain">a captain</a>' in page
    assert '<a href="/id/claim/crews-paid" title="cl:crews-paid">The crews were paid to dump oil.</a>' in page
    assert "1 row." in page
    assert '&amp;format=csv">CSV</a>' in page


def test_an_example_runs_by_its_name(client: FlaskClient) -> None:
    page = client.get("/sparql?example=deflected", headers={"Accept": CHROME}).text
    assert "No: the graph does not have this." in page
    assert client.get("/sparql?example=denials&format=csv").text == DENIALS_CSV
    assert client.get("/sparql?example=none").status_code == 404


def test_a_graph_in_a_browser_is_turtle(client: FlaskClient) -> None:
    page = get(client, CONSTRUCT, CHROME).text
    assert "hs:denies" in page
    assert '&amp;format=nq">N-Quads</a>' in page


def test_a_bad_query_in_a_browser_keeps_the_text(client: FlaskClient) -> None:
    response = get(client, "SELECT <b>", CHROME)
    assert response.status_code == 400
    assert "SELECT &lt;b&gt;" in response.text
    assert 'role="alert">Line 1' in response.text
