"""Whether words stand in quotation marks: judged inside their segment, across which no marks are paired."""

from __future__ import annotations

import re

from kg.model import Span

MARKS = (
    ("^[^„]*“[^”]*$", "^[^”]*”?$", ""),
    ("^[^“”]*$", "^[^“”]*”?$", "^[^“”]*”"),
    ("„[^“”]*$", "^[^“”]*[“”]?$", ""),
    ("«[^»]*$", "^[^»]*»?$", ""),
    (r"""(^|[\s(/\['‘“—–-])"(\S[^"]*)?$""", '^"?[^"]*"?$', ""),
    (r"(^|\W)‘([^\d’]([^’]|’\w)*)?$", r"^([^’]|’\w)*’?$", ""),
    (r"(^|\W)‘([^’]|’\w|s’\s)*$", r"^([^’]|’\w|s’\s)*’?$", r"’(\W|$)"),
    (r"""(^|[\s(/\["“—–-])'([^\d\s']([^']|'\w)*)?$""", r"^'?([^']|'\w)*'?$", ""),
    (r"""(^|[\s(/\["“—–-])'([^']|'\w|s'\s)*$""", r"^'?([^']|'\w|s'\s)*'?$", r"\w\W?'(\W|$)"),
)
"""The ways to stand in quotation marks, three patterns each; `hss:Attribution-quotes-marks` has the same.

The first is of the segment up to and with the first character of the words, the second of the words, the
third of the segment from the words on. A quotation need not close, since one that goes on in the next
paragraph does not; nor need a closing ” have its opening mark, which a text may have lost. Single marks are
apostrophes inside a word, and may be one after an s, where another one closes.
"""

_MARKS = tuple(tuple(map(re.compile, patterns)) for patterns in MARKS)


def quoted(text: str, span: Span, within: Span) -> bool:
    """Tell whether the words of a span stand in quotation marks of the segment, their own or around them.

    >>> [quoted("Asked: “Why? Who?” He left", Span(*words), Span(0, 26)) for words in ((13, 17), (19, 26))]
    [True, False]
    """
    head, words, tail = (
        text[within.begin : span.begin + 1],
        text[span.begin : span.end],
        text[span.begin : within.end],
    )
    return any(
        before.search(head) and inside.search(words) and after.search(tail)
        for before, inside, after in _MARKS
    )
