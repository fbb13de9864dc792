"""Answer a request that repeats another, byte for byte, within a second, with the same bytes.

Nothing is parsed, and no thread is asked. Since the bytes of two requests are the same, so is everything
that an answer may depend on, but for the moment: only answers with an entity tag are kept, which depend
on the release alone, and a second is how long the engine goes without looking for a new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SECONDS = 1.0
_LONGEST_REQUEST = 8192
_LONGEST_ANSWER = 65_536
# With these there may be more to come than the head, or another protocol.
_MORE_THAN_A_HEAD = frozenset(("content-length", "transfer-encoding", "expect", "upgrade"))


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was sent, and what the logs say of it."""

    data: bytes
    until: float
    size: int
    address: str
    path: str
    target: tuple[str, str]
    referer: str
    agent: str


class Replay:
    """The answers of the last second, up to a number of bytes. Not for several threads."""

    def __init__(self, max_bytes: int = 16_000_000) -> None:
        self._kept: dict[tuple[bool, bytes], Kept] = {}
        self._max_bytes = max_bytes
        self._bytes = 0

    def find(self, request: bytes, now: float, *, by_proxy: bool) -> Kept | None:
        """Return the answer that a request had a moment ago."""
        key = (by_proxy, request)
        kept = self._kept.get(key)
        if kept is not None and kept.until < now:
            self._drop(key)
            return None
        return kept

    def keep(self, request: bytes, kept: Kept, *, by_proxy: bool) -> None:
        """Keep an answer, and drop the oldest to make room."""
        key = (by_proxy, request)
        if key in self._kept:
            self._drop(key)
        self._kept[key] = kept
        self._bytes += len(request) + len(kept.data)
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[bool, bytes]) -> None:
        self._bytes -= len(key[1]) + len(self._kept.pop(key).data)


def repeatable(request: bytes) -> bool:
    r"""Say whether bytes may be one whole request whose answer can be kept.

    >>> repeatable(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), repeatable(b"GET / HTTP/1.1\r\nHost")
    (True, False)
    """
    return (
        request.startswith(b"GET ")
        and len(request) <= _LONGEST_REQUEST
        and request.find(b"\r\n\r\n") == len(request) - 4
    )


def keepable(status: int, names: Iterable[bytes], size: int, asked: Iterable[str]) -> bool:
    """Say whether an answer depends on the release alone, and is small."""
    return (
        status == 200
        and size <= _LONGEST_ANSWER
        and any(name.lower() == b"etag" for name in names)
        and _MORE_THAN_A_HEAD.isdisjoint(asked)
    )
