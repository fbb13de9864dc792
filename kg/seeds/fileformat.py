"""The format of reading.yaml and metadata.yaml: which keys there are, what each means and what it holds.

The models say what an entry must look like by itself; what entries must be to each other is checked in
`kg.seeds.checks`. The descriptions are what an editor shows, by way of the JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from kg.seeds.fields import Count, Day, Entry, Flag, Sha256, Slug, Slugs, Text, notation, one_or_more, word


class WordsEntry(Entry):
    """Words of the article, as it prints them; white space matches any other white space.

    Words that occur more than once in the segment need a prefix, a suffix or a number.
    """

    words: Text
    """The words, to the letter."""
    prefix: Text | None = None
    """Words directly before them in the segment."""
    suffix: Text | None = None
    """Words directly after them in the segment."""
    nth: Count | None = None
    """Which of several occurrences in the segment is meant, from 1."""


Words = Annotated[WordsEntry, BeforeValidator(word, json_schema_input_type=Text | WordsEntry)]
Pieces = Annotated[
    tuple[Words, ...],
    BeforeValidator(one_or_more, json_schema_input_type=Words | tuple[Words, ...]),
]


class AnnotatorEntry(Entry):
    """Who or what made the reading."""

    id: Slug
    """What names the annotator in every reading of theirs."""
    label: Text
    """The annotator's name for people."""
    kind: Literal["organization", "person", "software"]
    """What the annotator is."""
    version: Text | None = None
    """The version of the program; for software only."""


class SegmentEntry(Entry):
    """A part of the article; it runs from its first words to the end of their line."""

    id: Slug
    """What names the segment in this reading, such as s05."""
    kind: notation("segments")  # type: ignore[valid-type]
    """What the segment is."""
    begins: Text
    """The segment's first words."""
    ends: Text | None = None
    """The segment's last words, when it runs over several lines."""
    read: Literal["complete", "partial"]
    """Whether every report in the segment is in this reading."""
    note: Text | None = None
    """A remark for other curators; it stays in the file."""


class AliasEntry(Entry):
    """Another name of an actor."""

    of: Slug
    """The actor."""
    name: Text
    """The other name, without quotation marks."""


class ClaimEntry(Entry):
    """What is claimed, whoever says it."""

    id: Slug
    """What names the claim in every reading: two readings share a claim by giving the same id and text."""
    text: Text
    """The claim as one sentence that names no speaker and no day of speaking."""
    about: Slugs = ()
    """The actors that the claim is about."""
    accuses: Slugs = ()
    """The actors to whom the claim imputes a wrong."""
    entails: Slugs = ()
    """The claims that must hold if this one does."""
    contradicts: Slugs = ()
    """The claims that cannot hold together with this one."""
    in_tension_with: Slugs = ()
    """The claims that sit ill with this one without contradicting it."""
    alias: AliasEntry | None = None
    """For a claim that an actor goes by another name."""
    evaluative: Flag = False
    """Whether the claim is a judgement of value."""
    note: Text | None = None
    """A remark about the claim."""


class EvidenceEntry(Entry):
    """A document or other thing that a statement cites."""

    id: Slug
    """What names the evidence in this reading."""
    label: Text
    """What it is, in a few words."""
    note: Text | None = None
    """A remark about the evidence."""


class CertaintyEntry(Entry):
    """How certain the source is said to be."""

    level: notation("certainties")  # type: ignore[valid-type]
    """How certain."""
    words: Words
    """The article's words that say so."""
    in_: Slug | None = Field(default=None, alias="in")
    """The segment of the words; without it, that of the statement's first attribution."""


class TimeEntry(Entry):
    """When the statement is said to have been made."""

    words: Words
    """The article's words that say so."""
    relation: notation("times")  # type: ignore[valid-type]
    """How that time lies to the day of the article."""
    in_: Slug | None = Field(default=None, alias="in")
    """The segment of the words; without it, that of the statement's first attribution."""


class AttributionEntry(Entry):
    """One report of a statement: who, by which words of saying, said what."""

    in_: Slug = Field(alias="in")
    """The segment that holds the report."""
    id: Slug | None = None
    """What names the attribution; without it, the statement's id, a hyphen and the segment's id."""
    mode: notation("modes")  # type: ignore[valid-type]
    """How the words of the source are given."""
    source: Pieces = ()
    """The words that name the source."""
    cue: Pieces = ()
    """The words that say that something is said, such as a verb of saying."""
    content: Pieces = ()
    """The words that give what is said."""
    quotes: Pieces = ()
    """The words in quotation marks, marks included: for mode mixed; mode direct finds its own."""
    within: Slug | None = None
    """The attribution inside whose content this one stands."""
    inherits: Slug | None = None
    """The list header that holds the words of the source and of the cue."""
    note: Text | None = None
    """A remark for other curators; it stays in the file."""


class StatementEntry(Entry):
    """Who took which stance on which claim, once."""

    id: Slug
    """What names the statement in this reading."""
    stance: notation("stances")  # type: ignore[valid-type]
    """What the source does with the claim."""
    by: Slugs
    """The actors that made it; `unidentified` when the text names no source at all."""
    for_: Slugs = Field(default=(), alias="for")
    """The actors on whose behalf it was made."""
    to: Slugs = ()
    """The actors that it was addressed to."""
    claim: Slug | None = None
    """The claim that it asserts, denies, challenges or asks about."""
    presupposes: Slugs = ()
    """The claims that it takes for granted."""
    responds_to: Slugs = ()
    """The statements that it answers."""
    evidence: Slugs = ()
    """The evidence that it cites."""
    certainty: CertaintyEntry | None = None
    """How certain the source is said to be; left out where the article says nothing."""
    time: TimeEntry | None = None
    """When it is said to have been made; left out where the article says nothing."""
    kind: notation("non_answers") | None = None  # type: ignore[valid-type]
    """In which way a non-answer does not answer."""
    alternative_reading: Text | None = None
    """Another way in which the words can be understood."""
    attributions: tuple[AttributionEntry, ...]
    """Every report of it, in the order of the text."""
    note: Text | None = None
    """A remark about the statement."""


class FramingEntry(Entry):
    """Words by which the text frames an actor or a claim, and whose words they are."""

    id: Slug
    """What names the framing in this reading."""
    in_: Slug = Field(alias="in")
    """The segment of the words."""
    type: notation("framings")  # type: ignore[valid-type]
    """What the words do."""
    words: Words
    """The article's words."""
    voice: Slug | None = None
    """The actor whose words they are; `unidentified` when the text does not say."""
    voice_of: Slug | None = None
    """The statement whose source's words they are; instead of `voice`."""
    about: Slugs = ()
    """The actors that the words frame."""
    claim: Slug | None = None
    """The claim that the words frame."""
    note: Text | None = None
    """A remark about the framing."""


class ReadingFile(Entry):
    """What one annotator says one article reports, in the article's own words."""

    article: Slug
    """The article: the name of the folder of this file."""
    sha256: Sha256
    """The SHA-256 of article.txt: a reading is of exactly this text."""
    annotator: AnnotatorEntry
    """Who or what made the reading."""
    made: Day
    """The day on which it was made."""
    note: Text | None = None
    """A remark about the reading."""
    segments: tuple[SegmentEntry, ...]
    """The parts of the article, in its order; every letter and digit of it is in one of them."""
    claims: tuple[ClaimEntry, ...] = ()
    """What is claimed."""
    evidence: tuple[EvidenceEntry, ...] = ()
    """What is cited as evidence."""
    statements: tuple[StatementEntry, ...] = ()
    """Who is said to have asserted, denied, challenged, asked or not answered it."""
    framings: tuple[FramingEntry, ...] = ()
    """Words that frame an actor or a claim."""


class OutsideEntry(Entry):
    """One thing known of the article from outside its text."""

    name: notation("metadata")  # type: ignore[valid-type]
    """What is known."""
    value: Text
    """What it is."""
    source: Text
    """Where it comes from."""


class MetadataFile(Entry):
    """What is known of the article from outside its text."""

    items: tuple[OutsideEntry, ...]
    """One entry for each thing known."""
