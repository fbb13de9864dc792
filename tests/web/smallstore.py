"""A small store for the tests of the web: fixture.trig, and what the tests know of it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import waitress
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse
from waitress.server import BaseWSGIServer

from kg.settings import Settings
from kg.store import write_release
from web import create_app
from web.engine import Engine

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
    folder: Path, *, engine: Engine | None = None, query_timeout: float = 10.0, max_results: int = 10_000_000
) -> FlaskClient:
    """Return a client of an application over a store that holds the fixture."""
    settings = Settings(store=str(write_small(folder)), query_timeout=query_timeout, max_results=max_results)
    return create_app(settings, engine=engine).test_client()


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a store by waitress on a free port of the loopback address; yield its root."""
    server = waitress.create_server(
        create_app(Settings(store=str(folder))), host="127.0.0.1", port=0, threads=4
    )
    assert isinstance(server, BaseWSGIServer)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(timeout=5)
