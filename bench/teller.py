"""What the paragraphs of invented articles are made of: drawn actors and claims, and turns of phrase."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from functools import cached_property

from bench import words
from bench.page import Page
from bench.world import Actor, World
from kg.model import Certainty, Claim, Evidence, Framing, Span, Time


@dataclass(frozen=True)
class Teller:
    """Tells one article of a world: what it draws depends on the article's number alone."""

    world: World
    number: int
    page: Page = field(default_factory=Page)

    @cached_property
    def chance(self) -> random.Random:
        """Return where the article's chances come from."""
        return random.Random(f"{self.world.seed} article {self.number}")

    def happens(self, probability: float) -> bool:
        """Decide by chance."""
        return self.chance.random() < probability

    def actor(self) -> Actor:
        """Draw an actor."""
        return self.world.actor(self.chance)

    def claim(self) -> tuple[str, str]:
        """Draw a claim, with all that it leads to; return its id, and its words within a sentence."""
        claim = self.world.claim(self.chance)
        self._know(claim)
        return claim.id, within(claim)

    def telling(self, speaker: Actor, told: str) -> str:
        """Return the claim that somebody says what another claim says."""
        text = f"{speaker.name} says that {within(self.page.claims[told])}."
        claim = Claim(f"{speaker.slug}-tells-{told}", text[0].upper() + text[1:], about=(speaker.slug,))
        self.page.claims[claim.id] = claim
        return claim.id

    # Turns of phrase

    def said_that(self, cues: tuple[str, ...], said: str, *, hedges: int | None = None) -> tuple[Span, Span]:
        """Write “… said that …”, at times with a hedge for a statement; return the cue and the content."""
        if self.page.mid_sentence:
            self.page.add(" ")
        cue = self.page.add(self.chance.choice(cues))
        self.page.add(" that ")
        begin = len(self.page.text)
        if hedges is not None and self.happens(0.2):
            hedge, level = self.chance.choice(words.HEDGES)
            self.change(hedges, certainty=Certainty(level, self.page.add(hedge)))
            self.page.add(" ")
        self.page.add(said)
        content = self.page.since(begin)
        self.page.add(".")
        return cue, content

    def quote(self, statement: int, said: str, cue: str, who: Actor) -> None:
        """Write and report “…” said somebody."""
        begin = len(self.page.text)
        self.page.add("“")
        content = self.page.add(said)
        self.page.add("”" if said.endswith("?") else ",”")
        quoted = self.page.since(begin)
        self.page.add(" ")
        signal = self.page.add(cue)
        self.page.add(" ")
        source = self.page.add(who.name)
        self.page.add(".")
        self.page.report(statement, "direct", source=source, cue=signal, content=content, quoted=quoted)

    def loaded(self, about: Actor) -> None:
        """Write a word that puts whoever is named next in a light, at times."""
        if self.happens(0.3):
            self.page.add("the ")
            span = self.page.add(self.chance.choice(words.LOADED))
            self.page.add(" ")
            framing = Framing("loaded", self.page.here, "loaded-term", span, "narrator", about=(about.slug,))
            self.page.framings.append(framing)

    def dated(self, statement: int) -> None:
        """Write when a statement was made, at times."""
        if self.happens(0.2):
            when, relation = self.chance.choice(words.TIMES)
            self.change(statement, time=Time(self.page.add(when), relation))
            self.page.add(", ")

    # What no words of their own tell

    def change(self, statement: int, **more: object) -> None:
        """Say more of a statement."""
        self.page.statements[statement] = replace(self.page.statements[statement], **more)  # type: ignore[arg-type]

    def spoken_for(self, statement: int) -> None:
        """Let a statement be made on somebody’s behalf, at times."""
        if self.happens(0.1):
            self.change(statement, on_behalf_of=(self.actor().slug,))

    def borne_out(self, statement: int) -> None:
        """Let a statement cite evidence, at times."""
        if self.happens(0.08):
            item = f"evidence-{len(self.page.evidence) + 1}"
            self.page.evidence.append(Evidence(item, f"a {self.chance.choice(words.THINGS)} file"))
            self.change(statement, evidence=(item,))

    def _know(self, claim: Claim) -> None:
        if claim.id not in self.page.claims:
            self.page.claims[claim.id] = claim
            for other in (*claim.entails, *claim.contradicts, *claim.in_tension_with):
                self._know(self.world.described(int(other.removeprefix("claim-"))))


def within(claim: Claim) -> str:
    """Return the words of a claim as they stand within a sentence."""
    return claim.text[0].lower() + claim.text[1:-1]
