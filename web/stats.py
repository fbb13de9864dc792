"""What an engine counts, for those who operate it."""

from __future__ import annotations

import bisect
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

# Upper bounds of the classes of a histogram, in seconds; the last class has none.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts since the start, levels now, and how long queries took.

    `latencies` has one number of queries for each class of `BOUNDS` and one for what is above; a query
    counts when it has ended, however it did, and its time in the queue counts too.
    """

    counts: Mapping[str, int]
    levels: Mapping[str, float]
    latencies: tuple[int, ...]
    seconds: float


class Tally:
    """Counts, from any thread."""

    def __init__(self, *names: str) -> None:
        self._lock = threading.Lock()
        self._counts = Counter(dict.fromkeys(names, 0))
        self._latencies = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0

    def add(self, name: str) -> None:
        """Count one."""
        with self._lock:
            self._counts[name] += 1

    def took(self, seconds: float) -> None:
        """Count a query by its time."""
        with self._lock:
            self._latencies[bisect.bisect_left(BOUNDS, seconds)] += 1
            self._seconds += seconds

    def stats(self, **levels: float) -> Stats:
        """Return the counts, with these levels."""
        with self._lock:
            return Stats(dict(self._counts), levels, tuple(self._latencies), self._seconds)
