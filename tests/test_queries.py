"""Every competency query of kg/queries answers as a careful reader of the seed article would.

The expected results in tests/queries were worked out from the article's text. IRIs stand there as prefixed
names, so that a person can read them.
"""

import csv
import io
import re
from pathlib import Path

import pyoxigraph
import pytest

from kg.iris import Iris
from kg.store import query

QUERIES = Path(__file__).parent.parent / "kg" / "queries"
EXPECTED = Path(__file__).parent / "queries"
IRIS = Iris()


def prefixed(term: pyoxigraph.NamedNode | pyoxigraph.Literal | pyoxigraph.BlankNode | None) -> str:
    if term is None:
        return ""
    if isinstance(term, pyoxigraph.NamedNode):
        for prefix, namespace in IRIS.prefixes.items():
            local = term.value.removeprefix(namespace)
            if local != term.value and re.fullmatch(r"[\w-]+", local):
                return f"{prefix}:{local}"
        return f"<{term.value}>"
    assert not isinstance(term, pyoxigraph.BlankNode), "no result may hold a blank node"
    return term.value


def rows(results: pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean) -> list[list[str]]:
    if isinstance(results, pyoxigraph.QueryBoolean):
        return [["ask"], [str(bool(results)).lower()]]
    variables = [variable.value for variable in results.variables]
    return [variables, *([prefixed(row[name]) for name in variables] for row in results)]


@pytest.mark.parametrize("path", sorted(QUERIES.glob("*.rq")), ids=lambda path: path.stem)
def test_query_answers_as_a_careful_reader_would(path: Path, seed_store: pyoxigraph.Store) -> None:
    expected = list(csv.reader(io.StringIO((EXPECTED / f"{path.stem}.csv").read_text("utf-8"))))
    results = query(seed_store, path.read_text("utf-8"))
    assert isinstance(results, (pyoxigraph.QuerySolutions, pyoxigraph.QueryBoolean))
    assert rows(results) == expected


def test_every_expected_result_has_its_query() -> None:
    assert {path.stem for path in EXPECTED.glob("*.csv")} == {path.stem for path in QUERIES.glob("*.rq")}


def test_the_forty_questions_are_there_and_no_two_have_one_number() -> None:
    numbers = [int(path.stem[2:4]) for path in sorted(QUERIES.glob("cq*.rq"))]
    assert numbers[:40] == list(range(1, 41))
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("path", sorted(QUERIES.glob("*.rq")), ids=lambda path: path.stem)
def test_a_list_is_ordered(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"^SELECT", text, re.MULTILINE) or re.search(r"^ORDER BY", text, re.MULTILINE)
