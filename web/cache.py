"""Keep whole answers, so that a query of the same release is run once."""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Iterator

from kg.store import Release
from web.engine import Dataset, Engine, Row, Terms
from web.formats import Format
from web.guard import Query
from web.stats import Stats

# No answer may take more than this share of what is kept.
_SHARE = 16
# What an entry takes besides its texts.
_OVERHEAD = 1000

Key = tuple[str, str, Dataset, str]


class Answers:
    """A bounded number of bytes of answers; those that were least recently used go first."""

    def __init__(self, max_bytes: int) -> None:
        self.max_answer = max_bytes // _SHARE
        self.hits = self.misses = self.size = 0
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, bytes] = OrderedDict()

    def get(self, key: Key) -> bytes | None:
        """Return the answer that is kept, or None."""
        with self._lock:
            answer = self._kept.get(key)
            if answer is None:
                self.misses += 1
            else:
                self.hits += 1
                self._kept.move_to_end(key)
            return answer

    def put(self, key: Key, answer: bytes) -> None:
        """Keep an answer, unless it is too large."""
        size = _size(key, answer)
        if size > self.max_answer:
            return
        with self._lock:
            if key not in self._kept:
                self._kept[key] = answer
                self.size += size
            while self.size > self._max_bytes:
                self.size -= _size(*self._kept.popitem(last=False))


class CachingEngine:
    """Answer from what is kept, or by another engine."""

    def __init__(self, engine: Engine, max_bytes: int) -> None:
        self._engine = engine
        self._answers = Answers(max_bytes)

    def release(self) -> Release:
        """Return what is served now."""
        return self._engine.release()

    def run(self, query: Query, format_: Format, dataset: Dataset, *, deadline: float) -> Iterator[bytes]:
        """Answer a query; keep the answer if it would be the same another time."""
        if query.volatile:
            return self._engine.run(query, format_, dataset, deadline=deadline)
        release = self._engine.release()
        key = (release.id, query.text, dataset, format_.media_type)
        answer = self._answers.get(key)
        if answer is not None:
            return iter((answer,))
        chunks = self._engine.run(query, format_, dataset, deadline=deadline)
        if self._engine.release() != release:
            return chunks  # it may be of either
        return _Kept(chunks, self._answers, key)

    def rows(self, query: str, terms: Terms | None = None) -> list[Row]:
        """Answer one of our own queries, by the other engine."""
        return self._engine.rows(query, terms)

    def stats(self) -> Stats:
        """Return the other engine's counts, and how often it was not needed."""
        stats, answers = self._engine.stats(), self._answers
        counts = {**stats.counts, "cache_hits": answers.hits, "cache_misses": answers.misses}
        return dataclasses.replace(stats, counts=counts, levels={**stats.levels, "cache_bytes": answers.size})

    def close(self) -> None:
        """Close the other engine."""
        self._engine.close()


class _Kept(Iterator[bytes]):
    """The chunks of an answer, which is kept once it is whole."""

    def __init__(self, chunks: Iterator[bytes], answers: Answers, key: Key) -> None:
        self._chunks = chunks
        self._answers = answers
        self._key = key
        self._parts: list[bytes] | None = []
        self._left = answers.max_answer

    def __next__(self) -> bytes:
        try:
            chunk = next(self._chunks)
        except StopIteration:
            if self._parts is not None:
                self._answers.put(self._key, b"".join(self._parts))
                self._parts = None
            raise
        if self._parts is not None:
            self._left -= len(chunk)
            if self._left < 0:
                self._parts = None
            else:
                self._parts.append(chunk)
        return chunk

    def close(self) -> None:
        """Stop the query."""
        self._parts = None
        if close := getattr(self._chunks, "close", None):
            close()


def _size(key: Key, answer: bytes) -> int:
    _, text, dataset, _ = key
    graphs = sum(len(graph) for graph in (*dataset.default, *dataset.named))
    # A character takes four bytes at most.
    return len(answer) + 4 * (len(text) + graphs) + _OVERHEAD
