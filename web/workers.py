"""The default engine: pyoxigraph in worker processes that are sandboxed, bounded, and killed when late.

pyoxigraph cannot be interrupted, and a hostile query may overflow its stack or its memory; a process
of its own for each query at a time is what keeps either from being anyone else's concern.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from kg.query import QueryError
from kg.store import Release
from kg.worker.frames import FAILED, LAST, MORE, Request
from web.engine import (
    BusyError,
    Dataset,
    Row,
    Terms,
    TooLargeError,
    TooLateError,
    UnavailableError,
    bind,
)
from web.formats import Format
from web.guard import Query
from web.hangup import hung_up, on_hangup
from web.keepers import Worker
from web.pool import Pool
from web.stats import Stats, Tally

# Results of our own queries come as TSV, which pyoxigraph reads back whole, twice as fast as JSON.
_ROWS = QueryResultsFormat.TSV
_MAX_ROWS_BYTES = 256 << 20


class PoolEngine:
    """Answer from the current release of a folder, in a pool of processes that starts when first needed.

    A process that uses an engine may not fork: each server process makes its own.
    """

    def __init__(
        self,
        store: Path | str,
        *,
        workers: int = 4,
        query_timeout: float = 30.0,
        queue_seconds: float = 2.0,
        max_queue: int = 64,
        max_results: int = 100_000_000,
        max_memory: int = 1_000_000_000,
        in_memory: str = "auto",
        look_seconds: float = 1.0,
    ) -> None:
        self._tally = Tally(
            "queries", "answered", "failed", "timeouts", "too_large", "busy", "crashes", "hangups", "kills"
        )
        self._query_timeout = query_timeout
        self._max_results = max_results
        self._max_memory = max_memory
        self._pool = Pool(
            store,
            self._tally,
            workers=workers,
            queue_seconds=queue_seconds,
            max_queue=max_queue,
            max_memory=max_memory,
            in_memory=in_memory,
            look_seconds=look_seconds,
        )
        weakref.finalize(self, self._pool.stop)

    def release(self) -> Release:
        """Return what is served now."""
        return self._pool.release()

    def run(self, query: Query, format_: Format, dataset: Dataset, *, deadline: float) -> Iterator[bytes]:
        """Answer a query in a worker."""
        assert format_.writer is not None
        graphs = (dataset.default, dataset.named) if dataset.default or dataset.named else None
        request = Request(query.text, format_.writer.media_type, graphs, self._max_results)
        self._tally.add("queries")
        started = time.monotonic()
        try:
            worker = self._asked(request, deadline, own=False)
        except BusyError:
            self._tally.add("busy")
            raise
        except TooLateError:
            self._tally.add("timeouts")
            raise
        answer = _Answer(self._pool, worker, self._tally, started, self._max_memory)
        answer.begin()
        return answer

    def rows(self, query: str, terms: Terms | None = None) -> list[Row]:
        """Answer one of our own queries in a worker, of which one is never lent to strangers."""
        request = Request(bind(query, terms or {}), _ROWS.media_type, None, _MAX_ROWS_BYTES)
        try:
            worker = self._asked(request, time.monotonic() + self._query_timeout, own=True)
            data = self._whole(worker)
        except (BusyError, TooLateError) as error:
            raise UnavailableError("the store does not answer in time") from error
        solutions = parse_query_results(data, _ROWS)
        assert isinstance(solutions, QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        return [
            {name: term for name, term in zip(names, solution, strict=True) if term is not None}
            for solution in solutions
        ]

    def stats(self) -> Stats:
        """Return what has been counted of strangers' queries, and the levels of the pool."""
        return self._tally.stats(**self._pool.levels())

    def close(self) -> None:
        """End all processes."""
        self._pool.close()

    def _asked(self, request: Request, deadline: float, *, own: bool) -> Worker:
        while True:
            worker = self._pool.take(deadline, own=own)
            try:
                worker.send(request)
            except OSError:
                # It died before it was asked, or is killed right now since the deadline has come.
                self._pool.places.drop(worker)
                if worker.overdue:
                    raise TooLateError from None
            else:
                return worker

    def _whole(self, worker: Worker) -> bytes:
        parts = []
        while frame := worker.receive():
            kind, data = frame
            parts.append(data)
            if kind == MORE:
                continue
            self._pool.places.give(worker)
            if kind == FAILED:
                raise QueryError(data.decode("utf-8", "replace"))
            return b"".join(parts)
        self._pool.places.drop(worker)
        raise TooLateError if worker.overdue else UnavailableError("a worker has died")


class _Answer(Iterator[bytes]):
    """The chunks of an answer; whatever ends it gives the worker back."""

    def __init__(self, pool: Pool, worker: Worker, tally: Tally, started: float, max_memory: int) -> None:
        self._pool = pool
        self._worker: Worker | None = worker
        self._tally = tally
        self._started = started
        self._max_memory = max_memory
        self._first: bytes | None = None

    def begin(self) -> None:
        """Wait for the first chunk, unless the client hangs up."""
        assert self._worker is not None
        with on_hangup(self._worker.kill):
            self._first = self._next()

    def __next__(self) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        if self._worker is None:
            raise StopIteration
        return self._next()

    def close(self) -> None:
        """Stop the query, if it has not ended."""
        if self._worker is not None:
            self._end("hangups", whole=False)

    def __del__(self) -> None:
        if self._worker is not None:
            self._pool.abandon(self._worker)

    def _next(self) -> bytes:
        assert self._worker is not None
        worker = self._worker
        frame = worker.receive()
        if frame is None:
            raise self._died(worker)
        kind, data = frame
        if kind == MORE:
            return data
        if kind == LAST:
            self._end("answered")
            return data
        if kind == FAILED:
            self._end("failed")
            raise QueryError(data.decode("utf-8", "replace"))
        self._end("too_large")
        raise TooLargeError

    def _died(self, worker: Worker) -> Exception:
        # The pool marks a worker as late before it kills it.
        if worker.overdue:
            self._end("timeouts", whole=False)
            return TooLateError()
        if hung_up() or self._pool.closed:
            self._end("hangups", whole=False)
            return UnavailableError("nobody waits for the answer any more")
        self._end("crashes", whole=False)
        return QueryError(
            f"the query was stopped: it needs more than {self._max_memory / 1e6:,.0f} MB of memory, "
            "or nests too deep"
        )

    def _end(self, how: str, *, whole: bool = True) -> None:
        worker, self._worker = self._worker, None
        assert worker is not None
        if whole:
            self._pool.places.give(worker)
        else:
            self._pool.places.drop(worker)
        self._tally.add(how)
        self._tally.took(time.monotonic() - self._started)
