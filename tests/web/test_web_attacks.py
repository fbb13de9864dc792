"""Attacks on the service, one by one: each has its answer, and another client has its own meanwhile."""

import contextlib
import http.client
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from pyoxigraph import RdfFormat, Store, parse
from smallstore import BASE, CHROME, DENIALS, DENIALS_CSV, running, write_small

import web
from kg.query import QueryError
from kg.settings import Settings
from web import create_app
from web.engine import Dataset, TooLargeError, TooLateError
from web.engines import make_engine
from web.formats import CSV
from web.guard import Query
from web.workers import PoolEngine

SECONDS = 1.5
MAX_MEMORY = 200_000_000
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
EVIL = (
    '<http://x/evil> <http://www.w3.org/2004/02/skos/core#prefLabel> "<script>alert(1)</script>" ; '
    "<http://www.w3.org/2000/01/rdf-schema#seeAlso> <javascript:alert(2)> , "
    '"\\"><img src=x onerror=alert(3)>" .'
)


class Service:
    """The service as it runs, and another client of it."""

    def __init__(self, root: str, engine: PoolEngine) -> None:
        self.root = root
        self.engine = engine
        self.host, self.port = urlsplit(root).hostname or "", urlsplit(root).port or 0

    def ask(
        self, path: str, method: str = "GET", body: bytes = b"", /, **headers: str
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        """Return a response; a body that is cut off has status 0."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        with contextlib.closing(connection):
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, names)
            response = connection.getresponse()
            try:
                return response.status, response.read(), response.headers
            except (http.client.HTTPException, ConnectionError):
                return 0, b"", response.headers

    def query(self, text: str) -> tuple[int, bytes]:
        form = urlencode({"query": text, "format": "csv"}).encode()
        return self.ask("/sparql", "POST", form, Content_Type="application/x-www-form-urlencoded")[:2]

    def raw(self, data: bytes) -> socket.socket:
        connection = socket.create_connection((self.host, self.port), timeout=30)
        connection.sendall(data)
        return connection

    def is_well(self) -> bool:
        return self.query(DENIALS) == (200, DENIALS_CSV.encode())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = Settings(
        store=str(write_small(tmp_path_factory.mktemp("store"), extra=EVIL)),
        query_timeout=SECONDS,
        workers=2,
        max_memory=MAX_MEMORY,
        max_results=2_000_000,
        max_cache=0,
        client_requests=0,
        client_seconds=3,
        stop_seconds=1,
    )
    engine = make_engine(settings)
    assert isinstance(engine, PoolEngine)
    with running(create_app(settings, engine=engine)) as root:
        service = Service(root, engine)
        eventually(service.is_well)
        yield service


@pytest.fixture(autouse=True)
def others_are_answered(service: Service) -> Iterator[None]:
    """Ask as another client all the while, and look at the workers when it is over."""
    answers: list[tuple[int, bytes]] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.02):
            answers.append(service.query(DENIALS))

    thread = threading.Thread(target=ask)
    thread.start()
    yield
    over.set()
    thread.join()
    assert set(answers) <= {(200, DENIALS_CSV.encode())}
    eventually(lambda: service.engine.stats().levels["busy"] == 0)
    eventually(lambda: service.engine.stats().levels["workers"] == 3)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """Listen on a port, and note what comes in."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError, ConnectionError):
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(1)
                        heard.append(connection.recv(1000))

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], heard
        over.set()
        thread.join()


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def past_the_guard(service: Service, text: str, seconds: float = SECONDS) -> bytes:
    """Answer a query that no guard has seen."""
    query = Query(text, "SELECT")
    return b"".join(service.engine.run(query, CSV, Dataset(), deadline=time.monotonic() + seconds))


# Requests forged by the server


SERVICES = [
    "SELECT * {{ SERVICE {0} {{ ?s ?p ?o }} }}",
    "SELECT * {{ service silent {0} {{ ?s ?p ?o }} }}",
    "SELECT * {{ \\u0053ERVICE {0} {{ ?s ?p ?o }} }}",
    'SELECT * {{ BIND ("\\u0022" AS ?x) SERVICE {0} {{ ?s ?p ?o }} }}',
    "SELECT * {{ BIND ({0} AS ?x) SERVICE ?x {{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p trueSERVICE {0} {{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p 1SERVICE {0} {{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p 1.SERVICE {0} {{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p 'a'@enSERVICE {0} {{ ?s ?p ?o }} }}",
    "SELECT * {{ FILTER (1<2)SERVICE{0}{{ ?s ?p ?o }} }}",
    "SELECT * {{ #'\n SERVICE#'\n{0} {{ ?s ?p ?o }} }}",
    "PREFIX a: {0} SELECT * {{ SERVICE a: {{ ?s ?p ?o }} }}",
    "SELECT * {{ FILTER EXISTS {{ SERVICE {0} {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ {{ SELECT * {{ SERVICE {0} {{ ?s ?p ?o }} }} }} }}",
    "SELECT * {{ OPTIONAL {{ SERVICE SILENT {0} {{ ?s ?p ?o }} }} }}",
]


@pytest.mark.parametrize("text", SERVICES)
def test_a_query_makes_no_request(service: Service, listener: tuple[int, list[bytes]], text: str) -> None:
    port, heard = listener
    query = text.format(f"<http://127.0.0.1:{port}/x>")
    status, body = service.query(query)
    assert status == 400
    assert b"This endpoint does not federate" in body
    # Nor does it where the guard has been got round.
    with contextlib.suppress(QueryError):
        past_the_guard(service, query, 5.0)
    time.sleep(0.02)
    assert heard == []


def test_it_would_make_one_outside_a_sandbox(listener: tuple[int, list[bytes]]) -> None:
    port, heard = listener
    with contextlib.suppress(OSError, RuntimeError):
        list(Store().query(SERVICES[0].format(f"<http://127.0.0.1:{port}/x>")))  # type: ignore[arg-type]
    eventually(lambda: bool(heard))
    assert heard[0].startswith(b"POST /x ")


def test_a_query_reads_no_file_and_no_page_for_its_dataset(
    service: Service, listener: tuple[int, list[bytes]]
) -> None:
    port, heard = listener
    for graph in ("file:///etc/passwd", f"http://127.0.0.1:{port}/x", "file:/etc/passwd"):
        for clause in (f"FROM <{graph}>", f"FROM NAMED <{graph}>"):
            status, body = service.query(
                f"SELECT ?o {clause} {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
            )
            assert (status, body) == (200, b"o\r\n")
        for name in ("default-graph-uri", "named-graph-uri"):
            path = f"/sparql?{urlencode({'query': 'SELECT ?o { ?s ?p ?o }', 'format': 'csv', name: graph})}"
            assert service.ask(path)[:2] == (200, b"o\r\n")
    assert heard == []


def test_json_ld_fetches_no_context(listener: tuple[int, list[bytes]], service: Service) -> None:
    port, heard = listener
    document = f'{{"@context": "http://127.0.0.1:{port}/c", "@id": "http://x/s", "name": "x"}}'.encode()
    for path in ("/sparql", "/graph", "/id/x", "/"):
        for method in ("POST", "PUT"):
            status, _, _ = service.ask(path, method, document, Content_Type="application/ld+json")
            assert 400 <= status < 500
    # What reads JSON-LD here could not even if it were asked to.
    with pytest.raises((SyntaxError, OSError)):
        list(parse(document, format=RdfFormat.JSON_LD))
    assert heard == []


# Updates


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <http://x/a> <http://x/b> <http://x/c> }",
        "DELETE WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "DROP ALL",
        "LOAD <http://127.0.0.1:9/x>",
        "LOAD <file:///etc/passwd>",
        "# SELECT\nPREFIX select: <http://x/> CREATE GRAPH select:x",
        "ASK {} ; CLEAR ALL",
    ],
)
def test_no_update_comes_through_by_any_route(service: Service, update: str) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    before = service.query(count)
    form = "application/x-www-form-urlencoded"
    routes = [
        ("/sparql", "POST", update, "application/sparql-update"),
        ("/sparql", "POST", update, "application/sparql-query"),
        ("/sparql", "POST", f"update={quote(update)}", form),
        ("/sparql", "POST", f"query={quote(update)}", form),
        ("/sparql", "POST", f"query={quote('ASK {}')}&update={quote(update)}", form),
        ("/sparql", "POST", update, "text/plain"),
        (f"/sparql?update={quote(update)}", "GET", "", ""),
        (f"/sparql?query={quote(update)}", "GET", "", ""),
        (f"/sparql?update={quote(update)}", "POST", "", form),
        ("/update", "POST", update, "application/sparql-update"),
        ("/graph?default", "PUT", "", "text/turtle"),
        ("/graph?default", "DELETE", "", ""),
        ("/sparql", "PATCH", update, "application/sparql-update"),
        ("/sparql", "DELETE", "", ""),
    ]
    for path, method, body, kind in routes:
        headers = {"Content_Type": kind} if kind else {}
        status, answer, _ = service.ask(path, method, body.encode(), **headers)
        assert 400 <= status < 500, (path, method, status)
        assert answer.strip() or method == "HEAD"
    with pytest.raises(QueryError):
        past_the_guard(service, update)
    assert service.query(count) == before


# Queries that do not end, or take everything


def star(arms: int) -> str:
    return "SELECT * { " + " ".join(f"?s <http://x/p{arm}> ?o{arm} ." for arm in range(arms)) + " }"


def doubled(times: int) -> str:
    steps = " ".join(f"BIND (CONCAT(?x{step}, ?x{step}) AS ?x{step + 1})" for step in range(times))
    return f"SELECT (STRLEN(?x{times}) AS ?n) {{ BIND ('{'a' * 1000}' AS ?x0) {steps} }}"


ENDLESS = {
    "product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "grouped": "SELECT ?a ?d (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } GROUP BY ?a ?d",
    "planner": star(160),
    "paths": "SELECT (COUNT(*) AS ?n) { ?a (!<http://x/>|^!<http://x/>)* ?b . "
    "?c (!<http://x/>|^!<http://x/>)* ?d . ?e (!<http://x/>|^!<http://x/>)* ?f }",
    "filtered": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l "
    "FILTER (REGEX(CONCAT(STR(?b), STR(?e), STR(?h), STR(?k)), '(x+x+)+y!')) }",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_does_not_end_is_ended(service: Service, name: str) -> None:
    started = time.monotonic()
    status, body = service.query(ENDLESS[name])
    assert status == 504
    assert b"given up after 1.5 seconds" in body
    assert time.monotonic() - started < SECONDS + 5


BOMBS = {
    "doubled": doubled(40),
    "sorted": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?a",
    "replaced": "SELECT (STRLEN(REPLACE(REPLACE(REPLACE('aaaaaaaaaa', 'a', '"
    + "a" * 3000
    + "'), 'a', '"
    + "a" * 3000
    + "'), 'a', 'aaaaaaaaaa')) AS ?n) {}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_needs_too_much_memory_is_ended_by_its_limit(service: Service, name: str) -> None:
    crashes = service.engine.stats().counts["crashes"]
    with pytest.raises(QueryError, match="the query was stopped: it needs more than 200 MB of memory"):
        past_the_guard(service, BOMBS[name], 30.0)
    assert service.engine.stats().counts["crashes"] == crashes + 1
    assert service.query(BOMBS[name])[0] in (400, 504)


def test_workers_are_limited_and_leave_no_core(service: Service) -> None:
    eventually(lambda: len(service.engine._pool.places.idle) > 1)
    with contextlib.suppress(IndexError):
        number = service.engine._pool.places.idle[0].number
        limits = Path(f"/proc/{number}/limits").read_text()
        address_space = next(line.split()[3] for line in limits.splitlines() if "address space" in line)
        size = int(Path(f"/proc/{number}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        assert size < int(address_space) <= size + MAX_MEMORY
        assert "Max core file size        0                    0" in limits
        status = Path(f"/proc/{number}/status").read_text()
        assert "Seccomp:\t2" in status
        assert "NoNewPrivs:\t1" in status


@pytest.mark.parametrize("depth", [5000, 20_000])
@pytest.mark.parametrize(("opens", "closes"), [("{", "}"), ("{SELECT * {", "}}"), ("{} OPTIONAL {", "}")])
def test_nesting_overflows_nobodys_stack(service: Service, depth: int, opens: str, closes: str) -> None:
    text = "SELECT * {" + opens * depth + closes * depth + "}"
    status, body = service.query(text)
    assert status == 413 or (status == 400 and b"nests deeper than 64" in body) or b"bytes long" in body
    # Past the guard a worker may die of it, and nobody else.
    with contextlib.suppress(QueryError, TooLateError):
        past_the_guard(service, text)


def test_a_flood_of_results_is_cut_and_never_called_whole(service: Service) -> None:
    status, _ = service.query(FLOOD)
    assert status in (0, 413)
    with pytest.raises((TooLargeError, TooLateError)):
        past_the_guard(service, FLOOD)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { FILTER (REGEX('" + "a" * 40_000 + "!', '^(a+)+$')) }",
        "ASK { FILTER (REGEX('" + "a" * 30_000 + "', '(a|a|aa)*b')) }",
        "ASK { FILTER (REGEX('a', '((((a{1000}){1000}){1000}){1000})')) }",
        "ASK { FILTER (REGEX('a', '" + "(" * 20_000 + "')) }",
    ],
)
def test_a_hostile_regular_expression_is_soon_done(service: Service, text: str) -> None:
    started = time.monotonic()
    status, body = service.query(text)
    assert (status, body.strip()) == (200, b"false")
    assert time.monotonic() - started < 5


# Requests that are no requests


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"query=" + b"a" * 2_000_000, "application/x-www-form-urlencoded"),
        (b"SELECT * { ?s ?p '" + b"a" * 100_000 + b"' }", "application/sparql-query"),
        (b"query=%FF%FE", "application/x-www-form-urlencoded"),
        (b"query=SELECT * { ?s ?p '\xff' }", "application/x-www-form-urlencoded"),
        (b"SELECT * { ?s ?p '\xc3' }", "application/sparql-query"),
        (b"\x00\x01\x02", "application/sparql-query"),
        (b"SELECT * { ?s ?p '\x00' }}}", "application/sparql-query"),
        ("SELECT * { ?s ?p 'a' }".encode("utf-16"), "application/sparql-query"),
        (b"SELECT * { ?s ?p 'a' }", "application/sparql-query; charset=utf-16"),
        (b"a=b&" * 5000, "application/x-www-form-urlencoded"),
        (b"query=ASK{}&query=ASK{}", "application/x-www-form-urlencoded"),
        (b"<a/>", "text/xml"),
        (b"", "application/sparql-query"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "application/rdf+xml"),
    ],
)
def test_a_malformed_body_is_refused(service: Service, body: bytes, kind: str) -> None:
    status, answer, headers = service.ask("/sparql", "POST", body, Content_Type=kind)
    assert status in (400, 413, 415), answer
    assert (headers["Content-Type"] or "").startswith("text/plain")
    assert answer.strip()


def test_half_requests_and_hang_ups_hold_up_nobody(service: Service) -> None:
    flood = f"GET /sparql?query={quote(FLOOD)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    half = [
        b"GET /sparql?que",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nquery=",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nqu",
        b"\x16\x03\x01\x02\x00",
    ]
    with contextlib.ExitStack() as stack:
        for data in half * 5:
            stack.enter_context(service.raw(data))
        # One at a time: there are two workers, and the other client needs one.
        for _ in range(5):
            with service.raw(flood):
                eventually(lambda: service.engine.stats().levels["busy"] > 0)
            eventually(lambda: service.engine.stats().levels["busy"] <= 1)
        assert service.is_well()


# What is in the data, and in the request line


def test_script_in_the_data_is_shown_and_not_run(service: Service) -> None:
    query = "SELECT * { <http://x/evil> ?p ?o }"
    pages = [
        f"/sparql?{urlencode({'query': query})}",
        f"/sparql?{urlencode({'query': '<script>alert(4)</script>'})}",
        f"/<script>alert(5)</script>?x={quote('<script>alert(6)</script>')}",
    ]
    for path in pages:
        _, body, headers = service.ask(quote(path, safe="/?=&%+"), Accept=CHROME)
        page = body.decode()
        assert "<html" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript:' not in page
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert "&lt;script&gt;alert(1)" in service.ask(pages[0], Accept=CHROME)[1].decode()


@pytest.mark.parametrize(
    "path",
    [
        "/id/x%0d%0aSet-Cookie:%20a=b",
        "/doc/x%0aSet-Cookie:%20a=b.ttl",
        "/sparql?query=ASK%20{}&format=csv%0d%0aSet-Cookie:%20a=b",
        "/sparql?query=ASK%20{}&default-graph-uri=http://x/%0d%0aSet-Cookie:%20a=b",
        "/%0d%0aSet-Cookie:%20a=b",
        "/ontology.ttl%0d%0aSet-Cookie:%20a=b",
    ],
)
def test_no_header_is_injected(service: Service, path: str) -> None:
    status, _, headers = service.ask(path)
    assert headers["Set-Cookie"] is None
    assert status < 500
    status, _, headers = service.ask(
        "/sparql?query=ASK%20{}", Accept="text/csv", Host="x", Origin="http://evil/"
    )
    assert status == 200
    assert headers["Set-Cookie"] is None


@pytest.mark.parametrize("root", ["/static/", "/doc/", "/id/", "/article/", "/graph/", "/", "/ontology/"])
def test_no_path_leads_out(service: Service, root: str) -> None:
    for step in ("../", "..%2f", "%2e%2e/", "..%5c", "....//", "%252e%252e/"):
        for file in ("etc/passwd", "etc/hostname"):
            status, body, _ = service.ask(f"{root}{step * 8}{file}")
            assert 300 <= status < 500
            assert b"root:" not in body
    status, body, _ = service.ask(f"{root}%00")
    assert 300 <= status < 500


def test_a_long_address_and_many_headers_are_refused(service: Service) -> None:
    assert service.ask("/" + "a" * 300_000)[0] in (400, 404, 414, 431)
    assert service.ask("/sparql?query=" + "a" * 100_000)[0] in (400, 414, 431)
    headers = {f"X_{number}": "a" * 1000 for number in range(400)}
    assert service.ask("/", **headers)[0] in (400, 431)


def test_the_base_is_not_the_clients_to_choose(service: Service) -> None:
    for host in ("evil.example", "evil.example:80@127.0.0.1", ""):
        _, body, headers = service.ask("/id/actor/captain", Host=host, X_Forwarded_Host="evil.example")
        assert not (headers["Location"] or "").startswith("http://evil.example:80@")
        _, body, _ = service.ask("/doc/actor/captain.nt", Host=host, X_Forwarded_Host="evil.example")
        assert f"<{BASE}id/actor/captain>".encode() in body
        assert b"evil.example" not in body


# What is promised


def test_each_promise_of_the_threat_model_names_tests_that_there_are() -> None:
    root = Path(web.__file__).parent.parent
    paths = [*(root / "tests").glob("test_*.py"), *(root / "tests/web").glob("test_*.py")]
    names = [
        name
        for path in paths
        for name in re.findall(r"^def test_(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    rows = (root / "docs/threat-model.md").read_text(encoding="utf-8").split("| held by |")[1].splitlines()
    cells = [row.rsplit("|", 2)[1] for row in rows[2:] if row.startswith("| ")]
    assert len(cells) > 10
    for cell in cells:
        named = re.findall(r"`([a-z0-9_]+)…?`", cell)
        files = re.findall(r"`(test_\w+\.py)`", cell)
        assert named or files, cell
        assert all(any(word in name for name in names) for word in named), cell
        assert {*files} <= {path.name for path in paths}, cell
