"""The access log, in Apache's combined format; of a query only its length is written."""

from __future__ import annotations

import re
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import IO

_UNSAFE = re.compile(r'[^\x20-\x7e]|["\\]')


class AccessLog:
    """Writes a line a request to a file, or to standard error for “-”; to nothing for “”."""

    def __init__(self, where: str) -> None:
        """Open the log; raise OSError."""
        self._where = where
        self._file: IO[str] | None = None
        self.reopen()

    def __bool__(self) -> bool:
        return self._file is not None

    def reopen(self) -> None:
        """Open the file anew, since it may have been moved away."""
        if self._where in ("", "-"):
            self._file = sys.stderr if self._where else None
            return
        file = Path(self._where).open("a", encoding="ascii", buffering=1)  # noqa: SIM115
        self.close()
        self._file = file

    def close(self) -> None:
        """Close the file."""
        if self._file is not None and self._file is not sys.stderr:
            self._file.close()
            self._file = None

    def write(self, line: str) -> None:
        """Write a line."""
        if self._file is not None:
            self._file.write(line + "\n")
            self._file.flush()


def line(
    address: str,
    method: str,
    path: str,
    query: str,
    protocol: str,
    status: int,
    size: int,
    *,
    referer: str = "",
    agent: str = "",
    when: float | None = None,
) -> str:
    """Return the line of one request: `size` in bytes, without the head; `when` in seconds of the epoch.

    >>> line("192.0.2.1", "GET", "/sparql", "query=ASK", "HTTP/1.1", 200, 5, agent="curl/8", when=0)[43:]
    '"GET /sparql?[9] HTTP/1.1" 200 5 "-" "curl/8"'
    """
    moment = datetime.fromtimestamp(time.time() if when is None else when).astimezone()
    target = f"{path}?[{len(query)}]" if query else path
    return (
        f"{address or '-'} - - [{_moment(moment)}] "
        f'"{_safe(method)} {_safe(target)} {protocol}" {status} {size or "-"} '
        f'"{_safe(referer.partition("?")[0]) or "-"}" "{_safe(agent) or "-"}"'
    )


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _moment(moment: datetime) -> str:
    # strftime would name the month in the language of the locale.
    return f"{moment.day:02}/{_MONTHS[moment.month - 1]}/{moment:%Y:%H:%M:%S %z}"


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda found: "".join(f"\\x{byte:02x}" for byte in found[0].encode()), text[:1000])
