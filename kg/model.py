"""The records that cross from text to triples: an Article, and a Reading of it.

Every producer (a curator's file, a program) makes these records; the one consumer is `kg.triples`.
They are frozen, hold no IRI and no RDF, and name things by the slugs their author gave them.
All positions are Unicode code points of the stored text, `[begin, end)`, as in NIF 2.1 and the
Web Annotation Data Model (section 4.2.4).
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Code points `[begin, end)` of an article's text."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class OutsideItem:
    """One thing known of an article from outside its text, with where it comes from."""

    name: str
    value: str
    source: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Article:
    """One news text, kept to the character, and what is known of it from outside."""

    slug: str
    text: str
    metadata: tuple[OutsideItem, ...] = ()
    path: str = field(default="", compare=False)

    @cached_property
    def sha256(self) -> str:
        """Return the SHA-256 of the text's UTF-8 bytes, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def words(self, span: Span) -> str:
        """Return the exact characters of a span.

        >>> Article("x", "He said no.").words(Span(3, 7))
        'said'
        """
        return self.text[span.begin : span.end]


@dataclass(frozen=True, slots=True)
class Segment:
    """A headline, lede, paragraph, caption, list header, list item or boilerplate."""

    id: str
    kind: str
    span: Span
    complete: bool
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Alias:
    """A name and the actor it is said to be another name of."""

    of: str
    name: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed, as a canonical sentence independent of who says it."""

    id: str
    text: str
    about: tuple[str, ...] = ()
    accuses: tuple[str, ...] = ()
    entails: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    in_tension_with: tuple[str, ...] = ()
    alias: Alias | None = None
    evaluative: bool = False
    note: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document, dossier or other thing that a statement cites as evidence."""

    id: str
    label: str
    note: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Certainty:
    """How certain a source is said to be: a level, and the words that say so."""

    level: str
    span: Span


@dataclass(frozen=True, slots=True)
class Time:
    """When a statement is said to have been made: the words, and their relation to the article's day."""

    span: Span
    relation: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Who took which stance on which claim, once.

    An empty `made_by` means that the text names no source at all: the statement gets a placeholder
    actor of its own, shared with no other statement.
    """

    id: str
    stance: str
    made_by: tuple[str, ...]
    claim: str | None = None
    on_behalf_of: tuple[str, ...] = ()
    addressed_to: tuple[str, ...] = ()
    presupposes: tuple[str, ...] = ()
    responds_to: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    certainty: Certainty | None = None
    time: Time | None = None
    non_answer_kind: str | None = None
    alternative_reading: str | None = None
    note: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Attribution:
    """One report of a statement in the text: its source, cue, content and quotation spans."""

    id: str
    statement: str
    segment: str
    mode: str
    source: tuple[Span, ...] = ()
    cue: tuple[Span, ...] = ()
    content: tuple[Span, ...] = ()
    quotes: tuple[Span, ...] = ()
    embedded_in: str | None = None
    inherits_from: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Framing:
    """Words by which the text frames an actor or a claim, and whose words they are.

    The voice is an actor (`voice`), or the source of a statement (`voice_of`); with neither, the words
    are somebody's whom the text does not identify, and the framing gets a placeholder actor.
    """

    id: str
    segment: str
    type: str
    span: Span
    voice: str | None = None
    voice_of: str | None = None
    about: tuple[str, ...] = ()
    claim: str | None = None
    note: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Annotator:
    """Who or what made a reading: a person, an organization or a program with its version."""

    id: str
    label: str
    kind: str
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one annotator says one article reports."""

    article: Article
    annotator: Annotator
    made: datetime.date
    segments: tuple[Segment, ...]
    claims: tuple[Claim, ...]
    evidence: tuple[Evidence, ...]
    statements: tuple[Statement, ...]
    attributions: tuple[Attribution, ...]
    framings: tuple[Framing, ...]
    note: str | None = None
    path: str = field(default="", compare=False)

    @property
    def slug(self) -> str:
        """Return what names the reading: its article and its annotator.

        The annotator is part of it so that competing readings of an article live side by side.
        """
        return f"{self.article.slug}-{self.annotator.id}"


@dataclass(frozen=True, slots=True)
class Stance:
    """A kind of statement: the IRI of its class, and of the property that links it to its claim."""

    term: str
    addresses: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words a reading may use, each with the IRI of the ontology's term it stands for.

    The tables are read from the ontology (`skos:notation`), so that a new kind of statement, segment
    or framing needs no change in Python.
    """

    stances: Mapping[str, Stance]
    segments: Mapping[str, str]
    modes: Mapping[str, str]
    framings: Mapping[str, str]
    certainties: Mapping[str, str]
    times: Mapping[str, str]
    non_answers: Mapping[str, str]
    metadata: Mapping[str, str]
