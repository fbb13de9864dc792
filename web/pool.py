"""Keep workers of the current release ready, and replace those that are gone.

When there is a new release (or room in memory for one that is served from disk) new workers are made
ready first; those of the old one end their queries, and only then does its keeper go. One thread tends
the processes and does what others may not wait for; another one looks at the clock.
"""

from __future__ import annotations

import functools
import logging
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from kg.store import Release, StoreError, open_release
from kg.worker.memory import free_memory
from web.engine import UnavailableError
from web.keepers import Keeper, Worker
from web.places import Places
from web.stats import Tally

_LOG = logging.getLogger(__name__)

# Workers that only our own queries take, so that pages are shown whatever strangers ask.
_RESERVED = 1
# A release that takes longer to load than a person would wait is served from disk meanwhile.
_LOADED_AT_ONCE = 50_000_000
_SECONDS_BETWEEN_TRIES = 30.0


class Pool:
    """The workers of the current release of a folder; they start when they are first needed."""

    def __init__(
        self,
        store: Path | str,
        tally: Tally,
        *,
        workers: int,
        queue_seconds: float,
        max_queue: int,
        max_memory: int,
        in_memory: str,
        look_seconds: float,
    ) -> None:
        self.closed = False
        self.places = Places(
            tally, self._lost, strangers=workers, queue_seconds=queue_seconds, max_queue=max_queue
        )
        self._store = store
        self._workers = workers + _RESERVED
        self._max_memory = max_memory
        self._in_memory = in_memory
        self._look_seconds = look_seconds
        self._looked = 0.0
        self._chores: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._beginning = threading.Lock()
        self._tending: threading.Thread | None = None
        # What follows is changed by the thread that tends alone, once it runs.
        self.keeper: Keeper | None = None
        self.alive: dict[Keeper, int] = {}
        self._loading = False
        self.failed: dict[tuple[Path, bool], float] = {}  # and when it may be tried again

    def release(self) -> Release:
        """Return what is served now; begin with it, if this is the first call. Raises UnavailableError."""
        keeper = self.keeper or self._begin()
        return keeper.release

    def take(self, deadline: float, *, own: bool) -> Worker:
        """Wait for a worker; raise BusyError, TooLateError or UnavailableError."""
        self.release()
        return self.places.take(deadline, own=own)

    def abandon(self, worker: Worker) -> None:
        """Have a worker dropped soon: from a finalizer, which may run anywhere."""
        if self.closed:
            worker.hang_up()
        else:
            self._chores.put(functools.partial(self.places.drop, worker))

    def levels(self) -> dict[str, float]:
        """Return what there is now, by name."""
        keeper = self.keeper
        return {
            "workers": self.alive.get(keeper, 0) if keeper else 0,
            **self.places.levels(),
            "in_memory": bool(keeper and keeper.in_memory),
            "sandboxed": bool(keeper and keeper.confined),
        }

    def stop(self) -> None:
        """Have everything ended soon: from any thread, in any state."""
        self.closed = True
        self._chores.put(_nothing)

    def close(self) -> None:
        """End everything, and wait until it has ended."""
        self.stop()
        with self._beginning:
            tending = self._tending
        if tending is not None:
            tending.join()

    def _begin(self) -> Keeper:
        with self._beginning:
            if self.closed:
                raise UnavailableError("the server is stopping")
            if self.keeper is None:
                try:
                    release = open_release(self._store)
                    now = release.bytes_in_memory <= _LOADED_AT_ONCE
                    self._switch(*self._make(release, in_memory=now and self._fits(release), workers=1))
                except (StoreError, OSError) as error:
                    raise UnavailableError(str(error)) from error
                self._looked = time.monotonic()
                threading.Thread(target=self.places.watch, name="watch workers", daemon=True).start()
                self._tending = threading.Thread(target=self._tend, name="tend workers", daemon=True)
                self._tending.start()
            assert self.keeper is not None
            return self.keeper

    def _fits(self, release: Release) -> bool:
        if self._in_memory == "auto":
            # Reading counts references, and so writes: in time each worker comes to have a copy of most
            # of the store.
            return (1 + self._workers) * release.bytes_in_memory <= free_memory()
        return self._in_memory == "always"

    def _make(self, release: Release, *, in_memory: bool, workers: int) -> tuple[Keeper, list[Worker]]:
        keeper = Keeper(release, in_memory=in_memory, max_memory=self._max_memory)
        made: list[Worker] = []
        try:
            for _ in range(workers):
                made.append(keeper.start())  # noqa: PERF401 (those that did start are to be ended)
        except OSError as error:
            _end(keeper, made)
            raise UnavailableError(f"no worker of {release.folder} starts: {error}") from error
        if not keeper.confined:
            _LOG.warning("workers cannot be kept from the network here: only the guard refuses SERVICE")
        return keeper, made

    def _switch(self, keeper: Keeper, workers: list[Worker]) -> None:
        self._loading = False
        self.failed.clear()
        if self.closed:
            _end(keeper, workers)
            return
        self.alive[keeper] = len(workers)
        self.places.switch(keeper, workers)
        self.keeper = keeper

    def _lost(self, worker: Worker) -> None:
        if self.closed:
            worker.bury()
        else:
            self._chores.put(functools.partial(self._bury, worker))

    def _bury(self, worker: Worker) -> None:
        worker.bury()
        self.alive[worker.keeper] -= 1

    def _tend(self) -> None:
        while not self.closed:
            self._fill()
            for keeper in [keeper for keeper, alive in self.alive.items() if not alive]:
                if keeper is not self.keeper:
                    del self.alive[keeper]
                    keeper.close()
            if time.monotonic() - self._looked >= self._look_seconds:
                self._look()
                self._looked = time.monotonic()
            try:
                self._chores.get(timeout=self._look_seconds)()
            except queue.Empty:
                continue
        self.places.close()
        while not self._chores.empty():
            self._chores.get()()
        for keeper in self.alive:
            keeper.close()

    def _fill(self) -> None:
        keeper = self.keeper
        assert keeper is not None
        if keeper.ended():
            _LOG.warning("the process that holds release %s has ended: another is started", keeper.release.id)
            in_memory = keeper.in_memory and (keeper.release.folder, True) not in self.failed
            self._load(keeper.release, in_memory=in_memory)
            return
        while self.alive[keeper] < self._workers:
            try:
                worker = keeper.start()
            except OSError as error:
                _LOG.warning("no worker starts: %s", error)
                return
            self.alive[keeper] += 1
            self.places.add(worker)

    def _look(self) -> None:
        keeper = self.keeper
        assert keeper is not None
        try:
            release = open_release(self._store)
            in_memory = self._fits(release)
        except (StoreError, OSError):
            return  # what is served is served on, whatever has become of the folder
        if release.folder != keeper.release.folder or (in_memory and not keeper.in_memory):
            self._load(release, in_memory=in_memory)

    def _load(self, release: Release, *, in_memory: bool) -> None:
        """Make workers of a release ready in a thread of its own, one release at a time."""
        if self._loading or self.failed.get((release.folder, in_memory), 0.0) > time.monotonic():
            return
        self._loading = True

        def load() -> None:
            try:
                made = self._make(release, in_memory=in_memory, workers=self._workers)
            except (UnavailableError, OSError) as error:
                _LOG.warning("release %s is not served: %s", release.id, error)
                self._chores.put(functools.partial(self._fail, release, in_memory))
                return
            if self.closed:
                _end(*made)
            else:
                self._chores.put(functools.partial(self._switch, *made))

        threading.Thread(target=load, name="load release", daemon=True).start()

    def _fail(self, release: Release, in_memory: bool) -> None:
        self._loading = False
        self.failed[release.folder, in_memory] = time.monotonic() + _SECONDS_BETWEEN_TRIES


def _end(keeper: Keeper, workers: list[Worker]) -> None:
    for worker in workers:
        worker.bury()
    keeper.close()


def _nothing() -> None:
    """Only wake who waits for something to do."""
