"""Read RDF files of any format as quads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from kg.problems import Problem, ReadingError

FORMATS = {
    ".jsonld": RdfFormat.JSON_LD,
    ".nq": RdfFormat.N_QUADS,
    ".nt": RdfFormat.N_TRIPLES,
    ".owl": RdfFormat.RDF_XML,
    ".rdf": RdfFormat.RDF_XML,
    ".trig": RdfFormat.TRIG,
    ".ttl": RdfFormat.TURTLE,
    ".xml": RdfFormat.RDF_XML,
}


def read_rdf(path: Path, *, graph: str | None = None) -> Iterator[Quad]:
    """Yield the quads of a file, in the graphs it puts them in; `graph` takes those of its default graph.

    Blank nodes get new labels, so that files do not share them. Raise ReadingError, with the line where
    there is one, for a file that is missing or not what its name says.
    """
    if path.suffix not in FORMATS:
        message = f"has a name that ends in none of {' '.join(FORMATS)}"
        raise ReadingError([Problem(str(path), 1, 1, "", message)])
    target = NamedNode(graph) if graph else DefaultGraph()
    try:
        base = path.resolve().as_uri()
        for quad in parse(path=path, format=FORMATS[path.suffix], base_iri=base, rename_blank_nodes=True):
            if quad.graph_name == DefaultGraph():
                yield Quad(quad.subject, quad.predicate, quad.object, target)
            else:
                yield quad
    except SyntaxError as error:
        message = str(error.msg).partition(": ")[2] or str(error.msg)
        problem = Problem(str(path), error.lineno or 1, error.offset or 1, "", message)
        raise ReadingError([problem]) from error
    except OSError as error:
        problem = Problem(str(path), 1, 1, "", f"cannot be read: {error.strerror or error}")
        raise ReadingError([problem]) from error
