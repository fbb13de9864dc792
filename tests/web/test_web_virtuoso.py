"""The remote engine against Virtuoso, where Debian's package `virtuoso-opensource-7-bin` is installed."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest
from flask.testing import FlaskClient

from kg.examples import load_examples
from kg.settings import Settings
from kg.store import Release
from web import create_app
from web.remote import RemoteEngine

BASE = "https://w3id.org/hearsay/"
INI = """
[Database]
DatabaseFile = {folder}/v.db
ErrorLogFile = {folder}/v.log
LockFile = {folder}/v.lck
TransactionFile = {folder}/v.trx
xa_persistent_file = {folder}/v.pxa
[TempDatabase]
DatabaseFile = {folder}/t.db
TransactionFile = {folder}/t.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
NumberOfBuffers = 10000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 10000
"""

pytestmark = pytest.mark.skipif(
    not shutil.which("virtuoso-t") or not shutil.which("isql-vt"),
    reason="Virtuoso is not installed: apt-get install virtuoso-opensource-7-bin runs these tests",
)


def free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as two:
        for place in (one, two):
            place.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], two.getsockname()[1]]


@pytest.fixture(scope="module")
def client(seed_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("virtuoso")
    sql, port = free_ports()
    (folder / "v.ini").write_text(INI.format(folder=folder, sql=sql, http=port))
    shutil.copy(seed_release.dump, folder / "dump.nq")
    (folder / "load.sql").write_text(
        f"DB.DBA.TTLP_MT(file_to_string_output('{folder}/dump.nq'), '', 'urn:x', 512);\n"
    )
    server = subprocess.Popen(
        ["virtuoso-t", "-f", "-c", str(folder / "v.ini")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}/sparql"
        wait(url)
        load = ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", str(folder / "load.sql")]
        subprocess.run(load, check=True, capture_output=True, timeout=60, env={**os.environ, "TERM": "dumb"})
        engine = RemoteEngine(url, base=BASE)
        yield create_app(Settings(), engine=engine).test_client()
        engine.close()
    finally:
        server.kill()
        server.wait()


def wait(url: str) -> None:
    for _ in range(300):
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url)
            return
        time.sleep(0.1)
    pytest.fail("Virtuoso does not start")


def ask(client: FlaskClient, query: str, accept: str) -> tuple[int, str]:
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
    return response.status_code, response.text


def test_the_example_queries_answer(client: FlaskClient) -> None:
    for example in load_examples():
        status, text = ask(client, example.text, "*/*")
        assert status == 200, (example.slug, text)


@pytest.mark.parametrize("path", ["/", "/ontology", "/article/corbyn-russia", "/graph/actors", "/sparql"])
def test_the_pages_are_shown(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "text/html"})
    assert (response.status_code, response.mimetype) == (200, "text/html")


def test_what_virtuoso_writes_in_its_own_way_is_converted(client: FlaskClient) -> None:
    yes, no = "ASK { ?s hs:denies ?c }", "ASK { ?s hs:denies ?s }"
    assert ask(client, yes, "application/sparql-results+json")[1] == '{"head":{},"boolean":true}'
    assert ask(client, no, "text/csv")[1] == "false"
    assert ask(client, "SELECT ?c { VALUES ?c { 1 } }", "text/tab-separated-values")[1] == "?c\n1\n"


def test_an_answer_that_virtuoso_cuts_is_no_answer(client: FlaskClient) -> None:
    status, text = ask(client, "SELECT * { ?s ?p ?o . ?a ?b ?c }", "text/csv")
    assert (status, "add a LIMIT" in text) == (413, True)


def test_a_mistake_is_told(client: FlaskClient) -> None:
    status, text = ask(client, "SELECT * { ?s hs:denies }", "text/csv")
    assert status == 400
    assert "line 1: syntax error" in text
