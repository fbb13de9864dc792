"""Endpoints to measure, each a process of its own on the loopback address."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from kg.store import Release

HOST = "127.0.0.1"
_START = 900.0


class PeerError(Exception):
    """An endpoint that did not start, or did not answer in time; its text says which."""


@dataclass
class Peer:
    """An endpoint that runs: `path` is where it takes queries."""

    name: str
    path: str
    command: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, and wait until it answers."""
        self.port = _free_port()
        command = [part.format(port=self.port) for part in self.command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **self.environment}
            )
        end = time.monotonic() + _START
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise PeerError(f"{self.name} ended at once: see {self.log}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("ASK {}", "application/sparql-results+json", timeout=5)[0] == 200:
                    return
            time.sleep(0.1)
        raise PeerError(f"{self.name} did not start: see {self.log}")

    @property
    def number(self) -> int:
        """Return the process's number."""
        assert self.process is not None
        return self.process.pid

    def stop(self) -> None:
        """End the process, at the latest after some seconds."""
        if self.process:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
            self.process.kill()
            self.process.wait()

    def request(self, query: str) -> str:
        """Return the path of a GET request for a query, which ends with the query's text."""
        return f"{self.path}?query={quote(query, safe='')}"

    def ask(self, query: str, accept: str, *, timeout: float) -> tuple[int, bytes]:
        """Send one query over a connection of its own; return the status and the body."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=timeout)
        with contextlib.closing(connection):
            connection.request("GET", self.request(query), headers={"Accept": accept})
            response = connection.getresponse()
            return response.status, response.read()


@contextlib.contextmanager
def running(*peers: Peer) -> Iterator[None]:
    """Start endpoints, and end them whatever happens."""
    try:
        for peer in peers:
            peer.start()
        yield
    finally:
        for peer in peers:
            peer.stop()


def hearsay(release: Release, folder: Path, **environment: str) -> Peer:
    """Return our endpoint, as `python -m kg serve` runs it."""
    command = (sys.executable, "-m", "kg", "serve", "--port", "{port}", "--store", str(_out(release)))
    return Peer("Hearsay", "/sparql", command, folder / "hearsay.log", environment)


def oxigraph(release: Release, folder: Path, programs: Path, *options: str) -> Peer:
    """Return `oxigraph serve` on a copy of the release's store, which is loaded, merged and optimised."""
    copy = folder / "oxigraph"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(release.folder / "store", copy)
    at = ("serve", "--location", str(copy), "--bind", f"{HOST}:{{port}}", *options)
    return Peer("oxigraph serve", "/query", (str(programs / "oxigraph"), *at), folder / "oxigraph.log")


def oxigraph_in_memory(folder: Path, programs: Path) -> Peer:
    """Return `oxigraph serve` without a location; `fill` gives it the data once it runs."""
    at = ("serve", "--bind", f"{HOST}:{{port}}")
    log = folder / "oxigraph-memory.log"
    return Peer("oxigraph serve, in memory", "/query", (str(programs / "oxigraph"), *at), log)


def rdflib_endpoint(release: Release, folder: Path, programs: Path) -> Peer:
    """Return rdflib-endpoint on the release's N-Quads, whose union it computes itself."""
    serve = ("serve", "--host", HOST, "--port", "{port}", str(release.dump))
    log = folder / "rdflib-endpoint.log"
    return Peer("rdflib-endpoint", "/", (str(programs / "rdflib-endpoint"), *serve), log)


def fill(peer: Peer, release: Release) -> None:
    """Load a release into an `oxigraph serve` that runs, by the Graph Store Protocol."""
    for name, kind in (("dump.nq", "application/n-quads"), ("dump.nt", "application/n-triples")):
        target = "/store?no_transaction" + ("&default" if name.endswith(".nt") else "")
        path = release.folder / name
        connection = http.client.HTTPConnection(HOST, peer.port, timeout=_START)
        with contextlib.closing(connection), path.open("rb") as body:
            headers = {"Content-Type": kind, "Content-Length": str(path.stat().st_size)}
            connection.request("POST", target, body, headers)
            status = connection.getresponse().status
        if status not in (200, 201, 204):
            raise PeerError(f"{peer.name} answered {status} to {name}")


def _out(release: Release) -> Path:
    # out/releases/<id>
    return release.folder.parent.parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
