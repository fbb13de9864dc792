"""Files of text: read as bytes, decoded as they are, refused with a sentence."""

from __future__ import annotations

import re
from pathlib import Path

from kg.files.problems import Problem, ReadingError

LARGEST = 4 * 1024 * 1024
"""No file that people write is larger, in bytes; what is, is something else by mistake."""

# XML 1.0 (section 2.2) has no way to write these, so no RDF/XML and no SPARQL XML result could carry them.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read_text(path: Path, *, largest: int = LARGEST) -> str:
    """Return a file's text exactly: no white space, line end or byte-order mark is changed.

    Raise ReadingError for a file that cannot be read, is too large, is not UTF-8 or holds characters
    that no text holds.
    """
    try:
        size = path.stat().st_size
        if size > largest:
            raise _error(path, (1, 1), f"is too large to be a text: {size} bytes, and {largest} at the most")
        data = path.read_bytes()
    except OSError as error:
        raise _error(path, (1, 1), f"cannot be read: {error.strerror}") from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = f"is not UTF-8: byte {error.start + 1} is 0x{data[error.start]:02x}; save the file as UTF-8"
        raise _error(path, place(before, len(before)), message) from error
    if found := _NO_TEXT.search(text):
        message = f"holds the control character U+{ord(found[0]):04X}: is it a text file?"
        raise _error(path, place(text, found.start()), message)
    return text


def place(text: str, position: int) -> tuple[int, int]:
    r"""Return the line and column, both from 1, of a code point's position.

    >>> place("one\ntwo", 5)
    (2, 2)
    """
    begin = text.rfind("\n", 0, position) + 1
    return text.count("\n", 0, position) + 1, position - begin + 1


def _error(path: Path, at: tuple[int, int], message: str) -> ReadingError:
    return ReadingError([Problem(str(path), *at, "", message)])
