"""The quoted words: what a text says of statements, segment by segment, with the spans to mark."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from web.answers import engine
from web.engine import Row
from web.terms import Labels, Shown

# Source, cue and content are the three roles of an attribution; the order is that of the sentence.
ROLES = ("source", "cue", "content")

# A narrator has as many attributions as there are articles, and more.
MAX_QUOTATIONS = 100

_OF_ARTICLE = """
SELECT DISTINCT ?attribution WHERE {
    VALUES ?reading {}
    GRAPH ?reading { ?attribution hs:reports ?statement }
}
"""
# What a thing is quoted for: an attribution itself, or those of its statements.
_OF_THING = """
SELECT DISTINCT ?attribution WHERE {
    VALUES ?this {}
    { ?attribution hs:reports ?this }
    UNION { ?this hs:reports ?statement BIND (?this AS ?attribution) }
    UNION { ?attribution hs:reports/(hs:asserts|hs:denies|hs:challenges|hs:asksWhether|hs:addresses) ?this }
    UNION { ?attribution hs:reports/(hs:madeBy|hs:onBehalfOf) ?this }
    UNION { ?attribution hs:reports/hs:citesEvidence ?this }
    UNION { ?attribution hs:inSegment ?this }
}
ORDER BY ?attribution
LIMIT %d
"""
_ATTRIBUTIONS = """
SELECT * WHERE {
    VALUES ?attribution {}
    ?attribution hs:reports ?statement ;
        hs:inSegment ?segment .
    ?segment hs:segmentNumber ?number ;
        hs:hasExtent ?extent .
    ?extent nif:anchorOf ?text ;
        nif:beginIndex ?begin .
    ?statement hs:madeBy ?who ;
        a ?stance .
    ?stance skos:notation ?notation .
    OPTIONAL { ?statement hs:asserts|hs:denies|hs:challenges|hs:asksWhether|hs:addresses ?claim }
    OPTIONAL { ?statement hs:respondsTo ?question . ?question a hs:Question }
    OPTIONAL { ?attribution hs:embeddedIn ?outer }
    OPTIONAL { ?statement hs:onBehalfOf ?principal }
    OPTIONAL { ?statement hs:hasCertainty ?certainty ; hs:certaintyTerm ?certaintyTerm }
    OPTIONAL { ?statement hs:alternativeReading ?alternative }
}
"""
_SPANS = """
SELECT ?attribution ?role ?begin ?end ?words WHERE {
    VALUES ?attribution {}
    { ?attribution hs:sourceSpan ?span BIND ("source" AS ?role) }
    UNION { ?attribution hs:cueSpan ?span BIND ("cue" AS ?role) }
    UNION { ?attribution hs:contentSpan ?span BIND ("content" AS ?role) }
    ?span nif:beginIndex ?begin ; nif:endIndex ?end ; nif:anchorOf ?words .
}
"""


@dataclass(frozen=True)
class Piece:
    """Characters that play the same roles."""

    text: str
    roles: tuple[str, ...]


@dataclass
class Quotation:
    """One attribution: whose statement it reports, and its words in their segment."""

    attribution: NamedNode
    statement: NamedNode
    stance: NamedNode
    segment: NamedNode
    number: int
    text: str
    begin: int
    outer: NamedNode | None
    certainty: NamedNode | None
    certainty_term: str
    alternative: str
    sources: list[NamedNode] = field(default_factory=list)
    principals: list[NamedNode] = field(default_factory=list)
    claims: list[NamedNode] = field(default_factory=list)
    questions: list[NamedNode] = field(default_factory=list)
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    elsewhere: list[tuple[str, str]] = field(default_factory=list)

    @property
    def pieces(self) -> list[Piece]:
        """Return the segment's text, cut where a role begins or ends."""
        return cut(self.text, self.spans)

    @property
    def place(self) -> tuple[int, int]:
        """Return where the attribution begins: its segment, then its first marked character."""
        return self.number, min((begin for begin, _, _ in self.spans), default=0)


def cut(text: str, spans: Iterable[tuple[int, int, str]]) -> list[Piece]:
    """Cut a text where a span begins or ends, and give each piece the roles that cover it.

    >>> [(p.text, p.roles) for p in cut("He said no.", [(0, 2, "source"), (8, 10, "content")])]
    [('He', ('source',)), (' said ', ()), ('no', ('content',)), ('.', ())]
    """
    spans = list(spans)
    edges = sorted({0, len(text), *(edge for begin, end, _ in spans for edge in (begin, end))})
    return [
        Piece(
            text[start:stop],
            tuple(role for role in ROLES if any(b <= start and stop <= e for b, e, r in spans if r == role)),
        )
        for start, stop in itertools.pairwise(edges)
    ]


def of_thing(this: NamedNode) -> list[Quotation]:
    """Return the quotations of an attribution, statement, claim, actor, evidence item or segment.

    There is one more than MAX_QUOTATIONS where there are more.
    """
    return _quotations(engine().rows(_OF_THING % (MAX_QUOTATIONS + 1), {"this": [this]}))


def of_reading(reading: NamedNode) -> list[Quotation]:
    """Return every quotation of one reading, in the order of the text."""
    return _quotations(engine().rows(_OF_ARTICLE, {"reading": [reading]}))


def labels(quotations: Sequence[Quotation]) -> Labels:
    """Return the labels of what quotations name."""
    terms = [
        term
        for quotation in quotations
        for term in (
            quotation.stance,
            quotation.outer,
            quotation.segment,
            quotation.certainty,
            *quotation.sources,
            *quotation.principals,
            *quotation.claims,
        )
    ]
    return Labels(terms)


def shown(terms: Iterable[NamedNode], names: Labels) -> list[Shown]:
    """Return how a page shows some terms, in the order of their labels."""
    return sorted((names.show(term) for term in terms), key=lambda term: term.text)


def entry(quotation: Quotation, names: Labels) -> dict[str, object]:
    """Return what a page shows of one quotation."""
    return {
        "quotation": quotation,
        "attribution": names.show(quotation.attribution).href,
        "statement": names.show(quotation.statement).href,
        "stance": names[quotation.stance],
        "stance_id": quotation.stance.value.rpartition("#")[2],
        "segment": names.show(quotation.segment),
        "sources": shown(quotation.sources, names),
        "principals": shown(quotation.principals, names),
        "claims": shown(quotation.claims, names),
        "certainty": names[quotation.certainty] if quotation.certainty else None,
        "answered": len(quotation.questions),
        "outer": names.show(quotation.outer) if quotation.outer else None,
    }


def _quotations(found: Iterable[Row]) -> list[Quotation]:
    attributions = [term for row in found if isinstance(term := row["attribution"], NamedNode)]
    if not attributions:
        return []
    quotations: dict[NamedNode, Quotation] = {}
    for row in engine().rows(_ATTRIBUTIONS, {"attribution": attributions}):
        attribution, outer, certainty = _node(row, "attribution"), row.get("outer"), row.get("certainty")
        quotation = quotations.setdefault(
            attribution,
            Quotation(
                attribution,
                _node(row, "statement"),
                _node(row, "stance"),
                _node(row, "segment"),
                int(_text(row, "number")),
                _text(row, "text"),
                int(_text(row, "begin")),
                outer if isinstance(outer, NamedNode) else None,
                certainty if isinstance(certainty, NamedNode) else None,
                _text(row, "certaintyTerm") if certainty else "",
                _text(row, "alternative") if row.get("alternative") else "",
            ),
        )
        lists = {
            "who": quotation.sources,
            "principal": quotation.principals,
            "claim": quotation.claims,
            "question": quotation.questions,
        }
        for name, terms in lists.items():
            found_term = row.get(name)
            if isinstance(found_term, NamedNode) and found_term not in terms:
                terms.append(found_term)
    for row in engine().rows(_SPANS, {"attribution": list(quotations)}):
        quotation, role = quotations[_node(row, "attribution")], _text(row, "role")
        begin, end = (int(_text(row, name)) - quotation.begin for name in ("begin", "end"))
        if 0 <= begin < end <= len(quotation.text):
            quotation.spans.append((begin, end, role))
        else:
            # A list item's source and cue stand in the list's header.
            quotation.elsewhere.append((role, _text(row, "words")))
    return sorted(quotations.values(), key=lambda q: (q.place, q.attribution.value))


def _node(row: Row, name: str) -> NamedNode:
    term = row[name]
    assert isinstance(term, NamedNode)
    return term


def _text(row: Row, name: str) -> str:
    term = row[name]
    assert isinstance(term, Literal)
    return term.value
