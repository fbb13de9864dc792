"""Whether a streamed document is whole, by how it ends.

Some servers put the words of an error into the middle of an answer, and end it as if it were whole. JSON
must close what it opens; XML ends in its root's end tag; a line of N-Triples ends in a full stop. Of CSV,
TSV and Turtle any line may be the last, and nothing can be said.
"""

from __future__ import annotations

import re

from web.formats import JSON, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, XML, Format

_TAIL = 64
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_ENDS = {XML: b"</sparql>", RDF_XML: b">", N_TRIPLES: b".", N_QUADS: b"."}


class Wholeness:
    """Follows a document in chunks; `is_whole` says at the end whether it may end there."""

    def __init__(self, format_: Format) -> None:
        self._format = format_
        self._is_json = format_ in (JSON, JSON_LD)
        self._depth = 0
        self._open_string = b""
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk."""
        self._tail = (self._tail + chunk)[-_TAIL:]
        if self._is_json:
            outside, quote, rest = _STRING.sub(b"", self._open_string + chunk).partition(b'"')
            self._open_string = quote + rest
            self._depth += outside.count(b"{") + outside.count(b"[")
            self._depth -= outside.count(b"}") + outside.count(b"]")

    def is_whole(self) -> bool:
        """Say whether the document may end here."""
        end = self._tail.rstrip()
        if self._is_json:
            return self._depth == 0 and not self._open_string and end.endswith((b"}", b"]"))
        if not end and self._format in (N_TRIPLES, N_QUADS):
            return True
        return end.endswith(_ENDS.get(self._format, b""))
