import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.query import QueryError
from kg.store import Release
from web.cache import CachingEngine
from web.engine import Dataset, Engine, Row, Terms
from web.formats import CSV, JSON, Format
from web.guard import Query, inspect
from web.stats import Stats, Tally


class Counting:
    """An engine whose answers say which it is: the first, the second, …"""

    def __init__(self, *, chunk: bytes = b"", chunks: int = 1, fails: bool = False) -> None:
        self.id = "one"
        self.asked = 0
        self.closed = 0
        self._chunk = chunk
        self._chunks = chunks
        self._fails = fails

    def release(self) -> Release:
        return Release(self.id, Path("/nowhere"), "https://x/", 1, "2026-01-01")

    def run(self, query: Query, format_: Format, dataset: Dataset, *, deadline: float) -> Iterator[bytes]:
        self.asked += 1
        return self._answer(str(self.asked).encode() + self._chunk)

    def _answer(self, chunk: bytes) -> Iterator[bytes]:
        try:
            for _ in range(self._chunks):
                yield chunk
            if self._fails:
                raise QueryError("too bad")
        finally:
            self.closed += 1

    def rows(self, query: str, terms: Terms | None = None) -> list[Row]:
        return []

    def stats(self) -> Stats:
        return Tally("queries").stats(workers=1)

    def close(self) -> None:
        """Do nothing."""


def ask(engine: Engine, text: str = "ASK {}", format_: Format = CSV, dataset: Dataset | None = None) -> bytes:
    query = inspect(text, max_bytes=65_536)
    return b"".join(engine.run(query, format_, dataset or Dataset(), deadline=time.monotonic() + 9))


def test_an_answer_is_made_once_for_its_release_text_dataset_and_format() -> None:
    inner = Counting()
    engine = CachingEngine(inner, 1_000_000)
    graph = Dataset(default=("http://x/g",))
    assert [ask(engine), ask(engine)] == [b"1", b"1"]
    assert [ask(engine, "ASK  {}"), ask(engine, format_=JSON), ask(engine, dataset=graph)] == [
        b"2",
        b"3",
        b"4",
    ]
    inner.id = "two"
    assert ask(engine) == b"5"
    assert ask(engine, dataset=graph) == b"6"
    stats = engine.stats()
    assert (stats.counts["cache_hits"], stats.counts["cache_misses"], stats.counts["queries"]) == (1, 6, 0)
    assert stats.levels["workers"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (NOW() AS ?x) {}",
        "SELECT (now # here\n () AS ?x) {}",
        "SELECT (\\u004EOW() AS ?x) {}",
        "SELECT (RAND() AS ?x) {}",
        "SELECT (UUID() AS ?x) {}",
        "SELECT (STRUUID() AS ?x) {}",
        "ASK { FILTERNOW() }",
        "SELECT * { ?s ?p ?o } ORDER BY RAND()",
    ],
)
def test_what_would_answer_anew_is_not_kept(text: str) -> None:
    engine = CachingEngine(Counting(), 1_000_000)
    assert [ask(engine, text), ask(engine, text)] == [b"1", b"2"]


def test_words_that_only_look_so_do_no_harm() -> None:
    engine = CachingEngine(Counting(), 1_000_000)
    for text in ("ASK { ?now ?rand 'NOW()' }", "ASK { ?s <http://x/NOW()> ?o } # RAND()"):
        assert ask(engine, text) == ask(engine, text)


def test_the_least_recently_used_goes_when_there_is_no_room() -> None:
    engine = CachingEngine(Counting(chunk=bytes(10_000)), 200_000)
    texts = [f"ASK {{}} # {number:02}" for number in range(30)]
    first = ask(engine, texts[0])
    for text in texts[1:]:
        ask(engine, text)
        assert ask(engine, texts[0]) == first
    assert ask(engine, texts[1])[:2] == b"31"
    assert engine.stats().levels["cache_bytes"] <= 200_000


def test_a_large_answer_is_passed_on_and_not_kept() -> None:
    inner = Counting(chunk=bytes(30_000), chunks=3)
    engine = CachingEngine(inner, 1_000_000)
    assert len(ask(engine)) == len(ask(engine)) == 90_003
    assert inner.asked == 2


def test_an_answer_that_is_not_whole_is_not_kept() -> None:
    inner = Counting(chunks=2)
    engine = CachingEngine(inner, 1_000_000)
    query = inspect("ASK {}", max_bytes=1000)
    chunks = engine.run(query, CSV, Dataset(), deadline=0)
    assert next(chunks) == b"1"
    chunks.close()  # type: ignore[attr-defined]
    assert inner.closed == 1
    assert ask(engine) == b"22"
    failing = CachingEngine(Counting(chunks=2, fails=True), 1_000_000)
    for _ in range(2):
        with pytest.raises(QueryError):
            ask(failing)
    assert failing.stats().counts["cache_hits"] == 0


def test_an_answer_that_may_be_of_either_release_is_not_kept() -> None:
    inner = Counting()
    engine = CachingEngine(inner, 1_000_000)
    run = inner.run

    def switching(query: Query, format_: Format, dataset: Dataset, *, deadline: float) -> Iterator[bytes]:
        inner.id = "two"
        return run(query, format_, dataset, deadline=deadline)

    inner.run = switching  # type: ignore[method-assign]
    assert ask(engine) == b"1"
    inner.id = "one"
    assert ask(engine) == b"2"


def test_threads_may_share_it() -> None:
    engine = CachingEngine(Counting(chunk=bytes(1000)), 100_000)
    errors: list[Exception] = []

    def work(seed: int) -> None:
        try:
            for number in range(300):
                ask(engine, f"ASK {{}} # {(number * seed) % 97}")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (3, 5, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    stats = engine.stats()
    assert stats.counts["cache_hits"] + stats.counts["cache_misses"] == 1200
    assert stats.levels["cache_bytes"] <= 100_000
