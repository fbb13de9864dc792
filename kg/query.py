"""Run one SPARQL query on an open store; say in plain words why it cannot be run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Store

from kg.iris import PREFIXES

_PROLOGUE = re.compile(r"(?:\s|#[^\n]*\n|PREFIX\s+[^\s<]*\s*<[^>]*>|BASE\s*<[^>]*>)*([A-Za-z]+)", re.I)
# Comments, strings and IRIs first, so that nothing in them is taken for a prefixed name.
_TOKENS = re.compile(
    r"""#[^\n]*|\"\"\".*?\"\"\"|'''.*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
    r"""|<(?P<iri>[^<>"{}|^`\\\s]*)>|[?$]\w+|_:\w+|(?<![\w-])(?P<prefix>[^\W\d_][\w.-]{0,99}|):(?![\s=])""",
    re.S,
)
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}


class QueryError(ValueError):
    """A query that cannot be run; its text is one or two sentences for the person who wrote it."""


def form(text: str) -> str:
    r"""Return the first keyword after a query's prologue, in capitals, or nothing.

    >>> form("# Who?\nPREFIX hs: <https://w3id.org/hearsay/ontology#>\nselect * {}")
    'SELECT'
    """
    found = _PROLOGUE.match(text)
    return found[1].upper() if found else ""


def query(
    store: Store,
    text: str,
    *,
    prefixes: Mapping[str, str] = PREFIXES,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
) -> QuerySolutions | QueryBoolean | QueryTriples:
    """Run a query of SPARQL 1.1; the well-known prefixes need no declaration.

    Either list of graphs replaces the dataset as SPARQL 1.1 Protocol, section 2.1.4, says: the query
    then sees the graphs named in the two lists and no other. Raises QueryError.
    """
    dataset = {}
    if default_graphs is not None or named_graphs is not None:
        dataset = {
            "default_graph": [NamedNode(graph) for graph in default_graphs or ()],
            "named_graphs": [NamedNode(graph) for graph in named_graphs or ()],
        }
    try:
        return store.query(text, prefixes=dict(prefixes), **dataset)  # type: ignore[arg-type]
    except SyntaxError as error:
        raise QueryError(explain(text, str(error), prefixes)) from None
    except (OSError, RuntimeError) as error:
        raise QueryError(f"the query could not be run: {error}") from None


def explain(text: str, error: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return what is wrong with a query, in plain words, where the parser says `error`.

    The parser names the furthest place it reached and what could stand there, which is seldom what is
    wrong: the usual mistakes are looked for in the text itself.
    """
    if form(text) in _UPDATES:
        return "this is an update, and only queries are answered here: the store is read-only"
    for at, problem in _usual_mistakes(text, prefixes):
        return f"{_place(text, at)}: {problem}"
    found = re.search(r"error at (\d+):(\d+): expected (.*)", error, re.S)
    if not found:
        return error
    row, column, expected = int(found[1]), int(found[2]), found[3]
    reason = re.search(r"The SELECT [^,\[]+", expected)
    if reason:
        return reason[0].strip()
    at = sum(len(line) + 1 for line in text.split("\n")[: row - 1]) + column - 1
    before, after = text[:at].rstrip(), text[at:].strip()
    if not after and text.count("{") > text.count("}"):
        return f"{_place(text, at)}: the query ends too early: a }} is missing"
    near = f"{before[-20:].lstrip()} ⟨here⟩ {after[:20].rstrip()}".strip()
    return f"{_place(text, at)}: not understood: {' '.join(near.split())}"


def _usual_mistakes(text: str, prefixes: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    known = {*prefixes, *re.findall(r"PREFIX\s+([^\s:<]*):", text, re.I)}
    has_base = re.search(r"\bBASE\s*<", text, re.I)
    for token in _TOKENS.finditer(text):
        iri, name = token["iri"], token["prefix"]
        if name is not None and name not in known:
            yield token.start(), f"unknown prefix {name}: add PREFIX {name}: <…> at the top of the query"
        # What stands between < and > may also be a comparison: <?x&&?y>.
        if iri is not None and not has_base and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|[?$]", iri):
            yield token.start(), f"<{iri}> is not a whole IRI: write it out, from https:// on"


def _place(text: str, at: int) -> str:
    before = text[:at]
    return f"line {before.count(chr(10)) + 1}, column {at - before.rfind(chr(10))}"
