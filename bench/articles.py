"""Invented articles with their readings: assertions, denials, questions that are not answered, nesting."""

from __future__ import annotations

import datetime

from bench import words
from bench.teller import Teller, within
from bench.world import World
from kg.model import Annotator, OutsideItem, Reading, Span

ANNOTATOR = Annotator("bench", "The benchmark’s generator", "software", "1")
_DAY = datetime.date(2026, 1, 1)


def invented(world: World, number: int) -> Reading:
    """Return the reading of one article; a world and a number always give the same."""
    tell = Teller(world, number)
    _headline_and_lede(tell)
    paragraphs, weights = zip(*_PARAGRAPHS.items(), strict=True)
    for write in tell.chance.choices(paragraphs, weights, k=tell.chance.choice((1, 1, 2, 3))):
        write(tell)
        tell.page.end("caption" if tell.happens(0.08) else "paragraph")
    if tell.happens(0.3):
        tell.page.add(tell.chance.choice(words.FILLERS))
        tell.page.end("paragraph")
    day = _DAY + datetime.timedelta(days=number % 330)
    known = {"date-published": day.isoformat(), "publisher": tell.chance.choice(words.OUTLETS)}
    items = tuple(OutsideItem(name, value, "the generator") for name, value in known.items())
    return tell.page.reading(f"article-{number}", items, ANNOTATOR, _DAY)


def _headline_and_lede(tell: Teller) -> None:
    page, actor = tell.page, tell.actor()
    claim, said = tell.claim()
    statement = page.state("assertion", actor.slug, claim=claim)
    source = page.add(actor.name)
    page.add(": ")
    page.report(statement, "indirect", source=source, content=page.add(said))
    page.end("headline")
    begin = len(page.text)
    tell.loaded(actor)
    page.add(actor.name.removeprefix("the ") if page.mid_sentence else actor.name)
    source = page.since(begin)
    cue, content = tell.said_that(words.SAYING, said)
    page.report(statement, "indirect", source=source, cue=cue, content=content)
    page.end("lede")


def _assertion(tell: Teller) -> None:
    page, actor = tell.page, tell.actor()
    claim, said = tell.claim()
    statement = page.state("assertion", actor.slug, claim=claim)
    tell.dated(statement)
    if tell.happens(0.35):
        tell.quote(statement, said, tell.chance.choice(words.SAYING), actor)
    else:
        source = page.add(actor.name)
        cue, content = tell.said_that(words.SAYING, said, hedges=statement)
        page.report(statement, "indirect", source=source, cue=cue, content=content)
    tell.spoken_for(statement)
    tell.borne_out(statement)


def _denial(tell: Teller) -> None:
    page = tell.page
    # What the headline says is mostly what is denied, and mostly by whom it accuses.
    known = [claim for claim in page.claims.values() if claim.accuses]
    claim = known[0].id if known and tell.happens(0.6) else tell.claim()[0]
    accused = tell.world.actors[int(page.claims[claim].about[0].removeprefix("actor-")) - 1]
    actor = accused if tell.happens(0.7) else tell.actor()
    other = tell.actor() if tell.happens(0.25) else actor
    speakers = (actor,) if other == actor else (actor, other)
    statement = page.state("denial", *(speaker.slug for speaker in speakers), claim=claim)
    tell.dated(statement)
    source = page.add(" and ".join(speaker.name for speaker in speakers))
    cue, content = tell.said_that(words.DENYING, within(page.claims[claim]))
    page.report(statement, "indirect", source=source, cue=cue, content=content)
    tell.spoken_for(statement)


def _challenge(tell: Teller) -> None:
    page, actor = tell.page, tell.actor()
    claim, said = tell.claim()
    statement = page.state("challenge", actor.slug, claim=claim)
    source = page.add(actor.name)
    cue, content = tell.said_that(("asked for proof",), said)
    page.report(statement, "indirect", source=source, cue=cue, content=content)


def _questions(tell: Teller) -> None:
    page, reporter, asked = tell.page, tell.actor(), tell.actor()
    put = []
    for _ in range(tell.chance.choice((1, 1, 2))):
        claim, said = tell.claim()
        presupposed = (tell.claim()[0],) if tell.happens(0.4) else ()
        question = page.state("question", reporter.slug, claim=claim)
        tell.change(question, addressed_to=(asked.slug,), presupposes=presupposed)
        put.append(page.statements[question].id)
        tell.quote(question, f"is it so that {said}?", "asked", reporter)
        page.add(" ")
    kind = tell.chance.choice(("declined", "deflected", "silent"))
    reply = page.state("non-answer", asked.slug)
    tell.change(reply, addressed_to=(reporter.slug,), responds_to=tuple(put), non_answer_kind=kind)
    source = page.add(asked.name)
    page.add(" ")
    page.report(reply, "act", source=source, cue=page.add("did not answer"))
    page.add(".")


def _nested(tell: Teller) -> None:
    page = tell.page
    claim, said = tell.claim()
    speakers = [tell.actor() for _ in range(tell.chance.choice((2, 2, 2, 3, 3, 4)))]
    told = [claim]
    for inner in reversed(speakers[1:]):
        told.insert(0, tell.telling(inner, told[0]))
    marks = []
    for speaker in speakers:
        source = page.add(speaker.name)
        page.add(" ")
        marks.append((source, page.add(tell.chance.choice(words.SAYING))))
        page.add(" that ")
    end = page.add(said).end
    page.add(".")
    outer = None
    for (source, cue), speaker, what in zip(marks, speakers, told, strict=True):
        statement = page.state("assertion", speaker.slug, claim=what)
        content = Span(cue.end + len(" that "), end)
        outer = page.report(statement, "indirect", source=source, cue=cue, content=content, embedded_in=outer)


def _passive(tell: Teller) -> None:
    claim, said = tell.claim()
    statement = tell.page.state("assertion", claim=claim)
    cue, content = tell.said_that(words.PASSIVES, said)
    tell.page.report(statement, "indirect", cue=cue, content=content)


_PARAGRAPHS = {_assertion: 40, _denial: 16, _questions: 9, _nested: 17, _challenge: 6, _passive: 12}
