"""Every command of the README runs, in order, in a copy of the project, and prints what the README shows."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
import pytest

from kg.iris import Iris

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    (language, textwrap.dedent(text))
    for language, text in re.findall(r"^ *```(\w+)\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL)
]
SHOWN = "127.0.0.1:8000"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with what is installed already."""
    copy = tmp_path_factory.mktemp("readme") / "hearsay"
    leave_out = shutil.ignore_patterns(".git", ".venv", "build", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, copy, ignore=leave_out)
    (copy / ".venv").symlink_to(sys.prefix)
    return copy


@pytest.fixture(scope="module")
def address(project: Path) -> Iterator[str]:
    """The address of a server started by `make serve`, which installs nothing here: the venv is there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = project / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["make", "-o", ".venv/installed", "serve"],
            cwd=project,
            env=os.environ | {"HEARSAY_PORT": str(port)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health", server, log)
            yield f"127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGINT)
            server.wait(20)


def wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"no answer from {url}: {log.read_text()}")


def run(language: str, text: str, project: Path) -> str:
    command = ["bash", "-euo", "pipefail", "-c", text] if language == "sh" else [sys.executable, "-c", text]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_commands_do_what_the_readme_says(project: Path, address: str) -> None:
    ran = []
    for index, (language, text) in enumerate(BLOCKS):
        if language not in ("sh", "python"):
            continue
        ran.append(text.split("\n")[0])
        if text.startswith("make "):
            # `make serve` is running; `make test` within the tests would not end.
            assert run(language, text.replace("make ", "make --dry-run "), project)
            continue
        printed = run(language, text.replace(SHOWN, address), project)
        expected = BLOCKS[index + 1] if index + 1 < len(BLOCKS) else ("", "")
        if expected[0] in ("csv", "text"):
            assert printed.replace("\r\n", "\n") == expected[1]
        if "text/turtle" in text:
            assert "ac:jeremy-corbyn" in printed
            assert "hs:PersonActor" in printed
    assert len(ran) == 12
    deadline = time.monotonic() + 20
    while (articles := count_articles(address)) != 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert articles == 2, "the running server should have picked up the second article"


def count_articles(address: str) -> int:
    query = "SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%20%3Fa%20a%20hs:Article%20%7D"
    with urllib.request.urlopen(f"http://{address}/sparql?format=csv&query={query}", timeout=10) as answer:
        return int(answer.read().split()[1])


def test_the_triples_of_the_readme_are_in_the_graph(seed_store: pyoxigraph.Store) -> None:
    text = next(text for language, text in BLOCKS if language == "turtle")
    prefixes = Iris().prefixes | {"t": f"{Iris().base}id/text/bc40b4a57692f402#"}
    head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in prefixes.items())
    shown = list(pyoxigraph.parse(head + text, format=pyoxigraph.RdfFormat.TURTLE))
    assert len(shown) == 11
    assert [quad for quad in shown if quad not in seed_store] == []


def test_the_links_of_the_readme_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
