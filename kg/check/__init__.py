"""Check a graph against the shapes (SHACL, by pySHACL) and say where to mend what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode, Quad, Triple

from kg.check.causes import without_consequences
from kg.check.queries import declared
from kg.check.shapes import constraints, load_ontology, load_shapes
from kg.folders import ONTOLOGY, SHAPES, nearby
from kg.iris import PREFIXES, Iris
from kg.report import Finding, Place, Report

if TYPE_CHECKING:
    from rdflib import Graph

_SH = PREFIXES["sh"]


class CheckError(Exception):
    """The shapes could not be applied; its text says which and why."""


def check(
    data: Iterable[Triple | Quad],
    *,
    places: Mapping[str, Place] | None = None,
    iris: Iris | None = None,
    shapes: Path = SHAPES,
    ontology: Path = ONTOLOGY,
) -> Report:
    """Validate the union of some triples against the shapes, in the light of the ontology, as it stands.

    Nothing is inferred but what `rdfs:subClassOf` says of classes (SHACL, section 2.1.3.2). Data that holds
    the ontology is checked by what it says. Of a node that has an undeclared class or value only that is
    found. `places` leads from an IRI to where it was written. Raise ReadingError for shapes that are broken,
    and CheckError where they cannot be applied.
    """
    import pyshacl
    from pyshacl.graph_abstraction import DataGraph
    from rdflib import Graph

    from kg.check.datagraph import OxigraphQueries

    iris = iris or Iris()
    triples = {(item.subject, item.predicate, item.object) for item in data}
    rules = load_shapes(shapes, iris, ontology)
    header = (
        NamedNode(f"{iris.base}ontology"),
        NamedNode(PREFIXES["rdf"] + "type"),
        NamedNode(PREFIXES["owl"] + "Ontology"),
    )
    known = () if header in triples else load_ontology(ontology, iris)
    graph = OxigraphQueries((Triple(*triple) for triple in triples), known)
    try:
        # Handed over as a DataGraph: pySHACL would copy a plain graph, and lose its queries.
        data_graph = DataGraph.from_rdflib_graph(graph)
        _, results, text = pyshacl.validate(data_graph, shacl_graph=rules, inplace=True)
    except (RuntimeError, SyntaxError) as error:
        raise CheckError(f"the shapes in '{nearby(shapes)}' cannot be applied: {error}") from error
    if not isinstance(results, Graph):
        raise CheckError(f"the shapes in '{nearby(shapes)}' cannot be applied: {text}")
    terms = declared(ontology, iris)
    findings = without_consequences(_findings(results, rules, places or {}, iris), terms, iris)
    return Report(tuple(sorted(findings, key=lambda f: f.order)), len(triples), constraints(rules))


def check_files(paths: Iterable[Path], *, iris: Iris | None = None) -> Report:
    """Validate RDF files, taken together, as `check` does; raise ReadingError for one that is not RDF."""
    from kg.check.graphfile import read_graphs

    iris = iris or Iris()
    triples, places = read_graphs(paths, iris)
    return check(triples, places=places, iris=iris)


def _findings(results: Graph, shapes: Graph, places: Mapping[str, Place], iris: Iris) -> Iterator[Finding]:
    from rdflib import URIRef

    from kg.check.datagraph import to_oxigraph

    placed_by = iris.prefixes["hss"] + "placedBy"

    def one(node: Any, name: str, graph: Graph = results) -> Any:
        return graph.value(node, URIRef(name), any=True)

    for result in results.objects(None, URIRef(_SH + "result")):
        owner, focus, value = (one(result, _SH + name) for name in ("sourceShape", "focusNode", "value"))
        shape = one(result, _SH + "sourceConstraint") or owner
        path = one(result, _SH + "resultPath")
        messages = sorted(map(str, results.objects(result, URIRef(_SH + "resultMessage"))))
        yield Finding(
            shape=str(shape),
            message=_short(" ".join(messages), iris),
            focus=str(to_oxigraph(focus)),
            severity=str(one(result, _SH + "resultSeverity")).removeprefix(_SH),
            path="" if path is None else _path(path, results),
            value="" if value is None or value == focus else str(to_oxigraph(value)),
            place=_place((value, focus) if one(owner, placed_by, shapes) else (focus, value), places),
            component=str(one(result, _SH + "sourceConstraintComponent")),
            owner=str(owner),
            reason=str(one(shape, PREFIXES["rdfs"] + "comment", shapes) or ""),
        )


def _short(message: str, iris: Iris) -> str:
    for name, namespace in sorted(iris.prefixes.items(), key=lambda item: -len(item[1])):
        message = message.replace(namespace, f"{name}:")
    return message


def _place(nodes: Iterable[Any], places: Mapping[str, Place]) -> Place | None:
    from rdflib import URIRef

    names = [str(node) for node in nodes if isinstance(node, URIRef)]
    return next((places[name] for name in names if name in places), None)


def _path(path: Any, graph: Graph) -> str:
    """Return a SHACL property path (section 2.3.1) in the syntax of SPARQL, with full IRIs."""
    from rdflib import BNode, URIRef

    if not isinstance(path, BNode):
        return str(path.n3())
    if inverse := graph.value(path, URIRef(_SH + "inversePath")):
        return f"^{_path(inverse, graph)}"
    if alternatives := graph.value(path, URIRef(_SH + "alternativePath")):
        return "|".join(_path(step, graph) for step in graph.items(alternatives))
    return "/".join(_path(step, graph) for step in graph.items(path))
