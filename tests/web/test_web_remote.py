"""The remote engine, against Oxigraph's server with the seed's data, and against a server that misbehaves."""

import contextlib
import http.server
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, Store, parse

from kg.query import QueryError, query
from kg.settings import Settings
from kg.store import Release
from web import create_app
from web.engine import Dataset, TooLargeError, TooLateError, UnavailableError
from web.formats import CSV, JSON, N_TRIPLES, TSV, TURTLE, XML, Format
from web.guard import inspect
from web.remote import RemoteEngine

BASE = "https://w3id.org/hearsay/"
WHO = "SELECT DISTINCT ?who WHERE { ?s hs:denies ?claim ; hs:madeBy ?who } ORDER BY ?who"


def oxigraph() -> str:
    """Return the server's executable, which the package `oxigraph` puts beside Python's."""
    found = shutil.which("oxigraph", path=Path(sys.executable).parent) or shutil.which("oxigraph")
    assert found, "oxigraph is not installed: it is in tests/requirements.txt"
    return found


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


@contextlib.contextmanager
def oxigraph_server(*files: Path, options: tuple[str, ...] = ()) -> Iterator[str]:
    """Serve files in memory on a free port of the loopback address; yield the endpoint."""
    root = f"http://127.0.0.1:{free_port()}"
    command = [oxigraph(), "serve", "--bind", root.removeprefix("http://"), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"{root}/query").status_code < 500:
                        break
                time.sleep(0.05)
            # In one piece, so that a blank node is the same in all graphs.
            body = b"".join(file.read_bytes() for file in files)
            headers = {"Content-Type": "application/n-quads"}
            httpx.post(f"{root}/store", content=body, headers=headers).raise_for_status()
            yield f"{root}/query"
        finally:
            # A query that is still being worked out would delay a polite end.
            process.kill()


@pytest.fixture(scope="module")
def endpoint(seed_release: Release) -> Iterator[str]:
    with oxigraph_server(seed_release.dump, seed_release.folder / "dump.nt") as url:
        yield url


@pytest.fixture(scope="module")
def engine(endpoint: str) -> Iterator[RemoteEngine]:
    engine = RemoteEngine(endpoint, base=BASE)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def client(engine: RemoteEngine) -> FlaskClient:
    return create_app(Settings(query_timeout=5.0), engine=engine).test_client()


def run(
    engine: RemoteEngine, text: str, format_: Format = CSV, seconds: float = 5.0, *default: str
) -> Iterator[bytes]:
    return engine.run(
        inspect(text, max_bytes=65_536), format_, Dataset(default), deadline=time.monotonic() + seconds
    )


def get(client: FlaskClient, query: str, accept: str = "text/csv") -> tuple[int, str]:
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
    return response.status_code, response.text


# Against a real server


def test_the_same_query_has_the_same_answer_as_the_store_it_came_from(
    engine: RemoteEngine, seed_release: Release
) -> None:
    found = query(seed_release.store, WHO)
    assert isinstance(found, QuerySolutions)
    expected = found.serialize(format=QueryResultsFormat.CSV)
    assert expected
    assert b"".join(run(engine, WHO)) == expected
    assert len(expected) > 20


@pytest.mark.parametrize("format_", [JSON, XML, CSV, TSV])
def test_every_result_format_streams_through(engine: RemoteEngine, format_: Format) -> None:
    assert b"id/actor/" in b"".join(run(engine, WHO, format_))


def test_the_pages_and_documents_are_those_of_an_embedded_store(client: FlaskClient) -> None:
    for path in (
        "/",
        "/sparql",
        "/ontology",
        "/doc/actor/jeremy-corbyn",
        "/article/corbyn-russia",
        "/health",
    ):
        response = client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
        assert response.status_code in (200, 404), path
    assert client.get("/health").status_code == 200
    assert "dump.nq" not in client.get("/", headers={"Accept": "text/html"}).text
    document = client.get("/ontology.nt")
    assert len(list(parse(document.data, format=RdfFormat.N_TRIPLES))) > 1000


def test_a_graph_is_compacted_json_ld_with_our_context(client: FlaskClient) -> None:
    status, text = get(client, "CONSTRUCT WHERE { ?s hs:denies ?c }", "application/ld+json")
    assert status == 200
    assert "denies" in json.loads(text)["@context"]


def test_a_request_may_name_its_graphs(engine: RemoteEngine) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert b"".join(run(engine, count, CSV, 5.0, f"{BASE}graph/actors")) != b"".join(run(engine, count))
    assert b"".join(run(engine, count, CSV, 5.0, "http://x/none")) == b"n\r\n0\r\n"


def test_a_mistake_is_explained_as_at_home(client: FlaskClient, seed_store: Store) -> None:
    text = "SELECT * { ?s hs:denies ?c\n ?x }"
    with pytest.raises(QueryError) as error:
        query(seed_store, text)
    assert get(client, text) == (400, f"L{str(error.value)[1:]}.\n")
    assert "line 2" in str(error.value)
    status, text = get(client, "SELECT * { ?s dbo:x ?o }")
    assert (status, "PREFIX dbo: <http://dbpedia.org/ontology/>" in text) == (400, True)


def test_the_description_says_what_the_remote_store_holds(client: FlaskClient, seed_release: Release) -> None:
    text = client.get("/.well-known/void").text
    triples = (seed_release.folder / "dump.nt").read_bytes().count(b"\n")
    assert f"void:triples {triples}" in text
    assert "dataDump" not in text
    assert "sd:UnionDefaultGraph" in client.get("/sparql").text


def test_a_union_may_be_an_option_of_the_server(seed_release: Release) -> None:
    with oxigraph_server(seed_release.dump, options=("--union-default-graph",)) as url:
        engine = RemoteEngine(url, base=BASE)
        client = create_app(Settings(), engine=engine).test_client()
        assert b"id/actor/" in b"".join(run(engine, WHO))
        assert "sd:UnionDefaultGraph" in client.get("/sparql").text
        engine.close()


def test_a_plain_store_does_not_claim_a_union(seed_release: Release) -> None:
    with oxigraph_server(seed_release.dump) as url:
        engine = RemoteEngine(url, base=BASE)
        client = create_app(Settings(), engine=engine).test_client()
        assert "sd:UnionDefaultGraph" not in client.get("/sparql").text
        engine.close()


def test_own_queries_take_terms_and_the_release_is_known_by_its_counts(engine: RemoteEngine) -> None:
    rows = engine.rows("SELECT ?x ?n { VALUES ?x {} BIND (1 AS ?n) }", {"x": [NamedNode("http://a/")]})
    assert [row["x"] for row in rows] == [NamedNode("http://a/")]
    assert isinstance(rows[0]["n"], Literal)
    assert engine.release() is engine.release()
    assert len(engine.release().id) == 16


def test_limits_hold(endpoint: str) -> None:
    engine = RemoteEngine(endpoint, base=BASE, max_bytes=20_000)
    with pytest.raises(TooLargeError):
        b"".join(run(engine, "SELECT * { ?s ?p ?o }"))
    started = time.perf_counter()
    with pytest.raises(TooLateError):
        b"".join(run(engine, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", CSV, 0.3))
    assert time.perf_counter() - started < 1.5
    assert b"".join(run(engine, "ASK {}", JSON)) == b'{"head":{},"boolean":true}'
    counts = {
        "queries": 3,
        "answered": 1,
        "too_large": 1,
        "timeouts": 1,
        "failed": 0,
        "busy": 0,
        "hangups": 0,
    }
    assert engine.stats().counts == counts
    engine.close()


def test_nobody_there_is_unavailable() -> None:
    engine = RemoteEngine(f"http://127.0.0.1:{free_port()}/query", base=BASE)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        run(engine, "ASK {}")
    response = create_app(Settings(), engine=engine).test_client().get("/sparql?query=ASK{}")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    engine.close()


# Against a server that misbehaves


@contextlib.contextmanager
def server(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[RemoteEngine]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            with contextlib.suppress(OSError):
                answer(self)

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        engine = RemoteEngine(f"http://127.0.0.1:{listening.server_address[1]}/", base=BASE)
        try:
            yield engine
        finally:
            engine.close()
            listening.shutdown()


def reply(
    body: bytes, media_type: str, status: int = 200, **headers: str
) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", media_type)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


HALF = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"http://a/"}}'
WHOLE = HALF + b"]}}"
TYPE = "application/sparql-results+json"


def test_what_the_remote_lacks_is_converted() -> None:
    with server(reply(WHOLE, TYPE)) as engine:
        assert b"".join(run(engine, "SELECT ?x {}", CSV)) == b"x\r\nhttp://a/\r\n"
    with server(reply(b"<http://a/> <http://b/> 1 .", "text/turtle")) as engine:
        triple = b'<http://a/> <http://b/> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
        assert b"".join(run(engine, "CONSTRUCT WHERE {}", N_TRIPLES)) == triple


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(HALF, TYPE), UnavailableError),
        (reply(HALF + b" the query was cancelled", TYPE), UnavailableError),
        (reply(WHOLE, TYPE, X_SPARQL_MaxRows="10000"), TooLargeError),
        (reply(WHOLE, TYPE, X_SQL_State="S1TAT"), TooLateError),
        (reply(b"<html>", "text/html"), UnavailableError),
        (reply(b"no", "text/plain", 500), UnavailableError),
        (reply(b"", "text/plain", 301, Location="http://127.0.0.1:1/"), UnavailableError),
        (reply(b"", "text/plain", 504), TooLateError),
    ],
)
def test_a_part_of_an_answer_is_an_error(
    answer: Callable[[http.server.BaseHTTPRequestHandler], None], error: type[Exception]
) -> None:
    with server(answer) as engine, pytest.raises(error):
        b"".join(run(engine, "SELECT ?x {}", JSON))


def test_an_answer_that_stalls_is_given_up_at_the_deadline() -> None:
    def stall(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", TYPE)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        handler.wfile.write(HALF)
        time.sleep(2)

    with server(stall) as engine:
        started = time.perf_counter()
        chunks = run(engine, "SELECT ?x {}", JSON, 0.4)
        assert next(chunks) == HALF
        with pytest.raises(TooLateError):
            next(chunks)
        assert time.perf_counter() - started < 1.0


def test_closing_an_answer_frees_its_place() -> None:
    with server(reply(WHOLE * 1000, TYPE)) as engine:
        for _ in range(20):
            chunks = run(engine, "SELECT ?x {}", JSON)
            next(chunks)
            chunks.close()  # type: ignore[attr-defined]
        assert engine.stats().counts["hangups"] == 20


def test_turtle_goes_through_as_it_is() -> None:
    with server(reply(b"<http://a/> a <http://b/> .", "text/turtle; charset=utf-8")) as engine:
        assert b"".join(run(engine, "CONSTRUCT WHERE {}", TURTLE)) == b"<http://a/> a <http://b/> ."
