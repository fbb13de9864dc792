"""The words of a reading's entries, as spans of the article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.files.problems import Problem, shown
from kg.files.yaml import Loc, YamlFile
from kg.model import Article, Span
from kg.seeds.fileformat import AttributionEntry, CertaintyEntry, TimeEntry, WordsEntry
from kg.seeds.matching import overlapping, widen
from kg.seeds.quotation import quoted
from kg.seeds.words import NotFoundError, find


class Finder:
    """Find words in segments, and collect what is not found.

    Words for a segment that is unknown or was not found itself are passed over: that is reported already.
    """

    def __init__(self, article: Article, segments: Mapping[str, Span], file: YamlFile) -> None:
        self.article = article
        self.segments = segments
        self.file = file
        self.problems: list[Problem] = []

    def named_in(self, attribution: AttributionEntry) -> str:
        """Return the segment of an attribution's source and cue; nothing where it inherits them wrongly."""
        here, header = attribution.in_, attribution.inherits
        if header is None:
            return here
        earlier = (
            header in self.segments and here in self.segments and self.segments[header] < self.segments[here]
        )
        return header if earlier else ""

    def one(self, loc: Loc, words: WordsEntry, segment: str) -> Span | None:
        """Return the span of one piece of words."""
        within = self.segments.get(segment)
        if within is None:
            return None
        try:
            return find(
                self.article.text,
                words.words,
                within,
                prefix=words.prefix,
                suffix=words.suffix,
                nth=words.nth,
                where=segment,
                elsewhere=self.segments,
            )
        except NotFoundError as error:
            self.problems.append(self.file.problem((*loc, "words"), str(error)))
            return None

    def pieces(self, loc: Loc, pieces: Iterable[WordsEntry], segment: str) -> tuple[Span, ...]:
        """Return the spans of words that may stand apart; they share no character."""
        found = (self.one((*loc, index), words, segment) for index, words in enumerate(pieces))
        spans = tuple(span for span in found if span)
        if overlapping(spans):
            self.problems.append(self.file.problem(loc, "two of its parts overlap"))
        return spans

    def term(self, loc: Loc, words: CertaintyEntry | TimeEntry, segment: str) -> Span | None:
        """Return the span of words of certainty or time: in the segment they name, or in the one given."""
        return self.one((*loc, "words"), words.words, words.in_ or segment)

    def quotes(
        self, loc: Loc, attribution: AttributionEntry, *, content: tuple[Span, ...], named: tuple[Span, ...]
    ) -> tuple[Span, ...]:
        """Return what is printed in quotation marks: as given, or for mode direct the content and its marks.

        What is given has its marks, and lies inside the content or the words of the source and the cue.
        """
        within = self.segments.get(attribution.in_)
        if within is None:
            return ()
        widened = tuple(widen(self.article.text, span, within) for span in content)
        if attribution.mode == "direct":
            self._unquoted((*loc, "content"), content, within, "use another mode")
        if not attribution.quotes:
            return widened if attribution.mode == "direct" else ()
        quotes = self.pieces((*loc, "quotes"), attribution.quotes, attribution.in_)
        if attribution.mode in ("direct", "mixed"):
            self._unquoted((*loc, "quotes"), quotes, within, "give only words that do")
        said = (*widened, *(widen(self.article.text, span, within) for span in named))
        whole = bool(content) and len(content) == len(attribution.content)
        for span in quotes:
            marked = widen(self.article.text, span, within)
            if marked != span:
                message = f"leaves out quotation marks that touch it: {shown(self.article.words(marked))}"
                self.problems.append(self.file.problem((*loc, "quotes"), message))
            elif whole and not any(outer.begin <= span.begin and span.end <= outer.end for outer in said):
                message = f"{shown(self.article.words(span))} is in neither content, source nor cue"
                self.problems.append(self.file.problem((*loc, "quotes"), message))
        return quotes

    def _unquoted(self, loc: Loc, spans: Iterable[Span], within: Span, advice: str) -> None:
        for span in spans:
            if not quoted(self.article.text, span, within):
                words = self.article.words(span)
                in_part = any(char in words for char in '“”"‘„«»')
                said = "stands only in part in quotation marks" if in_part else "stands in no quotation marks"
                if in_part:
                    advice = "use mode mixed, or give the quoted parts alone"
                self.problems.append(self.file.problem(loc, f"{shown(words)} {said}: {advice}"))
