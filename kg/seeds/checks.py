"""What the entries of a reading must be to each other.

- An id is given once in its list, and attributions share one list; every id that is named exists, and no
  entry names itself.
- An actor is one of seeds/actors.ttl; `unidentified` stands alone, and as `by` or `voice` only.
- A stance with a property of its own (asserts, denies, …) has a claim; a non-answer says what it responds
  to, and only a non-answer has a `kind`.
- A statement has an attribution; an attribution has words; mode direct and mixed have content, mixed has
  quotes, and the other modes have none; one is not embedded in itself, however far around; what it inherits
  stands in an earlier segment.
- A framing has a `voice` or a `voice_of`, and not both.
- Software has a version, and nobody else has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pydantic import BaseModel

from kg.files.problems import Problem, shown, suggestion
from kg.files.yaml import Loc, YamlFile
from kg.model import Vocabulary
from kg.seeds.draft import Draft
from kg.seeds.fields import UNIDENTIFIED
from kg.seeds.fileformat import AttributionEntry, ClaimEntry, FramingEntry, ReadingFile, StatementEntry
from kg.seeds.ids import attribution_id, check_ids, known_ids

_CLAIM_LINKS = {
    "about": "actor", "accuses": "actor",
    "entails": "claim", "contradicts": "claim", "in_tension_with": "claim",
}  # fmt: skip
_STATEMENT_LINKS = {
    "by": "actor", "for": "actor", "to": "actor", "claim": "claim", "presupposes": "claim",
    "responds_to": "statement", "evidence": "evidence",
}  # fmt: skip
_FRAMING_LINKS = {
    "in": "segment",
    "voice": "actor",
    "voice_of": "statement",
    "about": "actor",
    "claim": "claim",
}
_ATTRIBUTION_LINKS = {"in": "segment", "within": "attribution", "inherits": "segment"}
_QUOTING = ("direct", "mixed")


def check_entries(
    draft: Draft[ReadingFile], *, vocabulary: Vocabulary, actors: Collection[str]
) -> Iterator[Problem]:
    """Yield what is wrong between the entries that could be read.

    Names of entries that could not be read count as known, so that one mistake is reported once.
    """
    file = draft.file
    known = known_ids(draft, actors)
    yield from check_ids(draft)
    if draft.head:
        yield from _check_annotator(file, draft.head)
    if draft.head and not draft.lists["segments"]:
        yield file.problem(("segments",), "a reading has at least one segment")
    for loc, claim in draft.entries("claims", ClaimEntry):
        yield from _check_links(file, loc, claim, _CLAIM_LINKS, known, own=("claim", claim.id))
        if claim.alias and claim.alias.of not in known["actor"]:
            yield file.problem((*loc, "alias", "of"), _unknown("actor", claim.alias.of, known["actor"]))
    for loc, statement in draft.entries("statements", StatementEntry):
        yield from _check_links(
            file, loc, statement, _STATEMENT_LINKS, known, own=("statement", statement.id)
        )
        yield from _check_statement(file, loc, statement, known, vocabulary)
        for index, attribution in enumerate(statement.attributions):
            inner = (*loc, "attributions", index)
            own = ("attribution", attribution_id(statement, attribution))
            yield from _check_links(file, inner, attribution, _ATTRIBUTION_LINKS, known, own=own)
            yield from _check_attribution(file, inner, attribution, list(known["segment"]))
    yield from _check_embedding(draft)
    for loc, framing in draft.entries("framings", FramingEntry):
        yield from _check_links(file, loc, framing, _FRAMING_LINKS, known)
        yield from _check_voice(draft, loc, framing)


def _check_annotator(file: YamlFile, head: ReadingFile) -> Iterator[Problem]:
    software = head.annotator.kind == "software"
    if software and head.annotator.version is None:
        yield file.problem(("annotator",), "software needs its `version`")
    if not software and head.annotator.version is not None:
        yield file.problem(("annotator", "version"), "only software has a version")


def _check_links(
    file: YamlFile,
    loc: Loc,
    entry: BaseModel,
    links: Mapping[str, str],
    known: Mapping[str, Collection[str]],
    *,
    own: tuple[str, str] = ("", ""),
) -> Iterator[Problem]:
    for key, kind in links.items():
        value = getattr(entry, f"{key}_" if key in ("in", "for") else key)
        slugs = value if isinstance(value, tuple) else () if value is None else (value,)
        for index, slug in enumerate(slugs):
            at = (*loc, key, index)
            if slug not in known[kind]:
                yield file.problem(at, _unknown(kind, slug, known[kind]))
            elif (kind, slug) == own:
                yield file.problem(at, f"the {kind} {shown(slug)} names itself")
            elif slug in slugs[:index]:
                yield file.problem(at, f"{shown(slug)} is given twice")
            elif (
                kind == "actor" and slug == UNIDENTIFIED and not (key in ("by", "voice") and len(slugs) == 1)
            ):
                yield file.problem(at, f"‘{UNIDENTIFIED}’ stands alone, and as `by` or `voice` only")


def _unknown(kind: str, slug: str, known: Collection[str]) -> str:
    close = suggestion(slug, known)
    advice = ": add it to seeds/actors.ttl, or mend the word" if kind == "actor" and not close else ""
    named = {"actor": "no actor of seeds/actors.ttl", "evidence": "no evidence of this reading"}
    return f"{shown(slug)} is {named.get(kind, f'no {kind} of this reading')}{advice}{close}"


def _check_statement(
    file: YamlFile,
    loc: Loc,
    statement: StatementEntry,
    known: Mapping[str, Collection[str]],
    vocabulary: Vocabulary,
) -> Iterator[Problem]:
    stance = vocabulary.stances[statement.stance]
    non_answer = stance.term.endswith("#NonAnswer")
    if statement.claim is None and not stance.addresses.endswith("#addresses"):
        yield file.problem(loc, f"the {statement.stance} {shown(statement.id)} needs a `claim`")
    if non_answer and not statement.responds_to:
        yield file.problem(loc, f"the {statement.stance} {shown(statement.id)} needs `responds_to`")
    if statement.kind is not None and not non_answer:
        yield file.problem((*loc, "kind"), "only a non-answer has a `kind`")
    if not statement.attributions:
        yield file.problem((*loc, "attributions"), "a statement has at least one attribution")
    for key, words in (("certainty", statement.certainty), ("time", statement.time)):
        if words and words.in_ is not None and words.in_ not in known["segment"]:
            yield file.problem((*loc, key, "in"), _unknown("segment", words.in_, known["segment"]))


def _check_attribution(
    file: YamlFile, loc: Loc, attribution: AttributionEntry, segments: list[str]
) -> Iterator[Problem]:
    quoting = attribution.mode in _QUOTING
    if not (attribution.source or attribution.cue or attribution.content):
        yield file.problem(loc, "an attribution has words: a `source`, a `cue` or a `content`")
    elif quoting and not attribution.content:
        yield file.problem(loc, f"mode {attribution.mode} needs a `content`")
    if attribution.mode == "mixed" and not attribution.quotes:
        yield file.problem(
            loc, "mode mixed needs `quotes`: the words printed in quotation marks, marks included"
        )
    if attribution.quotes and not quoting:
        yield file.problem(
            (*loc, "quotes"), f"mode {attribution.mode} has no `quotes`; modes direct and mixed have"
        )
    here, header = attribution.in_, attribution.inherits
    if header in segments and here in segments and segments.index(header) >= segments.index(here):
        yield file.problem((*loc, "inherits"), f"{shown(header)} does not come before {shown(here)}")
    if header is not None and not (attribution.source or attribution.cue):
        yield file.problem((*loc, "inherits"), "give the `source` and `cue` words of the list header")


def _check_embedding(draft: Draft[ReadingFile]) -> Iterator[Problem]:
    outer: dict[str, tuple[Loc, str]] = {}
    for loc, statement in draft.entries("statements", StatementEntry):
        for index, attribution in enumerate(statement.attributions):
            if attribution.within is not None:
                inner = (*loc, "attributions", index, "within")
                outer.setdefault(attribution_id(statement, attribution), (inner, attribution.within))
    done: set[str] = set()
    for start, (loc, _) in outer.items():
        chain = [start]
        while chain[-1] in outer and chain[-1] not in done:
            following = outer[chain[-1]][1]
            if following in chain:
                circle = chain[chain.index(following) :]
                if len(circle) > 1:  # naming itself is reported as such
                    yield draft.file.problem(
                        loc, f"goes around in a circle: {' in '.join([*circle, following])}"
                    )
                break
            chain.append(following)
        done.update(chain)


def _check_voice(draft: Draft[ReadingFile], loc: Loc, framing: FramingEntry) -> Iterator[Problem]:
    if (framing.voice is None) == (framing.voice_of is None):
        yield draft.file.problem(
            loc, f"the framing {shown(framing.id)} needs either a `voice` or a `voice_of`"
        )
    unnamed = {s.id for _, s in draft.entries("statements", StatementEntry) if s.by == (UNIDENTIFIED,)}
    if framing.voice == UNIDENTIFIED and framing.id in unnamed:
        message = f"a statement with an unidentified source has the id {shown(framing.id)} too: change one"
        yield draft.file.problem((*loc, "id"), message)
