"""JSON-LD with our context, for an answer of any size."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from pyoxigraph import RdfFormat, Triple, parse

from kg.iris import Iris
from web import jsonld
from web.engine import TooLateError

# Up to here a document is made whole: each thing once, and no more context than is used.
_WHOLE_BYTES = 1_000_000


def compacted(lines: Iterator[bytes], iris: Iris, *, deadline: float) -> Iterator[bytes]:
    """Yield a JSON-LD document of N-Triples that come in chunks; raise TooLateError.

    In a long document a thing stands in as many nodes as there are stretches of triples about it, which
    JSON-LD 1.1 (section 9.2, node objects) merges.
    """
    batches = _batches(lines)
    first, second = next(batches, b""), next(batches, None)
    if second is None:
        yield _text(jsonld.compact(_triples(first), iris), indent=1) + b"\n"
        return
    context = json.loads(jsonld.context_text(iris))["@context"]
    yield b'{"@context": ' + _text(context) + b', "@graph": [\n'
    separator = b""
    for batch in (first, second):
        yield separator + _nodes(batch, iris)
        separator = b",\n"
    for batch in batches:
        if time.monotonic() > deadline:
            raise TooLateError
        yield separator + _nodes(batch, iris)
    yield b"\n]}\n"


def _batches(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield whole lines, about so many bytes of them at a time."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        end = chunk.rfind(b"\n") + 1
        if size < _WHOLE_BYTES or not end:
            parts.append(chunk)
            continue
        yield b"".join([*parts, chunk[:end]])
        parts, size = [chunk[end:]], len(chunk) - end
    if rest := b"".join(parts):
        yield rest


def _triples(lines: bytes) -> list[Triple]:
    return [quad.triple for quad in parse(lines, format=RdfFormat.N_TRIPLES)]


def _nodes(lines: bytes, iris: Iris) -> bytes:
    nodes = jsonld.compact(_triples(lines), iris)["@graph"]
    return b",\n".join(_text(node) for node in nodes)


def _text(value: object, indent: int | None = None) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()
