"""What a process and all that it started use of the processors, from /proc (Linux)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat after the name, which may hold anything: see proc_pid_stat(5).
_PARENT, _TIMES = 1, slice(11, 15)


def processor_seconds(process: int) -> float:
    """Return the seconds that a process, its descendants, and those of them that have ended have run."""
    stats = dict(_stats())
    found, more = set[int](), {process}
    while more:
        found |= more
        more = {pid for pid, fields in stats.items() if int(fields[_PARENT]) in more} - found
    return sum(int(ticks) for pid in found & stats.keys() for ticks in stats[pid][_TIMES]) / _TICKS


def settle(process: int, *, quiet: float = 2.5, longest: float = 300.0) -> None:
    """Wait until a process and its descendants are idle: loaded, and over with what was before.

    `quiet` is for how many seconds they have to be: longer than they wait before they begin with more.
    """
    end = time.monotonic() + longest
    before = processor_seconds(process)
    while time.monotonic() < end:
        time.sleep(quiet)
        after = processor_seconds(process)
        if after - before <= 0.05 * quiet:
            return
        before = after


def _stats() -> Iterator[tuple[int, list[str]]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        yield int(path.parent.name), text.rpartition(")")[2].split()
