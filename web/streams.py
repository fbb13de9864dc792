"""Bodies in chunks: short ones whole with their length, long ones as they come, none cut in silence.

What goes wrong before the first bytes are sent becomes a status. What goes wrong later is raised in the
WSGI server, which then closes the connection without the last chunk: no client takes it for the whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from flask import Response, request

# An answer is held back until this much of it is there: a query that fails early gets its status.
_HELD_BYTES = 65_536


class Chunks(Iterator[bytes]):
    """An iterator of chunks whose end, or whose closing, closes what they come from."""

    def __init__(self, chunks: Iterable[bytes], source: Iterator[bytes]) -> None:
        self._chunks = iter(chunks)
        self._source = source

    def __next__(self) -> bytes:
        """Return the next chunk; the end, or an error, closes what makes them."""
        try:
            return next(self._chunks)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop what makes the chunks: a worker is then free."""
        close(self._source)


def close(chunks: Iterator[bytes]) -> None:
    """Close an iterator that can be closed."""
    if callable(shut := getattr(chunks, "close", None)):
        shut()


def primed(chunks: Iterator[bytes], source: Iterator[bytes]) -> Chunks:
    """Return chunks of which the first is made, so that its failure is raised here.

    A generator that has not begun would not close its source when it is closed.
    """
    try:
        first = list(itertools.islice(chunks, 1))
    except BaseException:
        close(source)
        raise
    return Chunks(itertools.chain(first, chunks), source)


def send(response: Response, chunks: Iterator[bytes]) -> None:
    """Give a response its body: whole if it is short, else in chunks."""
    held: list[bytes] = []
    size = 0
    # A client of HTTP/1.0 cannot tell a connection that was cut from a body that ended.
    all_of_it = request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
    try:
        for chunk in chunks:
            held.append(chunk)
            size += len(chunk)
            if size > _HELD_BYTES and not all_of_it:
                break
        else:
            close(chunks)
            response.set_data(b"".join(held))
            return
    except BaseException:
        close(chunks)
        raise
    response.headers.pop("Content-Length", None)
    response.response = Chunks(itertools.chain(held, chunks), chunks)


def gathered(chunks: Iterator[bytes], *, max_bytes: int) -> bytes | None:
    """Return the whole of what chunks hold, or None if it is more than so many bytes."""
    parts: list[bytes] = []
    try:
        for chunk in chunks:
            parts.append(chunk)
            max_bytes -= len(chunk)
            if max_bytes < 0:
                return None
    finally:
        close(chunks)
    return b"".join(parts)
