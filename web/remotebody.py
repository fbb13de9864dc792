"""The body of a remote answer: bounded in bytes and time, checked for its end, converted if need be."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import httpx
from pyoxigraph import (
    Literal,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
    serialize,
)

from web.engine import TooLargeError, TooLateError, UnavailableError
from web.formats import Format
from web.wholeness import Wholeness

# Virtuoso answers ASK with a table of one number.
_VIRTUOSO_ASK = "__ASK_RETVAL"
_TRUTH = (b'{"head":{},"boolean":false}', b'{"head":{},"boolean":true}')
_OUTCOMES = {StopIteration: "answered", TooLateError: "timeouts", TooLargeError: "too_large"}


class Body(Iterator[bytes]):
    """The chunks of an answer; `on_close` is told once how it ended, by a name of the counts."""

    def __init__(
        self,
        response: httpx.Response,
        format_: Format,
        *,
        max_bytes: int,
        deadline: float,
        on_close: Callable[[str], None],
    ) -> None:
        self._response = response
        self._chunks = response.iter_raw()
        self._left = max_bytes
        self._deadline = deadline
        self._on_close: Callable[[str], None] | None = on_close
        self._first: list[bytes] = []
        self._wholeness = Wholeness(format_)
        # A read has a timeout of its own, which begins anew with each: this one does not.
        self._timer = threading.Timer(max(0.0, deadline - time.monotonic()), self._shut)
        self._timer.daemon = True
        self._timer.start()

    def __next__(self) -> bytes:
        """Return the next chunk; raise TooLateError, TooLargeError or UnavailableError."""
        return self._first.pop() if self._first else self._read()

    def prime(self) -> None:
        """Read the first chunk, so that its failure is raised here."""
        with contextlib.suppress(StopIteration):
            self._first = [self._read()]

    @contextlib.contextmanager
    def closed_on_error(self) -> Iterator[None]:
        """Close the body if the block fails."""
        try:
            yield
        except BaseException as error:
            self.close(next((how for kind, how in _OUTCOMES.items() if isinstance(error, kind)), "failed"))
            raise

    def close(self, how: str = "hangups") -> None:
        """Give up the rest, and the connection if there is a rest."""
        self._timer.cancel()
        self._response.close()
        if self._on_close is not None:
            on_close, self._on_close = self._on_close, None
            on_close(how)

    def _read(self) -> bytes:
        with self.closed_on_error():
            try:
                chunk = next(self._chunks)
            except StopIteration:
                if time.monotonic() > self._deadline:
                    raise TooLateError from None
                if not self._wholeness.is_whole():
                    raise UnavailableError("the remote store cuts the answer short") from None
                raise
            except httpx.HTTPError as error:
                if isinstance(error, httpx.TimeoutException) or time.monotonic() > self._deadline:
                    raise TooLateError from None
                raise UnavailableError(f"the remote store breaks off ({error})") from error
            self._left -= len(chunk)
            if self._left < 0:
                raise TooLargeError
            if time.monotonic() > self._deadline:
                raise TooLateError
            self._wholeness.feed(chunk)
            return chunk

    def _shut(self) -> None:
        """Wake whoever waits for the socket."""
        stream = self._response.extensions.get("network_stream")
        connection = stream.get_extra_info("socket") if stream is not None else None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def convert(body: bytes, given: Format, wanted: Format) -> bytes:
    """Return a whole answer in another format; raise UnavailableError if it is not what it says."""
    try:
        if isinstance(given.writer, RdfFormat):
            assert isinstance(wanted.writer, RdfFormat)
            triples = (quad.triple for quad in parse(body, format=given.writer))
            return serialize(triples, format=wanted.writer) or b""
        assert isinstance(given.writer, QueryResultsFormat)
        assert isinstance(wanted.writer, QueryResultsFormat)
        results = parse_query_results(body, format=given.writer)
        if isinstance(results, QuerySolutions) and [each.value for each in results.variables] == [
            _VIRTUOSO_ASK
        ]:
            truth = any(row[0] != Literal(0) for row in results)
            results = parse_query_results(_TRUTH[truth], format=QueryResultsFormat.JSON)
        assert isinstance(results, QuerySolutions | QueryBoolean)
        return results.serialize(format=wanted.writer) or b""
    except (SyntaxError, ValueError) as error:
        raise UnavailableError(f"the remote store's answer cannot be read ({error})") from error
