"""Every command of docs/sparql.md runs, and prints what the page shows."""

from collections.abc import Iterator

import pytest
from smallstore import served
from written import ROOT, SHOWN, blocks, run

from kg.store import Release
from web.formats import GRAPHS, RESULTS

PAGE = (ROOT / "docs" / "sparql.md").read_text(encoding="utf-8")
BLOCKS = blocks(PAGE)
COMMANDS = [(text, BLOCKS[i + 1][1]) for i, (language, text) in enumerate(BLOCKS) if language == "sh"]


@pytest.fixture(scope="module")
def address(seed_release: Release) -> Iterator[str]:
    with served(seed_release.folder.parents[1]) as address:
        yield address.removeprefix("http://")


@pytest.mark.parametrize(("command", "shown"), COMMANDS, ids=range(len(COMMANDS)))
def test_a_command_prints_what_the_page_shows(address: str, command: str, shown: str) -> None:
    assert run("sh", command.replace(SHOWN, address), ROOT).strip().replace("\r", "") == shown.strip()


def test_the_page_names_every_format() -> None:
    for format_ in (*RESULTS, *GRAPHS):
        assert f"`{format_.suffix}`" in PAGE
    assert len(COMMANDS) == 4
