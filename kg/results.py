"""Write the answer to a query: for a person, as a table; for a program, in the formats of SPARQL and RDF."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import BinaryIO

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
)

from kg.turtle import turtle

RESULTS = {
    "csv": QueryResultsFormat.CSV,
    "json": QueryResultsFormat.JSON,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
}
GRAPHS = {
    "jsonld": RdfFormat.JSON_LD,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "turtle": RdfFormat.TURTLE,
}
FORMATS = ("table", *RESULTS, *GRAPHS)


class FormatError(ValueError):
    """A format that the answer to this query cannot be written in."""


def write_results(
    results: QuerySolutions | QueryBoolean | QueryTriples,
    name: str,
    out: BinaryIO,
    *,
    prefixes: Mapping[str, str],
) -> None:
    """Write an answer in one of `FORMATS`: raise FormatError where the two do not fit."""
    if isinstance(results, QueryTriples):
        if name in RESULTS:
            raise FormatError(f"a graph cannot be written as {name}: choose {', '.join(GRAPHS)}")
        if name in ("table", "turtle"):
            out.write(turtle(results, prefixes).encode("utf-8"))
        else:
            results.serialize(out, format=GRAPHS[name])
    elif name in GRAPHS:
        raise FormatError(f"this answer is no graph: choose table, {', '.join(RESULTS)}")
    elif name == "table":
        _write_table(results, out, prefixes)
    elif isinstance(results, QueryBoolean) and name in ("csv", "tsv"):
        out.write(b"true\n" if results else b"false\n")
    else:
        results.serialize(out, format=RESULTS[name])


def _write_table(results: QuerySolutions | QueryBoolean, out: BinaryIO, prefixes: Mapping[str, str]) -> None:
    from io import TextIOWrapper

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    text = TextIOWrapper(out, encoding="utf-8", write_through=True)
    try:
        console = Console(file=text, highlight=False)
        if isinstance(results, QueryBoolean):
            console.print("yes" if results else "no")
            return
        names = [variable.value for variable in results.variables]
        table = Table()
        for name in names:
            table.add_column(name, overflow="fold")
        rows = 0
        for row in results:
            table.add_row(*(Text(shown(row[name], prefixes)) for name in names))
            rows += 1
        console.print(table if rows else "no results")
    finally:
        text.detach()


def shown(term: object, prefixes: Mapping[str, str]) -> str:
    """Return a term as a reader wants it: an IRI by its prefix, a literal by its words.

    >>> shown(NamedNode("http://example.org/claim/c1"), {"cl": "http://example.org/claim/"})
    'cl:c1'
    """
    if isinstance(term, NamedNode):
        for prefix, namespace in prefixes.items():
            local = term.value[len(namespace) :]
            if term.value.startswith(namespace) and re.fullmatch(r"[\w.-]+", local):
                return f"{prefix}:{local}"
        return f"<{term.value}>"
    return term.value if isinstance(term, Literal) else "" if term is None else str(term)
