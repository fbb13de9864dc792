from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse
from smallstore import BASE, FIXTURE, small_client
from werkzeug.datastructures import Headers

ACTORS = f"{BASE}graph/actors"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return small_client(tmp_path_factory.mktemp("store"))


def triples(body: bytes, format_: RdfFormat) -> set[str]:
    return {str(quad.triple) for quad in parse(body, format=format_)}


def test_a_graph_is_what_the_file_has(client: FlaskClient) -> None:
    expected = {
        str(quad.triple) for quad in parse(path=str(FIXTURE)) if str(quad.graph_name) == f"<{ACTORS}>"
    }
    indirect = client.get(f"/graph-store?graph={quote(ACTORS, safe='')}", headers={"Accept": "text/turtle"})
    direct = client.get("/graph/actors.nt")
    assert triples(indirect.data, RdfFormat.TURTLE) == triples(direct.data, RdfFormat.N_TRIPLES) == expected
    assert len(expected) == 15


def test_the_default_graph_is_the_union(client: FlaskClient) -> None:
    response = client.get("/graph-store?default", headers={"Accept": "application/n-triples"})
    assert response.data.count(b"\n") == len({quad.triple for quad in parse(path=str(FIXTURE))})


def test_a_graph_is_negotiated_tagged_and_had_by_head(client: FlaskClient) -> None:
    url = f"/graph-store?graph={ACTORS}"
    first = client.get(url, headers={"Accept": "application/ld+json"})
    assert first.content_type == "application/ld+json"
    tag = first.headers["ETag"]
    headers = {"Accept": "application/ld+json", "If-None-Match": tag}
    assert client.get(url, headers=headers).status_code == 304
    head = client.head(url + "&format=nt")
    assert (head.status_code, head.content_type, head.data) == (200, "application/n-triples", b"")
    assert client.get(url, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 400, "Name one graph"),
        (f"?default&graph={ACTORS}", 400, "Name one graph"),
        (f"?graph={ACTORS}&graph={ACTORS}", 400, "Name one graph"),
        ("?graph=actors", 400, "is not an absolute IRI"),
        ("?graph=http://x/y%3E%20{}", 400, "is not an absolute IRI"),
        ("?graph=http://x/none", 404, "no graph <http://x/none>"),
        ("?graph=%ff", 400, "not in UTF-8"),
    ],
)
def test_a_wrong_request_gets_its_status_and_a_sentence(
    client: FlaskClient, query: str, status: int, words: str
) -> None:
    response = client.get(f"/graph-store{query}")
    assert (response.status_code, words in response.text) == (status, True)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_nothing_is_written(client: FlaskClient, method: str) -> None:
    response = client.open("/graph-store?default", method=method, data=b"")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "read-only" in response.text
    options = client.options("/graph-store")
    assert (options.status_code, options.headers["Access-Control-Allow-Methods"]) == (
        204,
        "GET, HEAD, OPTIONS",
    )


def dump(client: FlaskClient, **headers: str) -> tuple[int, Headers, bytes]:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.get("/dump.nq", headers=fields) as response:
        return response.status_code, response.headers, response.data


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_dump_is_compressed_and_tagged(client: FlaskClient, coding: str) -> None:
    _, plain, whole = dump(client)
    status, packed, body = dump(client, Accept_Encoding=coding)
    assert (status, packed["Content-Encoding"]) == (200, coding)
    assert 0 < len(body) < len(whole) / 3
    assert packed["ETag"] != plain["ETag"]
    again = dump(client, Accept_Encoding=coding, If_None_Match=packed["ETag"])
    assert (again[0], again[2]) == (304, b"")
    part = dump(client, Accept_Encoding=coding, Range="bytes=0-9")
    assert (part[0], part[2]) == (206, whole[:10])
