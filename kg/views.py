"""The views: what no axiom can align with another vocabulary is constructed, by whoever wants it."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad

from kg.examples import Example
from kg.folders import ONTOLOGY
from kg.iris import PREFIXES, Iris

VIEWS = ONTOLOGY / "views"


def view_quads(views: tuple[Example, ...], iris: Iris) -> Iterator[Quad]:
    """Yield views as `sh:SPARQLConstructExecutable`s, among the alignments (SHACL Advanced Features)."""
    graph = iris.graph("alignments")
    kind = NamedNode(PREFIXES["sh"] + "SPARQLConstructExecutable")
    for view in views:
        node = NamedNode(f"{iris.base}alignments/{view.slug}")
        yield Quad(node, NamedNode(PREFIXES["rdf"] + "type"), kind, graph)
        yield Quad(node, NamedNode(PREFIXES["rdfs"] + "label"), Literal(view.title, language="en"), graph)
        comment = Literal(view.question, language="en")
        yield Quad(node, NamedNode(PREFIXES["rdfs"] + "comment"), comment, graph)
        yield Quad(node, NamedNode(PREFIXES["sh"] + "construct"), Literal(view.text), graph)
