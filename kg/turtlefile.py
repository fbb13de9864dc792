"""Turtle files, with the place of what is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from kg.iris import Iris
from kg.problems import Problem, ReadingError
from kg.textfile import read_text


def read_turtle(path: Path, iris: Iris) -> Iterator[Triple]:
    """Yield the triples of a Turtle file that is written for the default base, under the base of `iris`.

    Raise ReadingError, with line and column, for a file that is not Turtle.
    """
    text = iris.localise(read_text(path))
    try:
        for quad in parse(text.encode(), RdfFormat.TURTLE):
            yield quad.triple
    except SyntaxError as error:
        # The parser's sentence repeats the place that the problem already has.
        message = str(error.msg).partition(": ")[2] or str(error.msg)
        problem = Problem(str(path), error.lineno or 1, error.offset or 1, "", f"is not Turtle: {message}")
        raise ReadingError([problem]) from error
