"""How much memory is free."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def free_memory(root: Path = Path("/")) -> int:
    """Return the bytes this process may still use without swapping: the machine's, or its container's.

    A container's limit is that of control groups, version 2, as seen from inside it.
    """
    free = _machine(root)
    with contextlib.suppress(OSError, ValueError):
        group = root / "sys/fs/cgroup"
        limit = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
        free = min(free, max(0, limit - used))
    return free


def _machine(root: Path) -> int:
    with contextlib.suppress(OSError):
        for line in (root / "proc/meminfo").read_text(encoding="ascii").splitlines():
            name, _, value = line.partition(":")
            if name == "MemAvailable":
                return int(value.split()[0]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
