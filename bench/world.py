"""Whom and what invented articles speak of: actors and claims that many of them share."""

from __future__ import annotations

import itertools
import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode, Triple

from bench import words
from kg.iris import PREFIXES, Iris
from kg.model import Alias, Claim


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor: its slug, its kinds, and what articles call it."""

    slug: str
    kinds: tuple[str, ...]
    name: str


NARRATOR = Actor("narrator", ("Narrator",), "the narrator")


@dataclass(frozen=True)
class World:
    """The actors and claims of a corpus of so many articles; few of them are in most of it (Zipf's law)."""

    articles: int
    seed: int = 1

    @cached_property
    def actors(self) -> tuple[Actor, ...]:
        """Return the actors, those who are named most often first."""
        chance = random.Random(f"{self.seed} actors")
        weights = [weight for _, _, weight in words.KINDS]
        actors = []
        for number in range(1, max(60, self.articles // 4) + 1):
            ((kinds, name, _),) = chance.choices(words.KINDS, weights)
            actors.append(Actor(f"actor-{number}", kinds, name.format(number)))
        return tuple(actors)

    @property
    def claims(self) -> int:
        """Return how many claims there are."""
        return max(50, 2 * self.articles)

    def actor(self, chance: random.Random) -> Actor:
        """Draw an actor."""
        return self.actors[_drawn(self._actor_weights, chance)]

    def claim(self, chance: random.Random) -> Claim:
        """Draw a claim."""
        return self.described(_drawn(self._claim_weights, chance))

    def described(self, number: int) -> Claim:
        """Return a claim: the same wherever it is reported."""
        chance = random.Random(f"{self.seed} claim {number}")
        actor = self.actor(chance)
        deed, thing = chance.choice(words.DEEDS), chance.choice(words.THINGS)
        quality, occasion = chance.choice(words.QUALITIES), chance.choice(words.OCCASIONS)
        text = f"{actor.name} {deed} the {quality} {thing} {occasion}"
        drawn = chance.random()
        before = f"claim-{number - chance.randint(1, min(number, 40))}" if number else ""
        return Claim(
            id=f"claim-{number}",
            text=f"{text[0].upper()}{text[1:]}.",
            about=(actor.slug,),
            accuses=(actor.slug,) if chance.random() < 0.45 else (),
            # What a claim entails has a smaller number: chains end, and none is a circle.
            entails=(before,) if before and drawn < 0.25 else (),
            contradicts=(before,) if before and 0.25 <= drawn < 0.3 else (),
            in_tension_with=(before,) if before and 0.3 <= drawn < 0.33 else (),
            alias=Alias(actor.slug, f"code name {number}") if 0.33 <= drawn < 0.35 else None,
            evaluative=0.35 <= drawn < 0.43,
        )

    def actor_triples(self, iris: Iris) -> Iterator[Triple]:
        """Yield what is said of actors outside all readings."""
        kind, label = NamedNode(PREFIXES["rdf"] + "type"), NamedNode(PREFIXES["skos"] + "prefLabel")
        for actor in (NARRATOR, *self.actors):
            node = iris.actor(actor.slug)
            for name in actor.kinds:
                yield Triple(node, kind, iris.term(name))
            yield Triple(node, label, Literal(actor.name, language="en"))
            if actor is not NARRATOR:
                yield Triple(node, iris.term("namedInText"), Literal(actor.name))

    @cached_property
    def _actor_weights(self) -> list[float]:
        return _zipf(len(self.actors), 1.0)

    @cached_property
    def _claim_weights(self) -> list[float]:
        return _zipf(self.claims, 0.75)


def _zipf(size: int, exponent: float) -> list[float]:
    return list(itertools.accumulate(1 / rank**exponent for rank in range(1, size + 1)))


def _drawn(sums: list[float], chance: random.Random) -> int:
    return bisect(sums, chance.random() * sums[-1])
