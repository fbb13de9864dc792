"""Several files read as one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path


class Joined(io.RawIOBase):
    """The bytes of some files, one after the other."""

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self._files = [path.open("rb") for path in paths]

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end."""
        while self._files:
            if data := self._files[0].read(size):
                return data
            self._files.pop(0).close()
        return b""

    def close(self) -> None:
        """Close what is left."""
        for file in self._files:
            file.close()
        super().close()
