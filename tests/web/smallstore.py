"""A small store for the tests of the web: fixture.trig, and what the tests know of it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from kg.settings import Settings
from kg.store import write_release
from web import create_app
from web.answers import ENGINE
from web.engine import Engine
from web.server.run import listen, make_server

FIXTURE = Path(__file__).parent / "fixture.trig"
BASE = "https://w3id.org/hearsay/"
TEXT = "663011fc7d3c6d3d"
HASH = "663011fc"

# Who denies what: one row.
DENIALS = "SELECT ?who ?claim WHERE { ?s hs:denies ?claim ; hs:madeBy ?who }"
CAPTAIN, CREWS_PAID = f"{BASE}id/actor/captain", f"{BASE}id/claim/crews-paid"
DENIALS_CSV = f"who,claim\r\n{CAPTAIN},{CREWS_PAID}\r\n"

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,image/svg+xml;q=0.3,"
    "text/xml;q=0.3,text/html;q=0.2,application/xhtml+xml;q=0.18,application/json;q=0.135"
)


def write_small(folder: Path, *, extra: str = "") -> Path:
    """Write the fixture, and what else is given in TriG, as the current release of a folder."""
    trig = FIXTURE.read_bytes() + extra.encode()
    write_release(parse(trig, format=RdfFormat.TRIG), folder)
    return folder


def small_client(
    folder: Path,
    *,
    engine: Engine | None = None,
    query_timeout: float = 10.0,
    max_results: int = 10_000_000,
    extra: str = "",
) -> FlaskClient:
    """Return a client of an application over a store that holds the fixture."""
    store = str(write_small(folder, extra=extra))
    settings = Settings(store=store, query_timeout=query_timeout, max_results=max_results)
    return create_app(settings, engine=engine).test_client()


@contextlib.contextmanager
def running(app: Flask, listener: socket.socket | None = None) -> Iterator[str]:
    """Serve an application as `python -m kg serve` does, on a free port of the loopback address."""
    listener = listener or listen("127.0.0.1", 0)
    server = make_server(app)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
        thread.join(timeout=15)
        cast(Engine, app.extensions[ENGINE]).close()


@contextlib.contextmanager
def served(folder: Path, *, engine: Engine | None = None) -> Iterator[str]:
    """Serve a store; yield its root."""
    with running(create_app(Settings(store=str(folder), stop_seconds=1), engine=engine)) as root:
        yield root
