"""How RDF terms look to people: labels, short names, links on this host."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from flask import request
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.iris import Iris
from web.answers import engine, iris
from web.engine import Term

_XSD = "http://www.w3.org/2001/XMLSchema#"
_PLAIN = (_XSD + "string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString")
_AT_ONCE = 500

# The first that a thing has is its label: a name, a sentence, its words, or what it says of a claim.
_LABELS = """
SELECT ?x ?rank ?label ?who WHERE {
    VALUES ?x {}
    { ?x skos:prefLabel ?label BIND (1 AS ?rank) }
    UNION { ?x hs:canonicalText ?label BIND (2 AS ?rank) }
    UNION { ?x rdfs:label ?label BIND (3 AS ?rank) }
    UNION { ?x dct:title ?label BIND (4 AS ?rank) }
    UNION { ?x nif:anchorOf ?label BIND (5 AS ?rank) }
    UNION { ?x hs:hasExtent/nif:anchorOf ?label BIND (6 AS ?rank) }
    UNION { ?x hs:framingSpan/nif:anchorOf ?label BIND (7 AS ?rank) }
    UNION {
        ?x hs:asserts|hs:denies|hs:challenges|hs:asksWhether|hs:addresses ?claim .
        ?claim hs:canonicalText ?label .
        OPTIONAL { ?x hs:madeBy/skos:prefLabel ?who }
        BIND (8 AS ?rank)
    }
    UNION {
        ?attribution hs:reports ?x ; hs:cueSpan/nif:anchorOf ?label .
        OPTIONAL { ?x hs:madeBy/skos:prefLabel ?who }
        BIND (9 AS ?rank)
    }
    UNION { ?x hs:contentSpan/nif:anchorOf ?label BIND (10 AS ?rank) }
    UNION { ?x hs:cueSpan/nif:anchorOf ?label BIND (11 AS ?rank) }
}
"""


@dataclass(frozen=True)
class Shown:
    """A term as a page shows it: its words, where they link to, and its short name."""

    text: str
    href: str | None = None
    title: str | None = None
    language: str | None = None
    datatype: str | None = None


class Labels:
    """The labels of a set of terms, asked for together."""

    def __init__(self, terms: Iterable[Term | None]) -> None:
        self._iris = iris()
        nodes = sorted({term for term in terms if isinstance(term, NamedNode)}, key=str)
        found: dict[NamedNode, tuple[int, str, str]] = {}
        for start in range(0, len(nodes), _AT_ONCE):
            for row in engine().rows(_LABELS, {"x": nodes[start : start + _AT_ONCE]}):
                node, rank, label, who = row["x"], row["rank"], row["label"], row.get("who")
                assert isinstance(node, NamedNode)
                assert isinstance(rank, Literal)
                assert isinstance(label, Literal)
                text = f"{who.value}: {label.value}" if isinstance(who, Literal) else label.value
                candidate = (int(rank.value), label.language or "", text)
                found[node] = min(candidate, found.get(node, candidate))
        self._labels = {node: text for node, (_, _, text) in found.items()}

    def __getitem__(self, term: Term) -> str:
        """Return the label of a term, or the best there is."""
        if isinstance(term, NamedNode):
            return self._labels.get(term) or compact(term.value, self._iris)
        return str(term) if isinstance(term, Triple) else term.value

    def show_property(self, term: NamedNode) -> Shown:
        """Return how a page shows a property: one of others, which has no label here, by its name's words."""
        shown = self.show(term)
        if term in self._labels or shown.text != shown.title:
            return shown
        name = shown.text.rpartition(":")[2] or shown.text
        return replace(shown, text=re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())

    def show(self, term: Term) -> Shown:
        """Return how a page shows a term."""
        if isinstance(term, NamedNode):
            return Shown(self[term], href(term.value, self._iris), compact(term.value, self._iris))
        if isinstance(term, Literal):
            datatype = None if term.datatype.value in _PLAIN else compact(term.datatype.value, self._iris)
            return Shown(term.value, language=term.language, datatype=datatype)
        return Shown(f"_:{term.value}" if isinstance(term, BlankNode) else str(term))


def compact(iri: str, names: Iris) -> str:
    """Return an IRI as a prefixed name, where a well-known prefix fits; else the IRI.

    >>> compact("https://w3id.org/hearsay/id/actor/apt29", Iris())
    'ac:apt29'
    """
    best = max(
        (item for item in names.prefixes.items() if iri.startswith(item[1]) and iri != item[1]),
        key=lambda item: len(item[1]),
        default=None,
    )
    local = iri.removeprefix(best[1]) if best else "/"
    return f"{best[0]}:{local}" if best and not set(local) & set("/#?") else iri


def href(iri: str, names: Iris) -> str | None:
    """Return the link for an IRI: on this host for our own, none for what is not http(s)."""
    if iri.startswith(names.base):
        return request.script_root + "/" + quote(iri.removeprefix(names.base), safe="/#:@!$&'()*+,;=~-._%")
    return iri if iri.startswith(("http://", "https://")) else None
