"""The words invented articles are made of: no person, living or made up, is named in them."""

from __future__ import annotations

KINDS = (
    # kinds, name, how common: who is named by role and number, so that nobody can be meant
    (("PersonActor",), "actor {}", 40),
    (("OrganizationActor",), "institution {}", 30),
    (("RoleActor",), "the spokesperson of institution {}", 12),
    (("CollectiveActor",), "group {}", 8),
    (("AnonymousActor", "CollectiveActor"), "officials of department {}", 6),
    (("Journalist", "PersonActor"), "reporter {}", 4),
)

DEEDS = (
    "approved",
    "abandoned",
    "blocked",
    "concealed",
    "delayed",
    "distorted",
    "examined",
    "funded",
    "halted",
    "inflated",
    "leaked",
    "misread",
    "obstructed",
    "overturned",
    "praised",
    "promised",
    "published",
    "rejected",
    "rewrote",
    "withdrew",
)
THINGS = (
    "archive",
    "audit",
    "budget",
    "contract",
    "dossier",
    "election",
    "ferry",
    "harbour",
    "hospital",
    "inquiry",
    "inspection",
    "ledger",
    "licence",
    "merger",
    "pipeline",
    "quarry",
    "railway",
    "reform",
    "reservoir",
    "sanction",
    "survey",
    "tender",
    "treaty",
    "vaccine",
)
QUALITIES = (
    "autumn",
    "coastal",
    "disputed",
    "draft",
    "emergency",
    "federal",
    "final",
    "interim",
    "joint",
    "local",
    "northern",
    "public",
    "regional",
    "secret",
    "southern",
    "wartime",
)
OCCASIONS = (
    "before the vote",
    "during the recess",
    "after the flood",
    "without notice",
    "under pressure",
    "against advice",
    "for a third time",
    "at short notice",
)
FILLERS = (
    "The matter has been before the council since the spring, and no date has been set.",
    "Papers seen last month run to several hundred pages; most of them concern procedure.",
    "Work on the site stopped in the winter and has not been taken up again.",
    "A hearing was adjourned twice, and the minutes have yet to be signed.",
)
SAYING = ("said", "claimed", "insisted", "confirmed", "alleged", "argued")
DENYING = ("denied", "dismissed the claim", "rejected the claim")
PASSIVES = ("It was claimed", "It was alleged", "It has been suggested")
HEDGES = (
    # words, level
    ("almost certainly", "probable"),
    ("probably", "probable"),
    ("possibly", "possible"),
    ("perhaps", "possible"),
)
TIMES = (
    # words, relation
    ("last year", "before"),
    ("earlier this week", "before"),
    ("today", "same-day"),
    ("this morning", "same-day"),
)
LOADED = ("embattled", "defiant", "disgraced", "beleaguered")
OUTLETS = tuple(f"Outlet {number}" for number in range(1, 41))
