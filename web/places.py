"""Hand workers out, first come, first served, and kill those that overstay."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from web.engine import BusyError, TooLateError, UnavailableError
from web.keepers import Keeper, Worker
from web.stats import Tally


class Places:
    """The workers there are: idle, or lent until a deadline.

    `strangers` bounds how many are lent to strangers' queries; our own may take any. A worker that is to
    go is told to `lost`, from any thread, with the lock held.
    """

    def __init__(
        self,
        tally: Tally,
        lost: Callable[[Worker], None],
        *,
        strangers: int,
        queue_seconds: float,
        max_queue: int,
    ) -> None:
        self._tally = tally
        self._lost = lost
        self._strangers_left = strangers
        self._queue_seconds = queue_seconds
        self._max_queue = max_queue
        self._lock = threading.Lock()
        self._alarm = threading.Condition(self._lock)
        self._next_alarm = float("inf")
        self._closed = False
        self._keeper: Keeper | None = None
        self.idle: list[Worker] = []
        self._lent: dict[Worker, bool] = {}  # and whether it is to our own query
        self._lines: dict[bool, deque[_Waiting]] = {True: deque(), False: deque()}

    def take(self, deadline: float, *, own: bool) -> Worker:
        """Wait for a worker; raise BusyError, TooLateError or UnavailableError.

        From now on the worker is killed at its deadline, unless it is given back or dropped.
        """
        with self._lock:
            if self._closed:
                raise UnavailableError("the server is stopping")
            # Those who wait are called as soon as they can be served: who finds a worker jumps no queue.
            if self.idle and self._may(own):
                return self._lend(deadline, own)
            line = self._lines[own]
            if len(line) >= self._max_queue:
                raise BusyError
            waiting = _Waiting(deadline)
            line.append(waiting)
        patience = min(self._queue_seconds, deadline - time.monotonic())
        waiting.called.acquire(timeout=max(0.0, patience))
        with self._lock:
            if waiting.worker is not None:
                return waiting.worker
            line.remove(waiting)
        if time.monotonic() >= deadline:
            raise TooLateError
        raise BusyError

    def give(self, worker: Worker) -> None:
        """Take back a worker that has answered."""
        with self._lock:
            if self._leave(worker):
                self._add(worker)

    def drop(self, worker: Worker) -> None:
        """Take back a worker that is dead, or has not answered and is to die."""
        worker.kill()
        with self._lock:
            if self._leave(worker):
                self._lost(worker)
                self._call()

    def add(self, worker: Worker) -> None:
        """Have a new worker to lend."""
        with self._lock:
            self._add(worker)

    def switch(self, keeper: Keeper, workers: list[Worker]) -> None:
        """Lend only the workers of another keeper from now on."""
        with self._lock:
            old, self.idle, self._keeper = self.idle, workers, keeper
            for worker in old:
                self._lost(worker)
            self._call()

    def levels(self) -> dict[str, float]:
        """Return how many workers are lent, and how many queries wait for one."""
        with self._lock:
            return {"busy": len(self._lent), "queue": sum(map(len, self._lines.values()))}

    def close(self) -> None:
        """Lend nothing any more, and end every query."""
        with self._lock:
            self._closed = True
            for worker in self._lent:
                worker.kill()
            for worker in self.idle:
                self._lost(worker)
            self.idle = []
            self._alarm.notify()

    def watch(self) -> None:
        """Kill who is late, as long as there is anything to lend."""
        with self._lock:
            while not self._closed:
                now = time.monotonic()
                for worker in [worker for worker in self._lent if worker.deadline <= now]:
                    worker.overdue = True
                    worker.kill()
                    self._tally.add("kills")
                    # Its place is free even if nobody reads what it has sent so far.
                    self._leave(worker)
                    self._lost(worker)
                self._call()
                self._next_alarm = min((worker.deadline for worker in self._lent), default=float("inf"))
                left = self._next_alarm - time.monotonic()
                self._alarm.wait(None if left == float("inf") else max(0.0, left))

    def _may(self, own: bool) -> bool:
        return own or self._strangers_left > 0

    def _lend(self, deadline: float, own: bool) -> Worker:
        worker = self.idle.pop()
        worker.deadline = deadline
        self._lent[worker] = own
        self._strangers_left -= not own
        if deadline < self._next_alarm:
            self._alarm.notify()
        return worker

    def _leave(self, worker: Worker) -> bool:
        own = self._lent.pop(worker, None)
        if own is None:
            return False
        self._strangers_left += not own
        return True

    def _add(self, worker: Worker) -> None:
        if self._closed or worker.keeper is not self._keeper:
            self._lost(worker)
        else:
            self.idle.append(worker)
        self._call()

    def _call(self) -> None:
        for own, line in self._lines.items():
            while line and self.idle and self._may(own):
                waiting = line.popleft()
                waiting.worker = self._lend(waiting.deadline, own)
                waiting.called.release()


class _Waiting:
    """Someone who waits for a worker."""

    __slots__ = ("called", "deadline", "worker")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.worker: Worker | None = None
        self.called = threading.Lock()
        self.called.acquire()
