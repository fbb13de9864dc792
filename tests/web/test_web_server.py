"""The server itself: whatever its application and its clients do, it keeps its word."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx
import pytest
from flask import Flask
from serving import eventually, read

from kg.settings import SettingError, Settings
from web.answers import SETTINGS
from web.hangup import Hangup, hung_up, listening, on_hangup
from web.metrics import METRICS, Metrics
from web.server.clients import Limits, Proxies
from web.server.replay import Kept, Replay
from web.server.run import listen, make_server

Body = Callable[[dict[str, Any]], Iterable[bytes]]


class Application:
    """A WSGI application that answers with what it is given, and remembers what became of it."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.stopped = threading.Event()
        self.sent = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        name = environ["PATH_INFO"][1:]
        headers = [("Content-Type", "text/plain")]
        if name == "echo":
            body = environ["wsgi.input"].read()
            start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
            return [body]
        if name == "wait":
            gone = threading.Event()
            with on_hangup(gone.set):
                if gone.wait(10):
                    self.stopped.set()
        if name == "tagged":
            self.sent += 1
            body = f"{self.sent} for {environ.get('HTTP_ACCEPT')} at {environ['REMOTE_ADDR']}".encode()
            start_response("200 OK", [*headers, ("ETag", '"x"'), ("Content-Length", str(len(body)))])
            return [body]
        if name == "early":
            raise ValueError("deliberate")
        start_response("200 OK", headers)
        return Closing(self, {"late": self.late, "flood": self.flood}.get(name, self.two)())

    def two(self) -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    def late(self) -> Iterator[bytes]:
        yield b"one "
        raise ValueError("deliberate")

    def flood(self) -> Iterator[bytes]:
        while True:
            self.sent += 1
            yield b"x" * 65_536


class Closing:
    """A body that tells when it is closed."""

    def __init__(self, owner: Application, chunks: Iterator[bytes]) -> None:
        self.owner, self.chunks = owner, chunks

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        self.owner.closed.set()


@contextlib.contextmanager
def running(**settings: Any) -> Iterator[tuple[str, Application, Metrics]]:
    """Serve such an application in a thread of this process."""
    app, own = Flask("test"), Application()
    app.wsgi_app = own  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = 1000
    metrics = app.extensions[METRICS] = Metrics()
    app.extensions[SETTINGS] = Settings(stop_seconds=1, **settings)
    listener, server = listen("127.0.0.1", 0), make_server(app)
    root = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield root, own, metrics
    finally:
        server.stop()
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture
def service() -> Iterator[tuple[str, Application, Metrics]]:
    with running(client_seconds=1, workers=1, max_queue=0) as made:
        yield made


def request(root: str, *lines: str) -> socket.socket:
    host, _, port = root.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall("\r\n".join((*lines, "", "")).encode())
    return connection


def count(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0


Service = tuple[str, Application, Metrics]


def test_answer_in_chunks_is_whole_and_closed(service: Service) -> None:
    root, application, _ = service
    answer = httpx.get(f"{root}/two")
    assert (answer.text, answer.headers["Transfer-Encoding"]) == ("one two", "chunked")
    assert application.closed.wait(2)


def test_error_after_the_first_chunk_is_never_a_whole_answer(service: Service) -> None:
    root, application, metrics = service
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        httpx.get(f"{root}/late")
    assert application.closed.wait(2)
    assert count(metrics, "hearsay_http_cut_total", by="error") == 1
    # Who does not know chunks is not told that the first part is all.
    assert read(request(root, "GET /late HTTP/1.0")).startswith(b"HTTP/1.1 500 ")


def test_error_before_the_first_chunk_is_a_status(service: Service) -> None:
    root, _, _ = service
    assert httpx.get(f"{root}/early").status_code == 500


def test_query_of_a_client_that_hangs_up_is_stopped(service: Service) -> None:
    root, application, metrics = service
    connection = request(root, "GET /wait HTTP/1.1", "Host: x")
    time.sleep(0.2)
    connection.close()
    assert application.stopped.wait(2)
    assert eventually(lambda: count(metrics, "hearsay_http_running") == 0)
    assert count(metrics, "hearsay_http_cut_total", by="client") == 1


def test_answer_to_a_client_that_hangs_up_is_closed(service: Service) -> None:
    root, application, _ = service
    connection = request(root, "GET /flood HTTP/1.1", "Host: x")
    connection.recv(1000)
    connection.close()
    assert application.closed.wait(2)


def test_clients_that_do_not_read_hold_nothing_but_their_place(service: Service) -> None:
    root, application, metrics = service
    readers = [request(root, "GET /flood HTTP/1.1", "Host: x") for _ in range(20)]
    time.sleep(0.3)
    # There are more of them than threads for pages.
    assert httpx.get(f"{root}/two").text == "one two"
    assert eventually(lambda: count(metrics, "hearsay_http_cut_total", by="slowness") == 20)
    for reader in readers:
        assert not read(reader).endswith(b"\r\n0\r\n\r\n")
    # No more was made than their connections take: some 10 MB each, which are the system's.
    assert application.sent < 20 * 200


def test_no_more_is_taken_on_than_can_be_answered() -> None:
    with running(client_seconds=5, workers=1, max_queue=0) as (root, application, metrics):
        waiting = [request(root, "GET /wait HTTP/1.1", "Host: x") for _ in range(10)]
        assert eventually(lambda: count(metrics, "hearsay_http_running") == 10)
        refused = httpx.get(f"{root}/two")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
        for connection in waiting:
            connection.close()
        assert eventually(lambda: httpx.get(f"{root}/two").status_code == 200)
        assert application.stopped.is_set()


def test_body_arrives_whole_however_it_is_sent(service: Service) -> None:
    root, _, _ = service
    assert httpx.post(f"{root}/echo", content=b"x" * 1000).content == b"x" * 1000
    assert httpx.post(f"{root}/echo", content=iter([b"one ", b"two"])).text == "one two"
    assert httpx.post(f"{root}/echo", content=b"x" * 1001).status_code == 413
    expecting = request(root, "POST /echo HTTP/1.1", "Host: x", "Content-Length: 2", "Expect: 100-continue")
    assert expecting.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    expecting.sendall(b"ok")
    assert expecting.recv(1000).endswith(b"ok")
    expecting.close()


def test_rest_of_a_request_that_is_answered_does_not_come_for_ever() -> None:
    with running(client_seconds=1, client_requests=1) as (root, _, _):
        first = request(root, "GET /wait HTTP/1.1", "Host: x")
        time.sleep(0.1)
        refused = request(root, "POST /echo HTTP/1.1", "Host: x", "Content-Length: 900")
        assert read(refused).startswith(b"HTTP/1.1 429 ")
        first.close()


def test_same_request_within_a_second_has_the_same_answer(service: Service) -> None:
    root, application, metrics = service
    with httpx.Client() as client:
        first = client.get(f"{root}/tagged", headers={"Accept": "a/b"})
        again = [client.get(f"{root}/tagged", headers={"Accept": "a/b"}) for _ in range(5)]
        assert {answer.text for answer in again} == {first.text} == {"1 for a/b at 127.0.0.1"}
        # The first of them is of the moment.
        assert {tuple(answer.headers.raw[1:]) for answer in again} == {tuple(first.headers.raw[1:])}
        assert client.get(f"{root}/tagged", headers={"Accept": "b/c"}).text == "2 for b/c at 127.0.0.1"
        assert client.head(f"{root}/tagged", headers={"Accept": "a/b"}).text == ""
        assert client.get(f"{root}/two").text == "one two"
        assert count(metrics, "hearsay_http_replayed_total", route="other") == 5
        time.sleep(1.1)
        later = client.get(f"{root}/tagged", headers={"Accept": "a/b"})
        assert later.text == "4 for a/b at 127.0.0.1"
    assert application.sent == 4


def test_client_behind_a_proxy_is_told_its_own_answer() -> None:
    with running(trusted_proxies="127.0.0.1") as (root, _, _), httpx.Client() as proxy:
        for client in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
            answer = proxy.get(f"{root}/tagged", headers={"X-Forwarded-For": client})
            assert answer.text.endswith(f"at {client}")


def test_repetitions_count_against_the_rate() -> None:
    with running(client_rate=1) as (root, _, _), httpx.Client() as client:
        statuses = [client.get(f"{root}/tagged").status_code for _ in range(40)]
        assert statuses[:10] == [200] * 10
        assert 429 in statuses


def test_what_comes_after_a_head_is_not_taken_for_another_request(service: Service) -> None:
    root, _, metrics = service
    for _ in range(2):
        body = request(root, "GET /tagged HTTP/1.1", "Host: x", "Content-Length: 4")
        body.sendall(b"GET ")
        assert body.recv(1000).startswith(b"HTTP/1.1 200 ")
        body.close()
    both = "GET /tagged HTTP/1.1\r\nHost: x\r\n\r\nGET /tagged HTTP/1.1\r\nHost: x\r\nConnection: close"
    for _ in range(2):
        assert read(request(root, both)).count(b"HTTP/1.1 200 ") == 2
    assert count(metrics, "hearsay_http_replayed_total", route="other") == 0


def test_kept_answers_are_bounded() -> None:
    replay = Replay(max_bytes=1000)
    for number in range(100):
        kept = Kept(b"x" * 90, 10.0, 90, "a", "/", ("/", ""), "", "")
        replay.keep(b"%10d" % number, kept, by_proxy=False)
    found = [number for number in range(100) if replay.find(b"%10d" % number, 0.0, by_proxy=False)]
    assert found == list(range(90, 100))
    assert replay.find(b"%10d" % 99, 0.0, by_proxy=True) is None
    assert replay.find(b"%10d" % 99, 11.0, by_proxy=False) is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9, 192.0.2.1, 10.1.2.3", "192.0.2.1"),
        ("127.0.0.1", "192.0.2.1:4711", "192.0.2.1"),
        ("127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.1, nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("192.0.2.9", "203.0.113.9", "192.0.2.9"),
    ],
)
def test_only_trusted_proxies_say_who_the_client_is(peer: str, forwarded: str, address: str) -> None:
    assert Proxies("127.0.0.1 , 10.0.0.0/8").origin(peer, {"x-forwarded-for": forwarded}).address == address


def test_only_trusted_proxies_say_how_they_were_addressed() -> None:
    headers = {"x-forwarded-proto": "https", "x-forwarded-host": "kg.example.org"}
    trusted = Proxies("127.0.0.1").origin("127.0.0.1", headers)
    assert (trusted.scheme, trusted.host) == ("https", "kg.example.org")
    stranger = Proxies("127.0.0.1").origin("192.0.2.9", headers)
    assert (stranger.scheme, stranger.host) == (None, None)
    with pytest.raises(SettingError, match=r"'10\.0\.0\.1/8' is neither an address nor a network"):
        Proxies("10.0.0.1/8")


def test_limits_let_a_burst_through_and_then_a_rate() -> None:
    now = [0.0]
    limits = Limits(rate=2, at_once=0, seconds=3, clock=lambda: now[0])
    assert [limits.enter("a") for _ in range(7)] == [0] * 6 + [1]
    assert limits.enter("b") == 0
    now[0] = 0.5
    assert [limits.enter("a"), limits.enter("a")] == [0, 1]
    # One network of IPv6 is one client.
    assert [limits.enter(f"2001:db8::{number}") for number in range(7)] == [0] * 6 + [1]
    assert limits.enter("2001:db8:0:1::1") == 0


def test_limits_forget_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.server.clients._MANY", 10)
    now = [0.0]
    limits = Limits(rate=1, at_once=5, seconds=1, clock=lambda: now[0])
    for number in range(1000):
        now[0] += 1
        assert limits.enter(str(number)) == 0
        limits.leave(str(number))
    assert len(limits._clients) <= 11


def test_limits_of_requests_at_once() -> None:
    limits = Limits(rate=0, at_once=2)
    assert [limits.enter("a"), limits.enter("a"), limits.enter("a"), limits.enter("b")] == [0, 0, 1, 0]
    limits.leave("a")
    assert limits.enter("a") == 0


def test_hangup_is_acted_on_once_and_not_after_the_block() -> None:
    done: list[str] = []
    with listening(hangup := Hangup()):
        with on_hangup(lambda: done.append("early")):
            pass
        assert not hung_up()
        with on_hangup(lambda: done.append("now")):
            hangup.happen()
            hangup.happen()
        assert hung_up()
        with on_hangup(lambda: done.append("at once")):
            pass
    assert done == ["now", "at once"]
    with on_hangup(lambda: done.append("nobody listens")):
        assert not hung_up()
