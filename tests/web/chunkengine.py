"""An engine for tests: it answers every query with chunks that it is given, and tells when it is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from kg.iris import DEFAULT_BASE
from kg.store import Release
from web.engine import Dataset, Row, Terms
from web.formats import Format
from web.guard import Query
from web.stats import Stats


class ChunkEngine:
    """Answers with what `make` yields; `closed` is set when an answer is closed before its end."""

    def __init__(self, make: Callable[[], Iterator[bytes]]) -> None:
        self._make = make
        self.closed = threading.Event()
        self.asked: list[tuple[Query, Format, Dataset]] = []

    def release(self) -> Release:
        return Release("0123456789abcdef", Path("/nonexistent"), DEFAULT_BASE, 0, "2026-11-24T00:00:00+00:00")

    def run(self, query: Query, format_: Format, dataset: Dataset, *, deadline: float) -> Iterator[bytes]:
        self.asked.append((query, format_, dataset))
        return _Answer(self._make(), self.closed)

    def rows(self, query: str, terms: Terms | None = None) -> list[Row]:
        return []

    def stats(self) -> Stats:
        return Stats({}, {}, (), 0.0)

    def close(self) -> None:
        pass


class _Answer(Iterator[bytes]):
    def __init__(self, chunks: Iterator[bytes], closed: threading.Event) -> None:
        self._chunks = chunks
        self._closed = closed

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        self._closed.set()
