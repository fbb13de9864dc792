"""The queries that the project ships: that each is SPARQL, and names no term that the ontology lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Store, Triple

from kg.check.graphfile import read_graphs
from kg.files.problems import Problem, ReadingError, suggestion
from kg.files.rdf import read_turtle
from kg.files.text import place, read_text
from kg.iris import PREFIXES, Iris
from kg.query import form, mistake
from kg.tokens import names

_SH = PREFIXES["sh"]
_QUERIES = (_SH + "select", _SH + "ask")


def check_queries(*, queries: Path, ontology: Path, iris: Iris) -> None:
    """Raise ReadingError with what is wrong in the example queries, rules, judgements and JSON-LD context."""
    terms = declared(ontology, iris)
    problems = list(_context_problems(ontology / "context.jsonld", terms, iris))
    for folder in (queries, ontology / "rules", ontology / "judgements"):
        for path in sorted(folder.glob("*.rq")):
            text = iris.localise(read_text(path))
            problems += _problems(path, text, terms, iris, rule=folder != queries)
    if problems:
        raise ReadingError(problems)


def check_shape_queries(paths: Iterable[Path], ontology: Path, iris: Iris) -> None:
    """Raise ReadingError with the broken queries of shapes, and the terms in them that the ontology lacks."""
    terms = declared(ontology, iris)
    problems = list[Problem]()
    triples = {path: read_graphs([path], iris) for path in paths}
    prefixes = _declared_prefixes(triple for found, _ in triples.values() for triple in found)
    for path, (found, places) in triples.items():
        text = iris.localise(read_text(path))
        for triple in found:
            if not isinstance(triple.subject, NamedNode):
                continue
            key, line = _short(triple.subject.value, iris), places[triple.subject.value].line
            if isinstance(triple.object, Literal) and triple.predicate.value in _QUERIES:
                query = triple.object.value
                begin = text.find(query)
                for at, message in _faults(query, terms, iris, prefixes):
                    spot = place(text, begin + at) if begin >= 0 else (line, 1)
                    problems.append(Problem(str(path), *spot, key, message))
            elif isinstance(triple.object, NamedNode):
                for message in _undeclared(triple.object.value, terms, iris):
                    problems.append(Problem(str(path), line, 1, key, message))
    if problems:
        raise ReadingError(problems)


@lru_cache
def declared(ontology: Path, iris: Iris) -> frozenset[str]:
    """Return the local names of the terms that the Turtle files of a folder describe."""
    space = iris.term("").value
    return frozenset(
        triple.subject.value.removeprefix(space)
        for path in sorted(ontology.glob("*.ttl"))
        for triple in read_turtle(path, iris)
        if isinstance(triple.subject, NamedNode) and triple.subject.value.startswith(space)
    )


def _problems(path: Path, text: str, terms: Collection[str], iris: Iris, *, rule: bool) -> Iterator[Problem]:
    if rule and form(text) != "CONSTRUCT":
        yield Problem(str(path), 1, 1, "", "a rule is a CONSTRUCT query")
    for at, message in _faults(text, terms, iris, iris.prefixes):
        yield Problem(str(path), *place(text, at), "", message)


def _faults(
    text: str, terms: Collection[str], iris: Iris, prefixes: dict[str, str]
) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with a query, with its position: broken syntax, or else undeclared terms."""
    try:
        # An empty store answers at once.
        Store().query(text, prefixes=prefixes)
    except SyntaxError as error:
        at, message = mistake(text, str(error), prefixes)
        yield at or 0, f"is not SPARQL: {message}"
        return
    for at, name in names(text, prefixes):
        for message in _undeclared(name, terms, iris):
            yield at, message


def _undeclared(name: str, terms: Collection[str], iris: Iris) -> Iterator[str]:
    space = iris.term("").value
    local = name.removeprefix(space)
    if name.startswith(space) and local and local not in terms:
        yield f"hs:{local} is no term of the ontology{suggested(local, terms)}"


def suggested(local: str, terms: Collection[str]) -> str:
    """Return `; did you mean ‘hs:…’?` when a term has nearly the name, and nothing otherwise.

    >>> suggested("ColectiveActor", ["Actor", "CollectiveActor"])
    '; did you mean ‘hs:CollectiveActor’?'
    """
    return suggestion(local, terms).replace("‘", "‘hs:")


def _context_problems(path: Path, terms: Collection[str], iris: Iris) -> Iterator[Problem]:
    if not path.exists():
        return
    text = read_text(path)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        yield Problem(str(path), error.lineno, error.colno, "", message)
        return
    if not isinstance(data, dict) or not isinstance(data.get("@context"), dict):
        yield Problem(str(path), 1, 1, "", "is no JSON-LD context: an object with an object `@context`")
        return
    for match in re.finditer(r'"hs:(\w+)"', text):
        for message in _undeclared(iris.term(match[1]).value, terms, iris):
            yield Problem(str(path), *place(text, match.start()), "", message)


def _declared_prefixes(triples: Iterable[Triple]) -> dict[str, str]:
    """Return the prefixes that the shapes declare for their queries (SHACL, section 5.2.1)."""
    parts: dict[object, dict[str, str]] = {}
    for triple in triples:
        if isinstance(triple.object, Literal) and triple.predicate.value.startswith(_SH):
            parts.setdefault(triple.subject, {})[triple.predicate.value] = triple.object.value
    return {
        part[_SH + "prefix"]: part[_SH + "namespace"]
        for part in parts.values()
        if _SH + "prefix" in part and _SH + "namespace" in part
    }


def _short(iri: str, iris: Iris) -> str:
    space = iris.prefixes["hss"]
    return f"hss:{iri.removeprefix(space)}" if iri.startswith(space) else f"<{iri}>"
