"""Compare answers: the same rows or triples, in whatever order and writing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable

from pyoxigraph import RdfFormat, parse

RESULTS = "application/sparql-results+json"
TRIPLES = "application/n-triples"

Answer = Counter[Hashable]


def accept(query: str) -> str:
    """Return the media type to ask for."""
    return TRIPLES if "\nCONSTRUCT" in query else RESULTS


def read(body: bytes, media_type: str) -> Answer:
    """Return what an answer holds: its rows with how often each comes, its triples, or true or false."""
    if media_type == TRIPLES:
        return Counter({str(quad.triple): 1 for quad in parse(body, format=RdfFormat.N_TRIPLES)})
    found = json.loads(body)
    if "boolean" in found:
        return Counter([found["boolean"]])
    return Counter(frozenset(_row(row)) for row in found["results"]["bindings"])


def _row(row: dict[str, dict[str, str]]) -> list[tuple[str, ...]]:
    return [
        (name, term["type"][:3], term["value"], term.get("xml:lang", ""), term.get("datatype", ""))
        for name, term in row.items()
    ]
