"""The server as its operator runs it: a process of its own, on a free port of the loopback address."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from web.metrics import descendants

ROOT = Path(__file__).parent.parent
# Runs for minutes: a product of all triples with themselves, four times.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER (?a != ?l) }"


@dataclass
class Serving:
    """A running server."""

    process: subprocess.Popen[str]
    port: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **options: object) -> httpx.Response:
        return httpx.get(self.root + path, timeout=20, **options)  # type: ignore[arg-type]

    def ask(self, query: str, **options: object) -> httpx.Response:
        return self.get("/sparql", params={"query": query, "format": "csv"}, **options)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def send(self, *lines: str) -> socket.socket:
        """Send the beginning of a request on a connection of its own."""
        connection = self.connect()
        connection.sendall("\r\n".join(lines).encode())
        return connection

    def stop(self, number: int = signal.SIGTERM, *, within: float = 15) -> tuple[int, float]:
        """Return the exit code, and the seconds that stopping took."""
        started = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(within), time.monotonic() - started

    def children(self) -> list[int]:
        return descendants(self.process.pid)


def read(connection: socket.socket) -> bytes:
    """Read until the server closes the connection, or breaks it off."""
    found = b""
    with connection, contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65_536):
            found += data
    return found


def eventually(holds: Callable[[], bool], *, within: float = 5) -> bool:
    """Wait until something holds; say whether it came to."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def alive(number: int) -> bool:
    """Say whether a process runs: one that has ended and is not waited for does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextlib.contextmanager
def serving(store: Path, **settings: object) -> Iterator[Serving]:
    """Serve a store with settings of the environment; end the server by force if it still runs."""
    own = {f"HEARSAY_{name.upper()}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "kg", "serve", "--store", str(store), "--port", "0"],
        cwd=ROOT,
        env=os.environ | own,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Serving(process)
    listener = threading.Thread(target=_listen, args=(server,), daemon=True)
    listener.start()
    try:
        assert eventually(lambda: bool(server.port) or process.poll() is not None, within=20)
        assert server.port, server.said
        assert eventually(lambda: _answers(server), within=20)
        yield server
    finally:
        process.kill()
        process.wait()
        listener.join(timeout=5)
        if process.stderr is not None:
            process.stderr.close()


def _listen(server: Serving) -> None:
    assert server.process.stderr is not None
    for line in server.process.stderr:
        server.said.append(line.rstrip("\n"))
        if found := re.search(r" at http://127\.0\.0\.1:(\d+)/", line):
            server.port = int(found[1])


def _answers(server: Serving) -> bool:
    try:
        return server.get("/health").status_code == 200
    except httpx.TransportError:
        return False
