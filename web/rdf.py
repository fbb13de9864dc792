"""Write quads of our own, sorted: the same bytes from the same data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from kg.iris import Iris
from kg.turtle import turtle
from web import jsonld
from web.formats import JSON_LD, TURTLE, Format


def write(
    quads: Iterable[Quad], format_: Format, iris: Iris, *, prefixes: Mapping[str, str] | None = None
) -> bytes:
    """Return quads in a format; one without named graphs has their union.

    Prefixes that are given stand beside the well-known ones, where there are named graphs.
    """
    ordered = sorted(set(quads), key=_key)
    if format_.quads:
        assert isinstance(format_.writer, RdfFormat)
        used = _used(ordered, iris) | dict(prefixes or {})
        return serialize(ordered, format=format_.writer, prefixes=used) or b""
    triples = list(dict.fromkeys(Triple(quad.subject, quad.predicate, quad.object) for quad in ordered))
    if format_ is TURTLE:
        return turtle(triples, iris.prefixes).encode()
    if format_ is JSON_LD:
        return json.dumps(jsonld.compact(triples, iris), ensure_ascii=False, indent=1).encode() + b"\n"
    assert isinstance(format_.writer, RdfFormat)
    triples.sort(key=str)
    return serialize(triples, format=format_.writer, prefixes=_used(ordered, iris)) or b""


def _used(quads: Iterable[Quad], iris: Iris) -> dict[str, str]:
    text = "\n".join(str(quad) for quad in quads)
    return {name: namespace for name, namespace in iris.prefixes.items() if namespace in text}


def _key(quad: Quad) -> tuple[str, str, str, str]:
    return str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object)
