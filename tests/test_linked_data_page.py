"""Every command of docs/linked-data.md runs, in order, and prints what the page shows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from written import ROOT, SHOWN, blocks, copied, make_serve, run

PAGE = (ROOT / "docs" / "linked-data.md").read_text(encoding="utf-8")
BLOCKS = blocks(PAGE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("linked-data"))


@pytest.fixture(scope="module")
def address(project: Path) -> Iterator[str]:
    with make_serve(project) as address:
        yield address


def test_the_commands_print_what_the_page_shows(project: Path, address: str) -> None:
    ran = 0
    for (language, text), (following, shown) in zip(BLOCKS, [*BLOCKS[1:], ("", "")], strict=True):
        if language not in ("sh", "python"):
            continue
        ran += 1
        expected = shown.replace(SHOWN, address) if following == "text" else None
        printed = run(language, text.replace(SHOWN, address), project)
        deadline = time.monotonic() + 20
        # After a build the server takes a moment to notice the new release.
        while expected is not None and printed != expected and time.monotonic() < deadline:
            time.sleep(0.5)
            printed = run(language, text.replace(SHOWN, address), project)
        assert expected in (None, printed)
    assert ran == 6


def test_the_links_of_the_page_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", PAGE) if not link.startswith("http")]
    assert links == ["../tests/web/test_web_traversal.py", "../ontology/views", "../web/exports.py"]
    assert all((ROOT / "docs" / link).exists() for link in links)
