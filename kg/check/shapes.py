"""The shapes graph: what is checked, and the ontology in whose light it is checked."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Triple

from kg.check.queries import check_shape_queries
from kg.files.rdf import read_turtle
from kg.folders import ONTOLOGY
from kg.iris import PREFIXES, Iris

if TYPE_CHECKING:
    from rdflib import Graph


_SH = PREFIXES["sh"]
_TARGETS = tuple(f"{_SH}target{kind}" for kind in ("Class", "Node", "ObjectsOf", "SubjectsOf"))
_PARTS = (_SH + "property", _SH + "sparql")
# What a node shape says beside constraints of its own.
_NO_CONSTRAINTS = {*_TARGETS, *_PARTS, _SH + "message", _SH + "severity"}


@lru_cache
def load_shapes(folder: Path, iris: Iris, ontology: Path = ONTOLOGY) -> Graph:
    """Read every Turtle file of a folder into one shapes graph.

    Raise ReadingError where one is broken, or a query in it, or names a term that the ontology lacks.

    The property shapes get the targets of their node shape, and stand alone: it comes to the same, and
    pySHACL then applies each to all its focus nodes at once, in half the time.
    """
    from rdflib import URIRef

    from kg.check.datagraph import to_rdflib

    check_shape_queries(sorted(folder.glob("*.ttl")), ontology, iris)
    triples = (triple for path in sorted(folder.glob("*.ttl")) for triple in read_turtle(path, iris))
    shapes = to_rdflib(triples)
    link = URIRef(_SH + "property")
    targets = [(shape, URIRef(name), o) for name in _TARGETS for shape, o in shapes[: URIRef(name) :]]
    for shape, name, target in targets:
        for part in shapes.objects(shape, link):
            shapes.add((part, name, target))
    for shape, _, _ in targets:
        shapes.remove((shape, link, None))
    return shapes


@lru_cache
def load_ontology(folder: Path, iris: Iris) -> tuple[Triple, ...]:
    """Read what a graph is checked with: the terms, their concepts and cues; no alignments."""
    paths = [folder / name for name in ("hearsay.ttl", "concepts.ttl", "cues.ttl")]
    return tuple(triple for path in paths if path.exists() for triple in read_turtle(path, iris))


def constraints(shapes: Graph) -> tuple[str, ...]:
    """Return the IRI of every constraint that is applied, sorted: what can break, each under its own name.

    That is every property shape and SPARQL constraint of a shape with a target, and every such shape
    that has constraints of its own.
    """
    from rdflib import URIRef

    found = set[str]()
    for shape in {shape for name in _TARGETS for shape in shapes.subjects(URIRef(name))}:
        found.update(str(part) for link in _PARTS for part in shapes.objects(shape, URIRef(link)))
        says = {str(predicate) for predicate in shapes.predicates(shape)}
        if any(name.startswith(_SH) and name not in _NO_CONSTRAINTS for name in says):
            found.add(str(shape))
    return tuple(sorted(found))
