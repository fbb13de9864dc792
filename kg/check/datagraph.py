"""A data graph for pySHACL: in rdflib for its shapes, with SPARQL answered by Oxigraph.

pySHACL looks up single triples, which rdflib does fastest, and runs the SPARQL constraints once for each
focus node, which Oxigraph does a hundred times faster than rdflib. So this graph holds its triples twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef, Variable
from rdflib.query import Result

from kg.iris import PREFIXES

_STRING = PREFIXES["xsd"] + "string"
# pySHACL reports these bindings as they are, and puts only the others into messages as text.
_REPORTED = {"path", "this", "value"}


def to_rdflib(triples: Iterable[ox.Triple]) -> Graph:
    """Copy triples into an rdflib graph."""
    graph = Graph(bind_namespaces="none")
    _add(graph, triples)
    return graph


class OxigraphQueries(Graph):
    """An rdflib graph of some sets of triples, whose queries Oxigraph answers. It is not to be changed."""

    def __init__(self, *sets: Iterable[ox.Triple]) -> None:
        super().__init__(bind_namespaces="none")
        self._store = ox.Store()
        for triples in map(list, sets):
            self._store.extend(ox.Quad(*triple) for triple in triples)
            _add(self, triples)

    def query(  # type: ignore[override]
        self,
        query_object: str,
        processor: str = "sparql",  # noqa: ARG002
        result: str = "sparql",  # noqa: ARG002
        initNs: Mapping[str, Any] | None = None,  # noqa: ARG002, N803
        initBindings: Mapping[str, Any] | None = None,  # noqa: N803
        *_: Any,
        **__: Any,
    ) -> Result:
        """Answer a SELECT query, with some variables bound beforehand."""
        bindings = {ox.Variable(name): to_oxigraph(term) for name, term in (initBindings or {}).items()}
        solutions: Any = self._store.query(query_object, substitutions=bindings)
        names = [variable.value for variable in solutions.variables]
        answer = Result("SELECT")
        answer.vars = [Variable(name) for name in names]
        answer.bindings = [
            {
                Variable(name): _bound(name, term)
                for name, term in zip(names, row, strict=True)
                if term is not None
            }
            for row in solutions
        ]
        return answer


def _add(graph: Graph, triples: Iterable[ox.Triple]) -> None:
    terms = dict[Any, Any]()

    def term(node: Any) -> Any:
        if node not in terms:
            terms[node] = _to_rdflib(node)
        return terms[node]

    for triple in triples:
        graph.add((term(triple.subject), term(triple.predicate), term(triple.object)))


def _bound(name: str, term: Any) -> Any:
    if name not in _REPORTED and isinstance(term, ox.Literal):
        # It goes into a message by re.sub, which would take a backslash of the article for its own.
        return Literal(term.value.replace("\\", "\\\\"))
    return _to_rdflib(term)


def _to_rdflib(term: Any) -> Any:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language is not None:
        return Literal(term.value, lang=term.language)
    if term.datatype.value == _STRING:
        return Literal(term.value)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)


def to_oxigraph(term: Any) -> Any:
    """Return the same term, whose `str` is its N-Triples form, for Oxigraph."""
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    if isinstance(term, Literal):
        datatype = None if term.datatype is None else ox.NamedNode(str(term.datatype))
        return ox.Literal(str(term), language=term.language, datatype=None if term.language else datatype)
    return ox.NamedNode(str(term))
