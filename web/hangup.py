"""Notice that a client hung up while its request is worked on, so that its query can be stopped.

The server makes a `Hangup` for each request, answers it inside `listening`, and lets it `happen`, from
whatever thread, when the client is gone. The engine waits for a worker inside `on_hangup(worker.kill)`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar


class Hangup:
    """Whether a client has hung up, and what is to be done then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._actions: list[Callable[[], None]] = []
        self.happened = False

    def happen(self) -> None:
        """Do what is to be done, once."""
        with self._lock:
            if self.happened:
                return
            self.happened = True
            # Under the lock: what `forget` was told of must not be done after it, to another's query.
            for action in self._actions:
                action()

    def then(self, action: Callable[[], None]) -> None:
        """Have something quick done when the client hangs up, or at once if it has."""
        with self._lock:
            if not self.happened:
                self._actions.append(action)
                return
        action()

    def forget(self, action: Callable[[], None]) -> None:
        """Leave undone what `then` was given."""
        with self._lock, contextlib.suppress(ValueError):
            self._actions.remove(action)


_CURRENT: ContextVar[Hangup | None] = ContextVar("hangup", default=None)


def hung_up() -> bool:
    """Say whether nobody waits any more for what this thread does."""
    hangup = _CURRENT.get()
    return hangup is not None and hangup.happened


@contextlib.contextmanager
def listening(hangup: Hangup) -> Iterator[None]:
    """Make a hang-up the one of what this thread does."""
    token = _CURRENT.set(hangup)
    try:
        yield
    finally:
        _CURRENT.reset(token)


@contextlib.contextmanager
def on_hangup(action: Callable[[], None]) -> Iterator[None]:
    """Have an action done, by another thread, if the client hangs up inside the block.

    >>> with listening(hangup := Hangup()), on_hangup(lambda: print("stop")):
    ...     hangup.happen()
    stop
    """
    hangup = _CURRENT.get()
    if hangup is None:
        yield
        return
    hangup.then(action)
    try:
        yield
    finally:
        hangup.forget(action)
