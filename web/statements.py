"""Write what the service says of itself as quads, from prefixed names."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad

from kg.iris import Iris

Value = NamedNode | Literal | str | int


class Statements:
    """Yields quads of one graph; a property, and a class after `a`, is a prefixed name."""

    def __init__(self, names: Iris, graph: NamedNode) -> None:
        self._prefixes = names.prefixes
        self._graph = graph

    def term(self, name: str) -> NamedNode:
        """Return the IRI of a prefixed name."""
        prefix, _, local = name.partition(":")
        return NamedNode(self._prefixes[prefix] + local)

    def about(self, subject: NamedNode, *pairs: tuple[str, Value]) -> Iterator[Quad]:
        """Yield a quad for each pair of a property and a value."""
        for name, value in pairs:
            predicate = self.term("rdf:type" if name == "a" else name)
            if isinstance(value, NamedNode | Literal):
                yield Quad(subject, predicate, value, self._graph)
            elif name == "a":
                yield Quad(subject, predicate, self.term(str(value)), self._graph)
            else:
                yield Quad(subject, predicate, Literal(value), self._graph)
