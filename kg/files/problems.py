"""What is wrong with a file, in plain words, with the place to look at."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kg.folders import nearby

_LONGEST = 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend: the file, the place (from 1, in characters), the key's path and a sentence."""

    path: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{nearby(self.path)}:{self.line}:{self.column}: "
        return where + (f"{self.key}: " if self.key else "") + self.message


class ReadingError(Exception):
    """A file that cannot be read as what it should be.

    `problems` holds everything that is wrong with it, in the order of the file; `str()` gives one line each.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def shown(words: str, *, longest: int = _LONGEST) -> str:
    r"""Quote words on one line: white space as single spaces, unprintable characters by their number.

    >>> shown("said\u200b no\n")
    '‘said⟨U+200B⟩ no’'
    """
    line = re.sub(r"\s+", " ", words).strip()
    if len(line) > longest:
        cut = longest // 2
        line = f"{line[:cut].rstrip()} … {line[-cut:].lstrip()}"
    line = "".join(c if c.isprintable() else f"⟨U+{ord(c):04X}⟩" for c in line)
    return f"‘{line}’"


def suggestion(word: str, known: Collection[str]) -> str:
    """Return `; did you mean ‘…’?` when a known word is close, and nothing otherwise.

    >>> suggestion("denail", ["denial", "question"])
    '; did you mean ‘denial’?'
    """
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {shown(close[0])}?" if close else ""
