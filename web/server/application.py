"""What threads do: call the application, and fetch its answer chunk by chunk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from web.hangup import Hangup, listening

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class Answer:
    """What the application answered so far."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: Iterator[bytes] = field(default_factory=lambda: iter(()))
    close: Callable[[], None] = lambda: None
    first: bytes | None = None
    whole: bool = False
    hangup: Hangup = field(default_factory=Hangup)


@dataclass(frozen=True)
class Pools:
    """Threads by what they are for, so that the queries of all leave room for pages and operators."""

    queries: Executor
    pages: Executor
    operators: Executor
    most: int

    def close(self) -> None:
        """Take no more work."""
        for pool in (self.queries, self.pages, self.operators):
            pool.shutdown(wait=False, cancel_futures=True)

    def of(self, path: str) -> Executor:
        """Return the threads for a path."""
        if path in ("/sparql", "/graph-store"):
            return self.queries
        return self.operators if path in ("/health", "/metrics") else self.pages


def begin(application: Application, request: dict[str, Any], answer: Answer) -> None:
    """Have a request answered up to the first chunk, or wholly if that is all."""

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
        answer.status = int(status[:3])
        answer.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        return _write

    if answer.hangup.happened:
        return
    with listening(answer.hangup):
        body = application(request, start_response)
        answer.close = getattr(body, "close", answer.close)
        answer.body = iter(body)
        advance(answer)
    length = next((value for name, value in answer.headers if name == b"content-length"), None)
    if answer.first is None or (length is not None and int(length) == len(answer.first)):
        answer.first = answer.first or b""
        answer.whole = True
        answer.close()


def begin_whole(application: Application, request: dict[str, Any], answer: Answer) -> None:
    """Have a request answered wholly, and tell the length."""
    begin(application, request, answer)
    if not answer.whole:
        answer.first = b"".join((answer.first or b"", *answer.body))
        answer.headers.append((b"content-length", str(len(answer.first)).encode()))
        answer.whole = True
        answer.close()


def advance(answer: Answer) -> None:
    """Fetch the next chunk; None is the end."""
    with listening(answer.hangup):
        answer.first = next(answer.body, None)


def close_in(pool: Executor, answer: Answer) -> None:
    """Have an answer closed by a thread of a pool: it may wait for a worker."""
    try:
        pool.submit(_close, answer)
    except RuntimeError:  # the server has stopped, and with it the engine
        return


def _close(answer: Answer) -> None:
    try:
        answer.close()
    except Exception as error:  # nobody waits for it any more
        logging.getLogger("hearsay.server").warning("an answer could not be closed: %s", error)


def _write(_: bytes) -> None:
    raise NotImplementedError("an application returns its body, and does not write it")
