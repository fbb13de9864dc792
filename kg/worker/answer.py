"""Answer queries one after the other, each as frames of a serialization."""

from __future__ import annotations

import os
import socket
import threading
from typing import IO, cast

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)

from kg.iris import Iris
from kg.query import QueryError, query
from kg.worker.frames import (
    FAILED,
    FRAME_BYTES,
    LAST,
    MORE,
    TOO_LARGE,
    Request,
    receive_request,
    send_frame,
)
from kg.worker.sandbox import limit_memory

# The guard's limits on nesting stay far from what overflows a stack of this size.
_STACK_BYTES = 64 << 20


class TooLargeError(Exception):
    """A result that is larger than its limit."""


def work(connection: socket.socket, store: Store, base: str, *, max_memory: int, confined: bool) -> None:
    """Answer what comes over a connection until it is closed; say first whether this is a sandbox."""
    threading.stack_size(_STACK_BYTES)
    thread = threading.Thread(target=_work, args=(connection, store, base, max_memory, confined))
    thread.start()
    thread.join()


def _work(connection: socket.socket, store: Store, base: str, max_memory: int, confined: bool) -> None:
    names = Iris(base)
    # What the store and this stack take is not the query's.
    limit_memory(max_memory)
    try:
        send_frame(connection, LAST, b"confined" if confined else b"")
        while (request := receive_request(connection)) is not None:
            send_frame(connection, *_answer(connection, store, names, request))
    except OSError:
        pass  # the server has hung up
    except MemoryError:
        os._exit(1)


def _answer(connection: socket.socket, store: Store, names: Iris, request: Request) -> tuple[int, bytes]:
    """Send the answer but for its last frame, and return that."""
    sink = _Sink(connection, request.max_bytes)
    try:
        _write(store, names, request, sink)
    except TooLargeError:
        return TOO_LARGE, b""
    except ValueError as error:  # a QueryError, or a graph that is no IRI
        return FAILED, str(error).encode("utf-8", "replace")[:FRAME_BYTES]
    return LAST, sink.rest()


def _write(store: Store, names: Iris, request: Request, sink: _Sink) -> None:
    default, named = request.graphs or (None, None)
    prefixes = names.prefixes
    result = query(
        store,
        request.text,
        prefixes=prefixes,
        default_graphs=default,
        named_graphs=named,
        base=f"{names.base}sparql",
    )
    out = cast(IO[bytes], sink)
    try:
        if isinstance(result, QueryTriples):
            graph_format = RdfFormat.from_media_type(request.media_type)
            if graph_format is None:
                raise QueryError(f"the query answers with a graph, which {request.media_type} cannot hold")
            serialize(result, out, graph_format, prefixes=prefixes)
        else:
            assert isinstance(result, QueryBoolean | QuerySolutions)
            format_ = QueryResultsFormat.from_media_type(request.media_type)
            if format_ is None:
                raise QueryError(f"the query answers with results, which {request.media_type} cannot hold")
            result.serialize(out, format_)
    except (OSError, RuntimeError) as error:
        raise QueryError(f"the query could not be run: {error}") from None


class _Sink:
    """Takes what a serializer writes, and sends it on by the frame."""

    def __init__(self, connection: socket.socket, max_bytes: int) -> None:
        self._connection = connection
        self._left = max_bytes
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise TooLargeError
        self._parts.append(bytes(data))
        self._size += len(data)
        if self._size > FRAME_BYTES:
            whole = b"".join(self._parts)
            for start in range(0, self._size - FRAME_BYTES, FRAME_BYTES):
                send_frame(self._connection, MORE, whole[start : start + FRAME_BYTES])
            rest = whole[start + FRAME_BYTES :]
            self._parts, self._size = [rest], len(rest)
        return len(data)

    def flush(self) -> None:
        """Do nothing: a serializer ends with it."""

    def rest(self) -> bytes:
        return b"".join(self._parts)
