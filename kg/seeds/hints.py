"""What to say of words that are not where their file puts them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from kg.files.problems import shown
from kg.model import Span
from kg.seeds.matching import CLOSING, OPENING, inside_word, occurrences

_DASH = "Pd"
_QUOTES = {*OPENING, *CLOSING, "‟", "‛", "`", "´", "′", "″", "＂", "＇"}


def variant(text: str, words: str, within: Span) -> Span | None:
    """Return where the words stand if typography is forgiven: quotation marks, dashes, case, spaces.

    Where that finds nothing, all punctuation is forgiven.
    """
    for keep in (_typographic, _alphanumeric):
        wanted, _ = _folded(words, keep)
        letters, origins = _folded(text[within.begin : within.end], keep)
        at = letters.find(wanted) if wanted else -1
        if at >= 0:
            return Span(within.begin + origins[at], within.begin + origins[at + len(wanted) - 1] + 1)
    return None


def explained(text: str, words: str, within: Span, elsewhere: Mapping[str, Span]) -> str:
    """Say, of words that a span does not have, what it has instead or which other span has them.

    >>> explained("He said “no”.", '"no"', Span(0, 13), {})
    '; the text has ‘“no”’'
    """
    said = []
    if found := variant(text, words, within):
        said.append(f"the text has {_in_full(text, found, within)}")
    names = [name for name, span in elsewhere.items() if any(occurrences(text, words, span))]
    if names:
        said.append(f"the words are in {', '.join(names[:5])}{' …' if len(names) > 5 else ''}")
    elif elsewhere and any(occurrences(text, words, Span(0, len(text)))):
        said.append("the article has the words across the edge of a segment")
    if not said:
        others = ((name, span, variant(text, words, span)) for name, span in elsewhere.items())
        said = [f"{name} has {_in_full(text, found, span)}" for name, span, found in others if found][:1]
    return "".join(f"; {part}" for part in said) or _first_difference(text, words, within)


def _first_difference(text: str, words: str, within: Span) -> str:
    """Say where the words and the text part, when they begin alike."""
    parts = words.split()
    for count in range(len(parts) - 1, 0, -1):
        begun = next(occurrences(text, " ".join(parts[:count]), within), None)
        if begun:
            after = text[begun.end : within.end].split()
            then = shown(after[0]) if after else "its end"
            return f"; after {shown(' '.join(parts[:count]))} the text has {then}, not {shown(parts[count])}"
    return ""


def _typographic(char: str) -> str:
    if char in _QUOTES:
        return '"'
    if unicodedata.category(char) == _DASH or char == "−":
        return "-"
    return "" if char.isspace() or unicodedata.category(char) in ("Cf", "Mn") else char


def _alphanumeric(char: str) -> str:
    return char if char.isalnum() else ""


@lru_cache(maxsize=256)
def _folded(text: str, keep: Callable[[str], str]) -> tuple[str, list[int]]:
    """Return the characters that count, and the position that each comes from."""
    letters: list[str] = []
    origins: list[int] = []
    for position, original in enumerate(text):
        for char in unicodedata.normalize("NFKD", original).casefold():
            if kept := keep(char):
                letters.append(kept)
                origins.append(position)
    return "".join(letters), origins


def _in_full(text: str, span: Span, within: Span) -> str:
    """Quote a span, with the rest of the words that it cuts."""
    begin, end = span.begin, span.end
    while begin > within.begin and inside_word(text, begin):
        begin -= 1
    while end < within.end and inside_word(text, end):
        end += 1
    return shown(text[begin:end])
