"""The entries of a reading file as the records of `kg.model`, each word found in the text."""

from __future__ import annotations

from kg.files.problems import Problem
from kg.files.yaml import Loc
from kg.model import (
    Alias,
    Annotator,
    Article,
    Attribution,
    Certainty,
    Claim,
    Evidence,
    Framing,
    Reading,
    Segment,
    Statement,
    Time,
)
from kg.seeds.draft import Draft
from kg.seeds.fields import UNIDENTIFIED
from kg.seeds.fileformat import (
    AttributionEntry,
    ClaimEntry,
    EvidenceEntry,
    FramingEntry,
    ReadingFile,
    SegmentEntry,
    StatementEntry,
)
from kg.seeds.ids import attribution_id
from kg.seeds.segments import find_extents
from kg.seeds.spans import Finder


def make_reading(draft: Draft[ReadingFile], article: Article) -> tuple[Reading | None, list[Problem]]:
    """Return the reading, and every place where its words are not those of the article.

    It is whole only if there is no problem, neither here nor in the draft and its checks; without a head
    there is none.
    """
    file = draft.file
    listed = draft.lists["segments"]
    extents = find_extents(
        article.text,
        [(loc, entry if isinstance(entry, SegmentEntry) else None) for loc, entry in listed],
        file,
    )
    finder = Finder(article, extents.spans, file)
    statements, attributions = _statements(draft, finder)
    framings = _framings(draft, finder)
    problems = [*extents.problems, *finder.problems]
    if draft.head is None:
        return None, problems
    reading = Reading(
        article=article,
        annotator=Annotator(**dict(draft.head.annotator)),
        made=draft.head.made,
        segments=tuple(
            Segment(entry.id, entry.kind, extents.spans[entry.id], entry.read == "complete", file.line(loc))
            for loc, entry in draft.entries("segments", SegmentEntry)
            if entry.id in extents.spans
        ),
        claims=tuple(_claim(entry, file.line(loc)) for loc, entry in draft.entries("claims", ClaimEntry)),
        evidence=tuple(
            Evidence(entry.id, entry.label, entry.note, file.line(loc))
            for loc, entry in draft.entries("evidence", EvidenceEntry)
        ),
        statements=statements,
        attributions=attributions,
        framings=framings,
        note=draft.head.note,
        path=file.path,
    )
    return reading, problems


def _claim(entry: ClaimEntry, line: int) -> Claim:
    alias = Alias(entry.alias.of, entry.alias.name) if entry.alias else None
    return Claim(
        id=entry.id,
        text=entry.text,
        about=entry.about,
        accuses=entry.accuses,
        entails=entry.entails,
        contradicts=entry.contradicts,
        in_tension_with=entry.in_tension_with,
        alias=alias,
        evaluative=entry.evaluative,
        note=entry.note,
        line=line,
    )


def _statements(
    draft: Draft[ReadingFile], finder: Finder
) -> tuple[tuple[Statement, ...], tuple[Attribution, ...]]:
    statements: list[Statement] = []
    attributions: list[Attribution] = []
    for loc, entry in draft.entries("statements", StatementEntry):
        statements.append(_statement(entry, loc, finder))
        for index, inner in enumerate(entry.attributions):
            at = (*loc, "attributions", index)
            attributions.append(_attribution(attribution_id(entry, inner), entry.id, inner, at, finder))
    return tuple(statements), tuple(attributions)


def _statement(entry: StatementEntry, loc: Loc, finder: Finder) -> Statement:
    first = entry.attributions[0].in_ if entry.attributions else ""
    certainty, time = None, None
    if entry.certainty and (span := finder.term((*loc, "certainty"), entry.certainty, first)):
        certainty = Certainty(entry.certainty.level, span)
    if entry.time and (span := finder.term((*loc, "time"), entry.time, first)):
        time = Time(span, entry.time.relation)
    return Statement(
        id=entry.id,
        stance=entry.stance,
        made_by=() if entry.by == (UNIDENTIFIED,) else entry.by,
        claim=entry.claim,
        on_behalf_of=entry.for_,
        addressed_to=entry.to,
        presupposes=entry.presupposes,
        responds_to=entry.responds_to,
        evidence=entry.evidence,
        certainty=certainty,
        time=time,
        non_answer_kind=entry.kind,
        alternative_reading=entry.alternative_reading,
        note=entry.note,
        line=finder.file.line(loc),
    )


def _attribution(slug: str, statement: str, entry: AttributionEntry, loc: Loc, finder: Finder) -> Attribution:
    named_in = finder.named_in(entry)
    source = finder.pieces((*loc, "source"), entry.source, named_in)
    cue = finder.pieces((*loc, "cue"), entry.cue, named_in)
    content = finder.pieces((*loc, "content"), entry.content, entry.in_)
    return Attribution(
        id=slug,
        statement=statement,
        segment=entry.in_,
        mode=entry.mode,
        source=source,
        cue=cue,
        content=content,
        quotes=finder.quotes(loc, entry, content=content, named=(*source, *cue)),
        embedded_in=entry.within,
        inherits_from=entry.inherits,
        line=finder.file.line(loc),
    )


def _framings(draft: Draft[ReadingFile], finder: Finder) -> tuple[Framing, ...]:
    found = (
        (loc, entry, finder.one((*loc, "words"), entry.words, entry.in_))
        for loc, entry in draft.entries("framings", FramingEntry)
    )
    return tuple(
        Framing(
            id=entry.id,
            segment=entry.in_,
            type=entry.type,
            span=span,
            voice=None if entry.voice == UNIDENTIFIED else entry.voice,
            voice_of=entry.voice_of,
            about=entry.about,
            claim=entry.claim,
            note=entry.note,
            line=finder.file.line(loc),
        )
        for loc, entry, span in found
        if span
    )
