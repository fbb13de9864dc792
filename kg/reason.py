"""Draw the conclusions of a reading by rules: one SPARQL CONSTRUCT a file, one kind of conclusion each.

`ontology/rules/` holds the rules, each with its axiom in the head. Some follow one construct of OWL 2 (named
as in OWL 2 Profiles, section 4.3) for all terms of `hearsay.ttl`; each of the others is one defined class or
one property chain. Tests hold them to what HermiT concludes (`kg.owl`). `ontology/judgements/` holds what no
axiom can say, since it rests on absence: these queries take a reading and its conclusions for all there is.

Conclusions are drawn in the ontology's own terms only. That a claim is also a `prov:Entity` is one
`rdfs:subClassOf` away for whoever asks, and would double what a reviewer has to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyoxigraph import NamedNode, Quad, QueryTriples, RdfFormat, Store, Triple, parse

from kg.folders import ONTOLOGY
from kg.iris import PREFIXES, Iris

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_LINKS = {PREFIXES["rdfs"] + name for name in ("subClassOf", "subPropertyOf", "domain", "range")}
_LINKS.add(PREFIXES["owl"] + "inverseOf")
_KINDS = {NamedNode(PREFIXES["owl"] + name) for name in ("SymmetricProperty", "TransitiveProperty")}
# A property that links a non-answer to itself, so that a chain can begin with it: no news to a reader.
_DEVICE = "isNonAnswer"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, and the terms of the ontology that it names: none in a rule for all terms."""

    name: str
    query: str
    terms: frozenset[NamedNode]


def infer(
    triples: Iterable[Triple],
    *,
    background: Iterable[Triple] = (),
    iris: Iris | None = None,
    ontology: Path = ONTOLOGY,
) -> list[Triple]:
    """Return what follows from the triples of a reading under the ontology, sorted, and nothing asserted.

    `background` is what is known anyhow of things that readings name, such as the actors: what it says of
    those that this reading names is a premise too. Conclusions about the ontology's terms are left out.
    """
    iris = iris or Iris()
    asserted = premises(triples, background)
    axioms = _axioms(ontology, iris)
    rules = load_rules(ontology / "rules", iris)
    known = asserted | axioms
    store = Store()
    store.extend(Quad(*triple) for triple in known)
    fresh = known
    while fresh:
        terms = {triple.object if triple.predicate == _TYPE else triple.predicate for triple in fresh}
        # A rule can only conclude more from more of what it names.
        due = [rule for rule in rules if not rule.terms or rule.terms & terms]
        fresh = {triple for rule in due for triple in _construct(store, rule)} - known
        store.extend(Quad(*triple) for triple in fresh)
        known = known | fresh
    return sorted((triple for triple in known - asserted if in_scope(triple, iris)), key=str)


def judge(
    triples: Iterable[Triple],
    *,
    background: Iterable[Triple] = (),
    iris: Iris | None = None,
    ontology: Path = ONTOLOGY,
) -> list[Triple]:
    """Return the closed-world judgements on one reading, sorted.

    `triples` are those of the reading and what `infer` concluded from it; `background` is as for `infer`.
    """
    store = Store()
    store.extend(Quad(*triple) for triple in premises(triples, background))
    judgements = load_rules(ontology / "judgements", iris or Iris())
    return sorted({triple for rule in judgements for triple in _construct(store, rule)}, key=str)


def premises(triples: Iterable[Triple], background: Iterable[Triple]) -> set[Triple]:
    """Return the triples, and those of the background about what they name."""
    given = set(triples)
    named = {triple.object for triple in given}
    return given | {triple for triple in background if triple.subject in named}


@lru_cache
def load_rules(folder: Path, iris: Iris) -> tuple[Rule, ...]:
    """Read the rules of a folder, in the order of their names."""
    rules = []
    for path in sorted(folder.glob("*.rq")):
        query = iris.localise(path.read_text(encoding="utf-8"))
        names = re.findall(r"\bhs:(\w+)", query)
        rules.append(Rule(path.stem, query, frozenset(map(iris.term, names))))
    return tuple(rules)


def _construct(store: Store, rule: Rule) -> QueryTriples:
    found = store.query(rule.query)
    if not isinstance(found, QueryTriples):
        raise TypeError(f"{rule.name}.rq: a rule is a CONSTRUCT query")
    return found


@lru_cache
def _axioms(ontology: Path, iris: Iris) -> frozenset[Triple]:
    """Return the axioms that the rules for all terms follow, in the ontology's own terms."""
    text = iris.localise((ontology / "hearsay.ttl").read_text(encoding="utf-8"))
    return frozenset(
        quad.triple
        for quad in parse(text, format=RdfFormat.TURTLE)
        if _is_term(quad.subject, iris)
        and (
            (quad.predicate.value in _LINKS and _is_term(quad.object, iris))
            or (quad.predicate == _TYPE and quad.object in _KINDS)
        )
    )


def in_scope(triple: Triple, iris: Iris) -> bool:
    """Tell whether a triple says, in the ontology's own terms, what something outside it is or has."""
    term = triple.object if triple.predicate == _TYPE else triple.predicate
    return _is_term(term, iris) and term != iris.term(_DEVICE) and not _is_term(triple.subject, iris)


def _is_term(node: object, iris: Iris) -> bool:
    return isinstance(node, NamedNode) and node.value.startswith(iris.term("").value)
