"""A page under way: the text of an invented article, and the records of what it reports so far."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from kg.model import (
    Annotator,
    Article,
    Attribution,
    Claim,
    Evidence,
    Framing,
    OutsideItem,
    Reading,
    Segment,
    Span,
    Statement,
)


@dataclass
class Page:
    """Grows from left to right, so that each span is known as its words are written."""

    text: str = ""
    segments: list[Segment] = field(default_factory=list)
    claims: dict[str, Claim] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    attributions: list[Attribution] = field(default_factory=list)
    framings: list[Framing] = field(default_factory=list)
    _begin: int = 0

    @property
    def here(self) -> str:
        """Return the id of the segment under way."""
        return f"s{len(self.segments):02}"

    @property
    def mid_sentence(self) -> bool:
        """Say whether what comes next does not begin a sentence."""
        return len(self.text) > self._begin and not self.text.endswith((". ", "“"))

    def add(self, words: str) -> Span:
        """Write words, with a capital where a sentence begins; return where they stand."""
        begin = len(self.text)
        if not self.mid_sentence:
            words = words[0].upper() + words[1:]
        self.text += words
        return Span(begin, len(self.text))

    def since(self, begin: int) -> Span:
        """Return the span from a position to here."""
        return Span(begin, len(self.text))

    def end(self, kind: str) -> None:
        """End the segment under way."""
        self.segments.append(Segment(self.here, kind, self.since(self._begin), complete=True))
        self.text += "\n\n"
        self._begin = len(self.text)

    def state(self, stance: str, *made_by: str, claim: str | None = None) -> int:
        """Add a statement; return its number."""
        name = f"{stance}-{len(self.statements) + 1}"
        self.statements.append(Statement(name, stance, made_by, claim))
        return len(self.statements) - 1

    def report(
        self,
        statement: int,
        mode: str,
        *,
        source: Span | None = None,
        cue: Span | None = None,
        content: Span | None = None,
        quoted: Span | None = None,
        embedded_in: str | None = None,
    ) -> str:
        """Add a report of a statement in the segment under way; return its id."""
        name = f"{self.statements[statement].id}-{self.here}"
        source_, cue_, content_, quotes = (
            () if span is None else (span,) for span in (source, cue, content, quoted)
        )
        self.attributions.append(
            Attribution(
                name,
                self.statements[statement].id,
                self.here,
                mode,
                source_,
                cue_,
                content_,
                quotes,
                embedded_in,
            )
        )
        return name

    def reading(
        self, slug: str, known: tuple[OutsideItem, ...], annotator: Annotator, made: datetime.date
    ) -> Reading:
        """Return the reading of the whole page."""
        return Reading(
            Article(slug, self.text.rstrip("\n") + "\n", known),
            annotator,
            made,
            tuple(self.segments),
            tuple(self.claims.values()),
            tuple(self.evidence),
            tuple(self.statements),
            tuple(self.attributions),
            tuple(self.framings),
        )
