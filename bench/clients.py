"""The clients of a soak: polite, hurried, slow and hostile ones. Each runs until it is told to stop."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import random
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from urllib.parse import quote

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (?a != ?i && ?n%d != 1) }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . FILTER (?c != %d) }"
LOOKUP = 'SELECT ?s ?o { ?s skos:prefLabel ?o FILTER (?o != "%d") } LIMIT 20'
PAGES = (
    "/",
    "/health",
    "/sparql",
    "/ontology",
    "/ontology.ttl",
    "/.well-known/void",
    "/robots.txt",
    "/dump.nq",
    "/article/corbyn-russia",
    "/doc/actor/apt29.ttl",
)
HOSTILE = (
    "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
    "INSERT DATA { <http://x/a> <http://x/b> 1 }",
    "LOAD <file:///etc/passwd>",
    "SELECT * " + "{" * 5000 + "}" * 5000,
    "SELECT " + "(" * 3000 + "1" + ")" * 3000 + "{}",
    "SELECT * { " + " . ".join(f"?s ?p{n} ?o{n}" for n in range(120)) + " }",
    "'" * 60_000,
    "ASK { ?s ?p 'unended",
    "x" * 70_000,
)

_Kind = Callable[[int, "Tally", threading.Event], None]


class Tally:
    """What clients were answered, and what they should not have been."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.statuses: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.faults: list[tuple[str, str]] = []

    def answer(self, kind: str, status: int, allowed: tuple[int, ...], what: str) -> None:
        """Count an answer; it is a fault unless its status is allowed."""
        with self._lock:
            self.statuses[kind][status] += 1
        if status not in allowed:
            self.wrong(kind, f"{status} for {what[:80]}")

    def wrong(self, kind: str, what: str) -> None:
        """Note a fault."""
        with self._lock:
            self.faults.append((kind, what))

    def totals(self) -> tuple[int, int, int]:
        """Return how many answers there were, how many were 503, and how many faults."""
        with self._lock:
            every = [counter.total() for counter in self.statuses.values()]
            return sum(every), sum(found[503] for found in self.statuses.values()), len(self.faults)


def get(
    port: int, path: str, *, method: str = "GET", body: bytes | None = None, kind: str = ""
) -> tuple[int, bytes]:
    """Return the status and the body of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, path, body, {"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        return answer.status, answer.read()


def polite(port: int, tally: Tally, stop: threading.Event) -> None:
    """Read pages and ask small queries on a connection that is kept."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    numbers = itertools.count()
    while not stop.is_set():
        number = next(numbers)
        path = PAGES[number // 2 % len(PAGES)] if number % 2 else _sparql(LOOKUP % (number % 1000))
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            tally.wrong("polite", f"{type(error).__name__} for {path[:80]}")
            connection.close()
            continue
        tally.answer("polite", answer.status, (200, 303, 503), path)
        if answer.status == 200 and not body:
            tally.wrong("polite", f"nothing for {path[:80]}")
        if answer.status == 503:
            time.sleep(0.5)
    connection.close()


def greedy(port: int, tally: Tally, stop: threading.Event) -> None:
    """Ask what cannot be answered in time, or is too large."""
    for number in _until(stop):
        query = (ENDLESS if number % 2 else FLOOD) % number
        try:
            status, _ = get(port, _sparql(query))
        except http.client.IncompleteRead:
            status = 0  # cut, as it should be
        tally.answer("greedy", status, (0, 400, 413, 503, 504), query)
        time.sleep(0.05)


def hurried(port: int, _: Tally, stop: threading.Event) -> None:
    """Hang up before the answer, or in it."""
    for number in _until(stop):
        query = (ENDLESS if number % 2 else FLOOD) % (number + 1_000_000)
        with contextlib.suppress(OSError), _asked(port, _sparql(query)) as connection:
            connection.settimeout(random.uniform(0.01, 0.3))
            connection.recv(1000)
        time.sleep(0.02)


def slow(port: int, _: Tally, stop: threading.Event) -> None:
    """Send heads and bodies a byte at a time, and read nothing of answers."""
    head = "GET / HTTP/1.1\r\nHost: x\r\nX: "
    kind = "Content-Type: application/sparql-query"
    body = f"POST /sparql HTTP/1.1\r\nHost: x\r\n{kind}\r\nContent-Length: 99\r\n\r\n"
    while not stop.is_set():
        connections = []
        for number in range(30):
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
            whole = f"GET {_sparql(FLOOD % number)} HTTP/1.1\r\nHost: x\r\n\r\n"
            connection.sendall((head, body, whole)[number % 3].encode())
            connections.append(connection)
        for _round in range(8):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.sendall(b"x")
            stop.wait(0.5)
        for connection in connections:
            connection.close()


def hostile(port: int, tally: Tally, stop: threading.Event) -> None:
    """Ask what is forbidden, broken or too long: each gets its 4xx, or 504 at worst."""
    for number in _until(stop):
        query = HOSTILE[number % len(HOSTILE)]
        kind = "application/sparql-query"
        status, _ = get(port, "/sparql", method="POST", body=query.encode(), kind=kind)
        tally.answer("hostile", status, (400, 403, 413, 503, 504), query)
        for path, body in (
            ("/sparql?query=%ff%fe", None),
            ("/../../etc/passwd", None),
            ("/sparql", b"\xff" * 300),
        ):
            method, given = ("POST", kind) if body else ("GET", "")
            status, _ = get(port, path, method=method, body=body, kind=given)
            tally.answer("hostile", status, (400, 404, 503), path)
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        ):
            connection.sendall(random.randbytes(500) + b"\r\n\r\n")
            answer = connection.recv(1000)
            tally.answer("hostile", int(answer[9:12] or 0), (0, 400, 408), "noise")
        time.sleep(0.05)


def _sparql(query: str) -> str:
    return f"/sparql?query={quote(query)}"


def _asked(port: int, path: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def _until(stop: threading.Event) -> Iterator[int]:
    for number in itertools.count():
        if stop.is_set():
            return
        yield number


KINDS: tuple[_Kind, ...] = (polite, polite, polite, greedy, greedy, hurried, hurried, slow, hostile)
