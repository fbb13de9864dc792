"""Run one SPARQL query on an open store; say in plain words why it cannot be run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pyoxigraph import DefaultGraph, NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Store

from kg.dataset import merged
from kg.iris import PREFIXES
from kg.prefixes import WELL_KNOWN
from kg.tokens import dataset_clause, declared, tokens, used

_PROLOGUE = re.compile(
    r"(?:\s|#[^\n]*+\n|PREFIX\s++[^\s<]*+\s*+<[^>]*+>|BASE\s*+<[^>]*+>)*+([A-Za-z]+)", re.IGNORECASE
)
# A scheme, or the variable of a comparison.
_WHOLE = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]*:|[?$])")
_FROM = re.compile(r"\bFROM\b", re.IGNORECASE)
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
    base: str | None = None,
) -> QuerySolutions | QueryBoolean | QueryTriples:
    """Run a query of SPARQL 1.1; the well-known prefixes need no declaration.

    Either list of graphs replaces the dataset as SPARQL 1.1 Protocol, section 2.1.4, says: the query
    then sees the graphs named in the two lists and no other. A triple that several default graphs hold
    is answered once. Relative IRIs are of `base`, or a mistake without one. Raises QueryError.
    """
    try:
        if default_graphs is not None or named_graphs is not None:
            default, named = _nodes(default_graphs or ()), _nodes(named_graphs or ())
        elif graphs := _own_dataset(text, prefixes, base):
            default, named = graphs
        else:
            return store.query(text, prefixes=dict(prefixes), base_iri=base)
        alone = merged(store, default, named)
        return (alone or store).query(
            text,
            prefixes=dict(prefixes),
            base_iri=base,
            default_graph=DefaultGraph() if alone else [*default],
            named_graphs=[*named],
        )
    except SyntaxError as error:
        raise QueryError(explain(text, str(error), prefixes, base=base)) from None
    except (OSError, RuntimeError) as error:
        raise QueryError(f"the query could not be run: {error}") from None


def _nodes(graphs: Sequence[str]) -> list[NamedNode]:
    return [NamedNode(graph) for graph in graphs]


def _own_dataset(
    text: str, prefixes: Mapping[str, str], base: str | None
) -> tuple[list[NamedNode], list[NamedNode]] | None:
    """Return the graphs that a query names itself, where it merges several; the store does the rest alone."""
    if not _FROM.search(text):
        return None
    default, named = dataset_clause(text, prefixes, base=base)
    try:
        return (_nodes(default), _nodes(named)) if len(default) > 1 else None
    except ValueError:  # the parser says what is wrong
        return None


def explain(text: str, error: str, prefixes: Mapping[str, str] = PREFIXES, *, base: str | None = None) -> str:
    """Return what is wrong with a query and where, in plain words, where the parser says `error`."""
    at, problem = mistake(text, error, prefixes, base=base)
    return problem if at is None else f"{_place(text, at)}: {problem}"


def mistake(
    text: str, error: str, prefixes: Mapping[str, str] = PREFIXES, *, base: str | None = None
) -> tuple[int | None, str]:
    """Return the position of what is wrong with a query, where there is one, and a sentence.

    The parser names the furthest place it reached and what could stand there, which is seldom what is
    wrong: the usual mistakes are looked for in the text itself.
    """
    if form(text) in _UPDATES:
        return None, "this is an update, and only queries are answered here: the store is read-only"
    for usual in _usual_mistakes(text, prefixes, base):
        return usual
    found = re.search(r"error at (\d+):(\d+): expected (.*)", error, re.S)
    if not found:
        return None, error
    row, column, expected = int(found[1]), int(found[2]), found[3]
    reason = re.search(r"The SELECT [^,\[]+", expected)
    if reason:
        return None, reason[0].strip()
    at = sum(len(line) + 1 for line in text.split("\n")[: row - 1]) + column - 1
    before, after = text[:at].rstrip(), text[at:].strip()
    if not after and text.count("{") > text.count("}"):
        return at, "the query ends too early: a } is missing"
    near = f"{before[-20:].lstrip()} ⟨here⟩ {after[:20].rstrip()}".strip()
    return at, f"not understood: {' '.join(near.split())}"


def _usual_mistakes(text: str, prefixes: Mapping[str, str], base: str | None) -> Iterator[tuple[int, str]]:
    found = list(tokens(text))
    known = {*prefixes, *declared(found)}
    for name, at in used(found):
        if name not in known:
            namespace = WELL_KNOWN.get(name, "…")
            yield at, f"unknown prefix {name}: add PREFIX {name}: <{namespace}> at the top of the query"
    has_base = base is not None
    for token in found:
        has_base = has_base or token.is_word("BASE")
        if token.kind == "open":
            yield token.at, f"the IRI {_short(token.text)} does not end: its > is missing"
        # What stands between < and > may also be a comparison: <?x&&?y>.
        if token.kind == "iri" and not has_base and not _WHOLE.match(token.text):
            yield token.at, f"{_short(token.text)} is not a whole IRI: write it out, from https:// on"


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


def _place(text: str, at: int) -> str:
    before = text[:at]
    return f"line {before.count(chr(10)) + 1}, column {at - before.rfind(chr(10))}"
