"""RDF files of any format, with the place of what is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse

from kg.files.problems import Problem, ReadingError
from kg.files.text import read_text
from kg.iris import Iris

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
    kind = format_of(path)
    target = NamedNode(graph) if graph else DefaultGraph()
    try:
        base = path.resolve().as_uri()
        for quad in parse(path=path, format=kind, base_iri=base, rename_blank_nodes=True):
            if quad.graph_name == DefaultGraph():
                yield Quad(quad.subject, quad.predicate, quad.object, target)
            else:
                yield quad
    except SyntaxError as error:
        raise broken(path, kind, error) from error
    except OSError as error:
        problem = Problem(str(path), 1, 1, "", f"cannot be read: {error.strerror or error}")
        raise ReadingError([problem]) from error


def read_turtle(path: Path, iris: Iris) -> Iterator[Triple]:
    """Yield the triples of a Turtle file that is written for the default base, under the base of `iris`.

    Raise ReadingError, with line and column, for a file that is not Turtle.
    """
    text = iris.localise(read_text(path))
    try:
        for quad in parse(text.encode(), RdfFormat.TURTLE):
            yield quad.triple
    except SyntaxError as error:
        raise broken(path, RdfFormat.TURTLE, error) from error


def format_of(path: Path) -> RdfFormat:
    """Return the format that a file's name tells; raise ReadingError where it tells none."""
    if path.suffix not in FORMATS:
        message = f"has a name that ends in none of {' '.join(FORMATS)}"
        raise ReadingError([Problem(str(path), 1, 1, "", message)])
    return FORMATS[path.suffix]


def broken(path: Path, kind: RdfFormat, error: SyntaxError) -> ReadingError:
    """Return what a parser found wrong, as a problem with its place."""
    # The parser's sentence repeats the place that the problem already has.
    message = f"is not {kind.name}: {str(error.msg).partition(': ')[2] or error.msg}"
    return ReadingError([Problem(str(path), error.lineno or 1, error.offset or 1, "", message)])
