"""Where words occur in a text: to the character, but for white space, and never in the middle of a word."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator

from kg.model import Span

OPENING = "“‘„‚«‹\"'"
CLOSING = "”’»›\"'"

_FREE_SCRIPTS = "\u0e00"  # from here on, most scripts write no spaces between words


def pattern(words: str) -> str:
    """Return a regular expression for words: any run of white space matches any other.

    White space is what Unicode says it is, no-break and thin spaces and line ends among it.
    """
    return r"\s++".join(re.escape(word) for word in words.split())


def occurrences(
    text: str, words: str, within: Span, *, prefix: str | None = None, suffix: str | None = None
) -> Iterator[Span]:
    """Yield every place of the words inside a span; they never begin or end in the middle of a word.

    `prefix` and `suffix` are words directly before and after, inside the span too.

    >>> list(occurrences("Russians blamed Russia", "Russia", Span(0, 22)))
    [Span(begin=16, end=22)]
    """
    before = f"{pattern(prefix)}\\s*+" if prefix else ""
    after = f"\\s*+{pattern(suffix)}" if suffix else ""
    found = re.compile(f"{before}(?P<words>{pattern(words)}){after}")
    position = within.begin
    while match := found.search(text, position, within.end):
        position = match.start() + 1
        span = Span(*match.span("words"))
        if not (inside_word(text, span.begin) or inside_word(text, span.end)):
            yield span


def widen(text: str, span: Span, within: Span) -> Span:
    """Return a span with the quotation marks that touch it: opening ones before, closing ones after.

    >>> widen("He said: “No.” Then", Span(10, 13), Span(0, 19))
    Span(begin=9, end=14)
    """
    begin, end = span.begin, span.end
    while begin > within.begin and text[begin - 1] in OPENING and not text[begin - 2 : begin - 1].isalnum():
        begin -= 1
    while end < within.end and text[end] in CLOSING and not text[end + 1 : end + 2].isalnum():
        end += 1
    return Span(begin, end)


def overlapping(spans: Iterable[Span]) -> bool:
    """Tell whether any two of the spans share a character."""
    ordered = sorted(spans)
    return any(one.end > two.begin for one, two in itertools.pairwise(ordered))


def inside_word(text: str, position: int) -> bool:
    """Tell whether a word goes on across a position."""
    if not 0 < position < len(text):
        return False
    before, after = text[position - 1], text[position]
    if unicodedata.combining(after):
        return True
    return before.isalnum() and after.isalnum() and max(before, after) < _FREE_SCRIPTS
