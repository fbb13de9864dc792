"""Sort more lines than fit into memory, and drop those that occur twice."""

from __future__ import annotations

import heapq
import itertools
from pathlib import Path


class SortedLines:
    """Lines that come in any order and are written sorted by their bytes, each once."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._runs: list[Path] = []

    def add(self, lines: bytes) -> None:
        """Keep some lines (each ends with a line feed), sorted, in a file of their own."""
        run = self._folder / f"{self._name}.run{len(self._runs)}"
        run.write_bytes(b"".join(sorted(set(lines.splitlines(keepends=True)))))
        self._runs.append(run)

    def write(self, path: Path) -> int:
        """Merge everything kept into one file and return how many lines it has."""
        opened = [run.open("rb") for run in self._runs]
        count = 0
        try:
            with path.open("wb") as out:
                for line, _ in itertools.groupby(heapq.merge(*opened)):
                    out.write(line)
                    count += 1
        finally:
            for run in opened:
                run.close()
        for path_of_run in self._runs:
            path_of_run.unlink()
        return count
