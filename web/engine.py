"""Run one query safely: the seam between the web and whatever answers queries.

`Engine` is all that the rest of `web` knows. `LocalEngine` answers from the current release inside
this process. It holds a deadline, a bound on queries at once and on the size of a result; what it
cannot do is stop a query: one that is given up keeps its thread, and its place among `workers`,
until it ends by itself, and one that exhausts memory takes the process with it. Only killable
processes can promise more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, cast

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    serialize,
)

from kg.iris import Iris
from kg.query import QueryError
from kg.query import query as run_query
from kg.store import Release, StoreError, open_release
from web.formats import Format
from web.guard import Query

Term = NamedNode | BlankNode | Literal | Triple
Row = Mapping[str, Term]
Terms = Mapping[str, Sequence[NamedNode]]

# The guard's limits on nesting stay far from what overflows a stack of this size.
_STACK_BYTES = 64 << 20
_SECONDS_IN_QUEUE = 2.0
_SECONDS_BETWEEN_LOOKS = 1.0


class TooLateError(Exception):
    """A query that was not answered by its deadline."""


class TooLargeError(Exception):
    """A result that is larger than the endpoint sends."""


class BusyError(Exception):
    """Too many queries are running: the client may come back."""


class UnavailableError(Exception):
    """There is no store, or it does not answer."""


@dataclass(frozen=True)
class Dataset:
    """The graphs of a query, as a request may name them (SPARQL 1.1 Protocol, section 2.1.4).

    Two empty lists leave the choice to the query and the store.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class Engine(Protocol):
    """What answers queries."""

    def __hash__(self) -> int:
        """Return a hash: what is worked out once a release is kept for its engine."""
        ...

    def release(self) -> Release:
        """Return what is served now; raise UnavailableError."""
        ...

    def run(self, query: Query, format_: Format, dataset: Dataset, *, deadline: float) -> bytes:
        """Answer a stranger's query, whole, in one format, by a deadline of `time.monotonic`.

        Raises QueryError, TooLateError, TooLargeError, BusyError or UnavailableError.
        """
        ...

    def rows(self, query: str, terms: Terms | None = None) -> list[Row]:
        """Answer one of our own SELECT queries.

        Each name of `terms` stands in the query as `VALUES ?name {}` and is given these values.
        """
        ...


class LocalEngine:
    """Answer from the current release of a folder, in this process."""

    def __init__(self, store: Path | str, *, workers: int = 4, max_bytes: int = 64 << 20) -> None:
        self._path = store
        self._max_bytes = max_bytes
        self._places = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._release: Release | None = None
        self._looked = 0.0

    def release(self) -> Release:
        """Return the current release, opened; look once a second whether there is a new one."""
        with self._lock:
            now = time.monotonic()
            if self._release is None or now - self._looked > _SECONDS_BETWEEN_LOOKS:
                self._look()
                self._looked = now
            assert self._release is not None
            return self._release

    def run(self, query: Query, format_: Format, dataset: Dataset, *, deadline: float) -> bytes:
        """Answer a query, whole, in a thread of its own."""
        release = self.release()
        patience = min(_SECONDS_IN_QUEUE, deadline - time.monotonic())
        if not self._places.acquire(timeout=max(0.0, patience)):
            raise BusyError
        answer: Future[bytes] = Future()

        def work() -> None:
            try:
                answer.set_result(_answer(release, query, format_, dataset, _Sink(self._max_bytes, deadline)))
            except BaseException as error:  # whatever it is, the thread that waits must hear of it
                answer.set_exception(error)
            finally:
                self._places.release()

        with self._lock:
            before = threading.stack_size(_STACK_BYTES)
            try:
                threading.Thread(target=work, name="query", daemon=True).start()
            finally:
                threading.stack_size(before)
        try:
            return answer.result(timeout=max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            raise TooLateError from None

    def rows(self, query: str, terms: Terms | None = None) -> list[Row]:
        """Answer one of our own queries in the calling thread: they are short, and need no place."""
        release = self.release()
        try:
            solutions = release.store.query(bind(query, terms or {}), prefixes=Iris(release.base).prefixes)
        except OSError as error:
            raise UnavailableError(str(error)) from error
        assert isinstance(solutions, QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        return [
            {name: term for name in names if (term := solution[name]) is not None} for solution in solutions
        ]

    def _look(self) -> None:
        try:
            found = open_release(self._path)
            if self._release is None or found.folder != self._release.folder:
                found.store.contains_named_graph(NamedNode(found.base))
                self._release = found
        except (StoreError, OSError) as error:
            # Once there is a release it is served on, whatever has become of the folder.
            if self._release is None:
                raise UnavailableError(str(error)) from error


def bind(query: str, terms: Terms) -> str:
    """Put terms into the `VALUES ?name {}` of a query: as terms, never as text.

    >>> bind("SELECT * { VALUES ?x {} ?x ?p ?o }", {"x": [NamedNode("http://a/")]})
    'SELECT * { VALUES ?x { <http://a/> } ?x ?p ?o }'
    """
    for name, values in terms.items():
        place = f"VALUES ?{name} {{}}"
        if place not in query:
            raise ValueError(f"the query has no '{place}'")
        query = query.replace(place, f"VALUES ?{name} {{ {' '.join(map(str, values))} }}")
    return query


class _Sink:
    """Takes what a serializer writes, up to a size and a time."""

    def __init__(self, max_bytes: int, deadline: float) -> None:
        self._parts: list[bytes] = []
        self._left = max_bytes
        self._deadline = deadline

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise TooLargeError
        if time.monotonic() > self._deadline:
            raise TooLateError
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: a serializer ends with it."""

    def getvalue(self) -> bytes:
        return b"".join(self._parts)


def _answer(release: Release, query: Query, format_: Format, dataset: Dataset, sink: _Sink) -> bytes:
    prefixes = Iris(release.base).prefixes
    graphs = bool(dataset.default or dataset.named)
    result = run_query(
        release.store,
        query.text,
        prefixes=prefixes,
        default_graphs=dataset.default if graphs else None,
        named_graphs=dataset.named if graphs else None,
    )
    out = cast(IO[bytes], sink)
    try:
        if isinstance(result, QueryTriples):
            assert isinstance(format_.writer, RdfFormat)
            serialize(result, out, format_.writer, prefixes=prefixes)
        else:
            assert isinstance(result, QueryBoolean | QuerySolutions)
            assert isinstance(format_.writer, QueryResultsFormat)
            result.serialize(out, format_.writer)
    except (OSError, RuntimeError) as error:
        raise QueryError(f"the query could not be run: {error}") from None
    finally:
        # An error carries this frame to another thread, where pyoxigraph's results may not end.
        del result
    return sink.getvalue()
