"""Where the segments of a reading lie in the text, and that they leave none of it out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.files.problems import Problem, shown
from kg.files.text import place
from kg.files.yaml import Loc, YamlFile
from kg.model import Span
from kg.seeds.fileformat import SegmentEntry
from kg.seeds.hints import explained
from kg.seeds.matching import occurrences

_LINE_END = re.compile(r"[\n\r\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Extents:
    """The spans of the segments that were found, and what is wrong with the others."""

    spans: dict[str, Span]
    problems: list[Problem]


def find_extents(text: str, entries: list[tuple[Loc, SegmentEntry | None]], file: YamlFile) -> Extents:
    """Find each segment after the one before it, in one pass over the text.

    A segment begins at its first words and runs to the end of their line, or through its last words where
    the file gives them; white space at its end is no part of it. An entry that is None could not be read:
    it is passed over, and so is the text up to the next segment.
    """
    spans: dict[str, Span] = {}
    problems: list[Problem] = []
    position = 0
    sure = True  # whether the segment before this one was found, so that a gap is a gap
    for loc, entry in entries:
        if entry is None:
            sure = False
            continue
        begun = next(occurrences(text, entry.begins, Span(position, len(text))), None)
        if begun is None:
            problems.append(file.problem((*loc, "begins"), _not_found(text, entry.begins)))
            sure = False
            continue
        if sure:
            problems += _gap(text, Span(position, begun.begin), file, (*loc, "begins"))
        line_end = _LINE_END.search(text, begun.end)
        span = Span(begun.begin, line_end.start() if line_end else len(text))
        sure = True
        if entry.ends is not None:
            through = next(occurrences(text, entry.ends, Span(begun.begin, len(text))), None)
            if through is None:
                message = f"{shown(entry.ends)} is not in the article after the segment’s first words"
                problems.append(file.problem((*loc, "ends"), message))
                sure = False
            else:
                span = Span(begun.begin, max(through.end, begun.end))
        position = span.begin + len(text[span.begin : span.end].rstrip())
        if sure:
            spans.setdefault(entry.id, Span(span.begin, position))
    if sure and entries:
        problems += _gap(text, Span(position, len(text)), file, entries[-1][0], after=True)
    return Extents(spans, problems)


def _gap(text: str, span: Span, file: YamlFile, loc: Loc, *, after: bool = False) -> Iterator[Problem]:
    """Yield a problem when the text between two segments holds a letter or digit."""
    words = text[span.begin : span.end].strip()
    if any(char.isalnum() for char in words):
        line, _ = place(text, text.index(words, span.begin))
        side = "after" if after else "before"
        yield file.problem(
            loc, f"the text {side} it, {shown(words)} (line {line} of the article), is in no segment"
        )


def _not_found(text: str, words: str) -> str:
    if earlier := next(occurrences(text, words, Span(0, len(text))), None):
        line, _ = place(text, earlier.begin)
        message = f"{shown(words)} is on line {line} of the article, before the end of an earlier segment"
        return message + ": segments are in the order of the text and do not overlap"
    return f"{shown(words)} is not in the article{explained(text, words, Span(0, len(text)), {})}"
