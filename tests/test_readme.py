"""Every command of the README runs, in order, in a copy of the project, and prints what the README shows."""

import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
import pytest
from written import ROOT, SHOWN, blocks, copied, make_serve, run

from kg.iris import Iris

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = blocks(README)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("readme"))


@pytest.fixture(scope="module")
def address(project: Path) -> Iterator[str]:
    with make_serve(project) as address:
        yield address


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
