"""How a body is sent: whole or in chunks, compressed or not, cut or refused, never a part as the whole."""

import json
import socket
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from chunkengine import ChunkEngine
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse
from smallstore import CHROME, COMUNICA, served
from werkzeug.test import TestResponse

import web.jsonldstream
from kg.settings import Settings
from web import create_app
from web.engine import TooLargeError, TooLateError, UnavailableError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LINE = b"http://example.org/something/rather/long\r\n"
LONG = [b"s\r\n" + LINE * 1000] + [LINE * 1000] * 9
SELECT = "SELECT ?s { ?s ?p ?o }"


def client_of(make: Callable[[], Iterator[bytes]]) -> tuple[FlaskClient, ChunkEngine]:
    engine = ChunkEngine(make)
    return create_app(Settings(), engine=engine).test_client(), engine


def get(client: FlaskClient, query: str = SELECT, method: str = "GET", **headers: str) -> TestResponse:
    fields = {name.replace("_", "-"): value for name, value in {"Accept": "text/csv", **headers}.items()}
    return client.open("/sparql", method=method, query_string={"query": query}, headers=fields)


def failing(error: Exception, *first: bytes) -> Iterator[bytes]:
    yield from first
    raise error


def test_a_short_answer_has_its_length_and_a_long_one_is_streamed() -> None:
    short = get(client_of(lambda: iter([b"s\r\n", LINE]))[0])
    assert (short.data, short.headers["Content-Length"]) == (b"s\r\n" + LINE, str(3 + len(LINE)))
    long = get(client_of(lambda: iter(LONG))[0])
    assert "Content-Length" not in long.headers
    assert long.data == b"".join(LONG)


@pytest.mark.parametrize(
    ("error", "status"), [(TooLateError(), 504), (TooLargeError(), 413), (UnavailableError("gone"), 503)]
)
def test_what_fails_early_gets_its_status(error: Exception, status: int) -> None:
    client, engine = client_of(lambda: failing(error, b"s\r\n", LINE * 100))
    response = get(client)
    assert response.status_code == status
    assert LINE not in response.data
    assert engine.closed.is_set()


def test_what_fails_late_cuts_the_connection(tmp_path: Path) -> None:
    engine = ChunkEngine(lambda: failing(TooLateError(), *LONG))
    with served(tmp_path, engine=engine) as root:
        for headers in ({}, {"Accept-Encoding": "gzip"}):
            with (
                httpx.stream("GET", f"{root}/sparql", params={"query": SELECT}, headers=headers) as response,
                pytest.raises(httpx.RemoteProtocolError),
            ):
                response.read()
            assert response.status_code == 200
    assert engine.closed.is_set()


def test_a_client_of_http_1_0_which_sees_no_cut_waits_for_the_whole(tmp_path: Path) -> None:
    with served(tmp_path, engine=ChunkEngine(lambda: failing(TooLateError(), *LONG))) as root:
        address = httpx.URL(root)
        with socket.create_connection((address.host, address.port or 0), timeout=5) as connection:
            connection.sendall(b"GET /sparql?query=SELECT*%7B%7D HTTP/1.0\r\n\r\n")
            status = connection.makefile("rb").readline()
    assert b" 504 " in status


def test_a_client_that_hangs_up_ends_the_query(tmp_path: Path) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield LINE * 1000

    engine = ChunkEngine(endless)
    with served(tmp_path, engine=engine) as root:
        for headers in ({}, {"Accept-Encoding": "zstd"}):
            engine.closed.clear()
            with httpx.stream("GET", f"{root}/sparql", params={"query": SELECT}, headers=headers) as response:
                next(response.iter_raw())
            assert engine.closed.wait(5)


def test_head_ends_the_query_and_sends_nothing() -> None:
    client, engine = client_of(lambda: iter(LONG))
    response = get(client, method="HEAD")
    assert (response.status_code, response.data) == (200, b"")
    response.close()
    assert engine.closed.is_set()


def test_a_known_tag_spares_the_query() -> None:
    client, engine = client_of(lambda: iter([b"s\r\n"]))
    for coding in ("identity", "gzip"):
        tag = get(client, Accept_Encoding=coding).headers["ETag"]
        asked = len(engine.asked)
        again = get(client, Accept_Encoding=coding, If_None_Match=tag)
        assert (again.status_code, again.headers["ETag"], len(engine.asked)) == (304, tag, asked)
        assert get(client, SELECT + " ", If_None_Match=tag).status_code == 200


# Compression


def undone(body: bytes, coding: str | None) -> bytes:
    if coding == "zstd":
        return zstd.decompress(body)
    return zlib.decompress(body, zlib.MAX_WBITS | 16) if coding else body


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
        ("*", "zstd"),
        ("br", None),
        ("gzip;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("chunks", [LONG, LONG[:1]], ids=["streamed", "whole"])
def test_a_body_is_compressed_as_the_client_rates(
    accepted: str, coding: str | None, chunks: list[bytes]
) -> None:
    response = get(client_of(lambda: iter(chunks))[0], Accept_Encoding=accepted)
    assert response.headers.get("Content-Encoding") == coding
    assert undone(response.data, coding) == b"".join(chunks)
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    assert coding is None or response.headers["ETag"].endswith(f';{coding}"')


def test_a_tiny_body_is_not_compressed() -> None:
    response = get(client_of(lambda: iter([b"s\r\n"]))[0], Accept_Encoding="gzip")
    assert "Content-Encoding" not in response.headers


def test_what_is_not_text_and_what_is_an_error_are_not_compressed() -> None:
    client, _ = client_of(lambda: failing(TooLateError()))
    assert "Content-Encoding" not in get(client, "x" * 2000, Accept_Encoding="gzip").headers


# JSON-LD


def triples(count: int) -> Iterator[bytes]:
    for start in range(0, count, 500):
        yield b"".join(
            b"<http://x/%d> <https://w3id.org/hearsay/ontology#denies> _:b%d .\n" % (number, number)
            for number in range(start, min(count, start + 500))
        )


@pytest.fixture
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.jsonldstream, "_WHOLE_BYTES", 50_000)


@pytest.mark.usefixtures("_small_batches")
@pytest.mark.parametrize("count", [0, 3, 5000])
def test_json_ld_of_any_size_is_one_document_with_our_context(count: int) -> None:
    client, _ = client_of(lambda: triples(count))
    response = get(client, "CONSTRUCT WHERE { ?s ?p ?o }", Accept="application/ld+json")
    assert response.content_type == "application/ld+json"
    document = json.loads(response.data)
    assert set(document) == {"@context", "@graph"}
    found = [quad.triple for quad in parse(response.data, format=RdfFormat.JSON_LD)]
    assert len(set(found)) == count
    assert len({triple.object for triple in found}) == count
    if count:
        assert "denies" in document["@context"]


@pytest.mark.usefixtures("_small_batches")
def test_json_ld_that_fails_late_is_cut_too() -> None:
    client, engine = client_of(lambda: failing(TooLargeError(), *triples(5000)))
    with pytest.raises(TooLargeError):
        get(client, "CONSTRUCT WHERE { ?s ?p ?o }", Accept="application/ld+json").get_data()
    assert engine.closed.is_set()
    early, _ = client_of(lambda: failing(TooLargeError(), *triples(10)))
    assert get(early, "CONSTRUCT WHERE { ?s ?p ?o }", Accept="application/ld+json").status_code == 413


# Errors


def test_a_problem_is_json_for_who_asks_for_it() -> None:
    client, _ = client_of(lambda: failing(TooLateError()))
    response = get(client, Accept="application/sparql-results+json, application/problem+json")
    assert (response.status_code, response.content_type) == (504, "application/problem+json")
    assert json.loads(response.data) == {
        "title": "Gateway Timeout",
        "status": 504,
        "detail": "The query was given up after 30 seconds: ask for less, or add a LIMIT.",
    }
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    # Clients that take HTML too, if need be, are no browsers.
    for accept in ("application/json", "*/*", "application/problem+json;q=0.1, text/plain", COMUNICA):
        assert get(client, Accept=accept).content_type == "text/plain; charset=utf-8"


def test_a_browser_gets_a_page() -> None:
    client, _ = client_of(lambda: failing(TooLateError()))
    response = client.get("/graph-store", headers={"Accept": CHROME})
    assert (response.status_code, response.content_type) == (400, "text/html; charset=utf-8")


def test_links_lead_to_the_descriptions() -> None:
    response = get(client_of(lambda: iter([b"s\r\n"]))[0])
    assert response.headers["Link"] == (
        '</sparql>; rel="service-desc"; type="text/turtle", </.well-known/void>; rel="describedby"'
    )
