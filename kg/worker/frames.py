"""What a server and its workers say to each other over a stream socket.

A request is a length and a tuple (`marshal`, which a worker trusts, as it trusts the server that made
it). An answer is a number of frames: a kind, a length, and bytes that the server only passes on, since
whoever takes over a worker may send what he likes. A short answer is one frame, and one read.
"""

from __future__ import annotations

import marshal
import socket
import struct
from dataclasses import dataclass

MORE, LAST, FAILED, TOO_LARGE = range(4)

# The most that one frame holds; with its head it is taken in by a single read.
FRAME_BYTES = 65_536
_READ_BYTES = FRAME_BYTES + 4096

_HEAD = struct.Struct("<BI")
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Request:
    """One query: its text, media type, dataset (None: the query's own), and the limit in bytes."""

    text: str
    media_type: str
    graphs: tuple[tuple[str, ...], tuple[str, ...]] | None
    max_bytes: int


def send_request(connection: socket.socket, request: Request) -> None:
    """Send a request whole; raise OSError where the worker is gone."""
    data = marshal.dumps((request.text, request.media_type, request.graphs, request.max_bytes))
    connection.sendall(_LENGTH.pack(len(data)) + data)


def receive_request(connection: socket.socket) -> Request | None:
    """Wait for a request; return None when there will be no more."""
    head = _exactly(connection, _LENGTH.size)
    data = head and _exactly(connection, *_LENGTH.unpack(head))
    return Request(*marshal.loads(data)) if data else None


def send_frame(connection: socket.socket, kind: int, data: bytes = b"") -> None:
    """Send one frame of an answer; raise OSError where the server is gone."""
    connection.sendall(_HEAD.pack(kind, len(data)) + data)


class Frames:
    """The frames of answers, as they come in over a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""

    def receive(self) -> tuple[int, bytes] | None:
        """Wait for a frame; return its kind and its bytes, or None where the worker is gone."""
        data = self._rest
        while len(data) < _HEAD.size:
            part = self._read()
            if not part:
                return None
            data += part
        kind, length = _HEAD.unpack_from(data)
        end = _HEAD.size + length
        if kind > TOO_LARGE or length > FRAME_BYTES:
            return None
        if len(data) < end:
            parts, size = [data], len(data)
            while size < end:
                part = self._read()
                if not part:
                    return None
                parts.append(part)
                size += len(part)
            data = b"".join(parts)
        self._rest = data[end:]
        return kind, data[_HEAD.size : end]

    def _read(self) -> bytes:
        try:
            return self._connection.recv(_READ_BYTES)
        except OSError:
            return b""


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            return None
        data += part
    return data
