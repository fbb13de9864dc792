"""The server keeps its promises to operators, and to everybody while some are hostile."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import ENDLESS, ROOT, Serving, alive, eventually, read, serving
from test_store import quad

from kg.store import write_release

BOUNDED = {"client_seconds": 1, "query_timeout": 1}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    write_release([quad(f"s{number}", f"word {number}") for number in range(400)], folder)
    return folder


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[Serving]:
    """A server whose clients have a second for everything."""
    with serving(store, **BOUNDED) as running:
        yield running


def numbers(server: Serving) -> dict[str, float]:
    """Read what the server counts: sums over labels, by name."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(server.get("/metrics").text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


def test_taken_port_is_one_sentence_and_exit_code_2(store: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = [sys.executable, "-m", "kg", "serve", "--store", str(store), "--port", str(port)]
        ended = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
    sentence = (
        f"cannot listen on 127.0.0.1:{port} (Address already in use): choose another --host or --port\n"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", sentence)


def test_settings_that_cannot_be_meant_are_refused(store: Path) -> None:
    arguments = [sys.executable, "-m", "kg", "serve", "--store", str(store), "--port", "0"]
    for name, value, words in (
        ("HEARSAY_TRUSTED_PROXIES", "nginx", "'nginx' is neither an address nor a network"),
        ("HEARSAY_ACCESS_LOG", "/no/such/folder/log", "/no/such/folder/log: no such file"),
    ):
        ended = subprocess.run(
            arguments, cwd=ROOT, env=os.environ | {name: value}, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 2
        assert words in ended.stderr
        assert "Traceback" not in ended.stderr


def test_interrupt_ends_an_idle_server_at_once(store: Path) -> None:
    with serving(store) as server, httpx.Client() as kept:
        assert kept.get(server.root).status_code == 200
        code, seconds = server.stop(signal.SIGINT)
        assert code == 0
        assert seconds < 3
        assert len(server.said) == 1


def test_query_that_ends_in_time_is_answered_while_the_server_stops(store: Path) -> None:
    with serving(store, query_timeout=1) as server:
        asked = server.send("GET /sparql?query=" + quoted(ENDLESS) + " HTTP/1.1", "Host: x", "", "")
        assert eventually(lambda: numbers(server)["hearsay_http_running"] >= 2)
        code, seconds = server.stop()
        assert read(asked).startswith(b"HTTP/1.1 504 ")
        assert code == 0
        assert seconds < 5


def test_query_that_does_not_end_in_time_is_cut_when_the_server_stops(store: Path) -> None:
    with serving(store, query_timeout=60, stop_seconds=1) as server:
        asked = server.send("GET /sparql?query=" + quoted(ENDLESS) + " HTTP/1.1", "Host: x", "", "")
        assert eventually(lambda: numbers(server)["hearsay_http_running"] >= 2)
        children = server.children()
        code, seconds = server.stop()
        assert not read(asked).startswith(b"HTTP/1.1 200 ")
        assert code == 0
        assert 1 <= seconds < 5
        assert not [number for number in children if alive(number)]
        assert not [line for line in server.said if "Traceback" in line]


def test_killed_server_leaves_no_process_behind(store: Path) -> None:
    with serving(store, query_timeout=60) as server:
        asked = server.send("GET /sparql?query=" + quoted(ENDLESS) + " HTTP/1.1", "Host: x", "", "")
        assert eventually(lambda: numbers(server)["hearsay_http_running"] >= 2)
        children = server.children()
        assert children
        server.process.kill()
        assert eventually(lambda: not any(alive(number) for number in children))
        asked.close()


def test_clients_that_send_slowly_hold_nobody_up(server: Serving) -> None:
    heads = [server.send("GET /health HTTP/1.1", "Host: x", "X-Slow: ") for _ in range(40)]
    long = ("Host: x", "Content-Type: application/sparql-query", "Content-Length: 99", "", "ASK")
    bodies = [server.send("POST /sparql HTTP/1.1", *long) for _ in range(40)]
    silent = [server.connect() for _ in range(10)]
    started = time.monotonic()
    while time.monotonic() - started < 1.5:
        asked = time.monotonic()
        assert server.ask("ASK {}").status_code == 200
        assert time.monotonic() - asked < 2
        for connection in heads + bodies:
            with contextlib.suppress(OSError):
                connection.sendall(b" ")
        time.sleep(0.1)
    assert {read(connection)[:12] for connection in heads} <= {b"HTTP/1.1 408", b""}
    assert any(read(server.send("GET / HTTP/1.1", "Host: x", "X: ")).startswith(b"HTTP/1.1 408") for _ in "a")
    assert {read(connection)[:12] for connection in bodies} <= {b"HTTP/1.1 408", b""}
    assert {read(connection) for connection in silent} == {b""}


def test_huge_requests_are_refused(server: Serving) -> None:
    head = server.send("GET / HTTP/1.1", "Host: x", "X-Long: " + "x" * 400_000, "", "")
    assert read(head).startswith(b"HTTP/1.1 431 ")
    post = ("POST /sparql HTTP/1.1", "Host: x", "Content-Type: application/sparql-query")
    assert read(server.send(*post, "Content-Length: 9999999999", "", "")).startswith(b"HTTP/1.1 413 ")
    chunk = f"{300_000:x}\r\n" + "x" * 300_000 + "\r\n"
    answer = read(server.send(*post, "Transfer-Encoding: chunked", "", chunk))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(b"A request may have 212,992 bytes, and not more.\n")


@pytest.mark.parametrize(
    "lines",
    [
        ("GARBAGE", "", ""),
        ("GET / HTTP/1.1", "Host: x", "Bad Header: y", "", ""),
        ("POST /sparql HTTP/1.1", "Host: x", "Content-Length: 3", "Content-Length: 4", "", "ASK"),
        (
            "POST /sparql HTTP/1.1",
            "Host: x",
            "Content-Length: 3",
            "Transfer-Encoding: chunked",
            "",
            "0",
            "",
            "",
        ),
        ("POST /sparql HTTP/1.1", "Host: x", "Content-Length: -1", "", ""),
    ],
)
def test_what_is_not_http_is_refused(server: Serving, lines: tuple[str, ...]) -> None:
    assert read(server.send(*lines)).startswith(b"HTTP/1.1 400 ")
    assert server.ask("ASK {}").status_code == 200


def test_requests_in_a_row_on_one_connection_are_answered_in_order(server: Serving) -> None:
    health = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    last = "GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answers = read(server.send(f"{health}HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n{last}"))
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert answers.count(b"\r\n\r\nok ") == 1
    assert answers.endswith(b"Disallow: /dump.\n")


def test_client_of_http_1_0_gets_a_length_and_no_chunks(server: Serving) -> None:
    query = quoted("SELECT ?a ?b { ?a ?p ?b } ORDER BY ?a")
    answer = read(server.send(f"GET /sparql?format=csv&query={query} HTTP/1.0", "", ""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert b"chunked" not in head
    assert body.startswith(b"a,b\r\nhttp://example.org/s0,word 0\r\n")


def test_clients_that_hang_up_give_back_what_they_held(store: Path) -> None:
    with serving(store, query_timeout=60, workers=2) as server:
        for _ in range(6):
            asked = server.send("GET /sparql?query=" + quoted(ENDLESS) + " HTTP/1.1", "Host: x", "", "")
            assert eventually(lambda: numbers(server)["hearsay_http_running"] >= 2)
            asked.close()
            assert eventually(lambda: numbers(server)["hearsay_http_running"] == 1, within=2)
        assert server.ask("ASK {}").text == "true"
        assert numbers(server)["hearsay_queries_hangups_total"] == 6


def test_one_client_may_not_ask_too_much_and_others_may_go_on(store: Path) -> None:
    with serving(store, client_rate=1, trusted_proxies="127.0.0.0/8") as server:

        def health(client: str) -> httpx.Response:
            return server.get("/robots.txt", headers={"X-Forwarded-For": f"203.0.113.9, {client}"})

        answers = [health("192.0.2.1") for _ in range(20)]
        assert [answer.status_code for answer in answers[:10]] == [200] * 10
        refused = next(answer for answer in answers if answer.status_code != 200)
        assert refused.status_code == 429
        assert refused.text == "Too many requests from 192.0.2.1: try again in 1 s.\n"
        assert refused.headers["Retry-After"] == "1"
        assert refused.headers["Access-Control-Allow-Origin"] == "*"
        assert health("192.0.2.2").status_code == 200
    with serving(store, client_requests=2, query_timeout=3) as server:
        line = "GET /sparql?query=" + quoted(ENDLESS) + " HTTP/1.1"
        asked = [server.send(line, "Host: x", "", "") for _ in range(2)]
        assert eventually(lambda: server.get("/robots.txt").status_code == 429)
        for connection in asked:
            connection.close()
        assert eventually(lambda: server.get("/robots.txt").status_code == 200)


COMBINED = re.compile(
    r"127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "
    r'"([^"]*)" (\d{3}) (\d+|-) "([^"]*)" "([^"]*)"'
)


def test_access_log_is_in_the_combined_format_and_tells_no_query(store: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    with serving(store, access_log=log) as server:
        headers = {"User-Agent": 'a"b', "Referer": "http://x/?query=secret"}
        server.get("/sparql?format=csv&query=ASK%7B%3Fsecret%20a%20%3Fb%7D", headers=headers)
        server.get("/nothing%0Ahere", headers={"User-Agent": "é".encode()})
        lines = log.read_text().splitlines()
        moved = log.rename(tmp_path / "access.log.1")
        server.process.send_signal(signal.SIGHUP)
        assert eventually(log.exists)
        server.get("/robots.txt")
        assert "robots" in log.read_text()
        assert "robots" not in moved.read_text()
    assert "secret" not in "".join(lines)
    found = [COMBINED.fullmatch(line) for line in lines]
    assert all(found)
    last = [match.groups() for match in found[-2:] if match]
    assert last[0] == ("GET /sparql?[46] HTTP/1.1", "200", "5", "http://x/", "a\\x22b")
    assert last[1][:2] == ("GET /nothing%0Ahere HTTP/1.1", "404")
    assert last[1][4] == "\\xc3\\x83\\xc2\\xa9"


def test_metrics_are_prometheus_text_and_count(server: Serving) -> None:
    before = numbers(server)
    assert server.ask("ASK {}").status_code == 200
    assert server.ask("nonsense").status_code == 400
    assert server.ask(ENDLESS).status_code == 504
    after = numbers(server)

    def grown(name: str) -> float:
        return after[name] - before[name]

    assert grown("hearsay_http_requests_total") == 4
    assert grown("hearsay_http_request_seconds_count") == 4
    assert grown("hearsay_queries_timeouts_total") == 1
    assert grown("hearsay_queries_kills_total") == 1
    assert after["hearsay_store_up"] == 1
    assert after["hearsay_release_quads"] == 400
    assert after["hearsay_children_resident_bytes"] > 1_000_000
    assert after["process_resident_memory_bytes"] > 1_000_000
    assert {"hearsay_query_seconds_bucket", "hearsay_queue", "hearsay_cache_hits_total"} <= set(after)


def test_health_comes_back_when_the_store_does(store: Path) -> None:
    with serving(store) as server:
        assert server.get("/health").status_code == 200
        for number in server.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        # It starts them again by itself, and never says that it is well while it is not.
        assert eventually(lambda: server.get("/health").status_code == 200, within=10)
        assert server.ask("ASK {}").text == "true"


def test_new_release_is_served_without_dropping_a_request(tmp_path: Path) -> None:
    write_release([quad("a", "0")], tmp_path / "store")
    statuses: list[int] = []
    words: list[int] = []
    done = threading.Event()

    def ask(server: Serving) -> None:
        with httpx.Client() as client:
            while not done.is_set():
                query = {"query": "SELECT ?o { ?s ?p ?o }", "format": "csv"}
                answer = client.get(f"{server.root}/sparql", params=query)
                statuses.append(answer.status_code)
                if answer.status_code == 200:
                    words.append(int(answer.text.split()[1]))

    with serving(tmp_path / "store") as server:
        clients = [threading.Thread(target=ask, args=(server,)) for _ in range(3)]
        for client in clients:
            client.start()
        for number in range(1, 3):
            write_release([quad("a", str(number))], tmp_path / "store")
            assert eventually(lambda: words[-1:] == [number], within=15)  # noqa: B023
        done.set()
        for client in clients:
            client.join(timeout=10)
    assert set(statuses) == {200}
    assert set(words) == {0, 1, 2}


def test_build_killed_at_any_moment_leaves_the_old_release_served(tmp_path: Path) -> None:
    write_release([quad("a", "old")], tmp_path / "store")
    big = tmp_path / "big.nt"
    lines = (f'<http://example.org/{n}> <http://example.org/p> "{n}" .\n' for n in range(60_000))
    big.write_text("".join(lines), encoding="utf-8")
    arguments = [sys.executable, "-m", "kg", "load", str(big), "--out", str(tmp_path / "store")]
    with serving(tmp_path / "store") as server:
        for moment in (0.3, 0.5, 0.7, 0.9):
            building = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.DEVNULL)
            time.sleep(moment)
            building.kill()
            finished = building.wait() == 0
            answer = server.ask("SELECT ?o { ?s ?p ?o }")
            assert answer.status_code == 200
            if finished:
                break
            assert answer.text == "o\r\nold\r\n"
        assert server.get("/health").status_code == 200


def quoted(query: str) -> str:
    return str(httpx.QueryParams({"q": query}))[2:]
