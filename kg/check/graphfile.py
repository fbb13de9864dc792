"""RDF files of any format, with the line where each subject is described."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pyoxigraph import NamedNode, Triple, parse

from kg.files.rdf import broken, format_of
from kg.files.text import read_text
from kg.folders import nearby
from kg.iris import Iris
from kg.report import Place

# A name that begins a line: in Turtle, TriG, N-Triples and N-Quads a subject, or with an indent, a predicate.
_NAME = re.compile(r'^([ \t]*)(?:<([^<>"\s]*)>|([\w.-]*):((?:[^\s;,()\[\]"<>.]|\.(?=\w))*))', re.MULTILINE)


def read_graphs(paths: Iterable[Path], iris: Iris) -> tuple[list[Triple], dict[str, Place]]:
    """Return the triples of some files, whatever graph they are in, and where each subject is described.

    Files are written for the default base, and read under that of `iris`; the extension tells the format.
    A file without one that is known, or with broken syntax, raises ReadingError, with line and column.
    """
    triples, places = list[Triple](), dict[str, Place]()
    for path in paths:
        text = iris.localise(read_text(path))
        found, prefixes = _parse(path, text)
        triples += found
        lines = _lines(text, prefixes)
        for subject in dict.fromkeys(triple.subject for triple in found):
            if isinstance(subject, NamedNode):
                places.setdefault(subject.value, Place(nearby(path), _line(subject.value, text, lines)))
    return triples, places


def _parse(path: Path, text: str) -> tuple[list[Triple], Mapping[str, str]]:
    kind = format_of(path)
    # The same label in two files is two nodes.
    parser = parse(text.encode("utf-8"), kind, base_iri=path.resolve().as_uri(), rename_blank_nodes=True)
    try:
        return [quad.triple for quad in parser], parser.prefixes
    except SyntaxError as error:
        raise broken(path, kind, error) from error


def _lines(text: str, prefixes: Mapping[str, str]) -> dict[str, int]:
    """Return the line of each name that begins one; a line without an indent goes first."""
    found: dict[bool, dict[str, int]] = {False: {}, True: {}}
    line, position = 1, 0
    for match in _NAME.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        indent, iri, prefix, local = match.groups()
        if iri is None and prefix in prefixes:
            iri = prefixes[prefix] + local.replace("\\", "")
        if iri is not None:
            found[bool(indent)].setdefault(iri, line)
    return found[True] | found[False]


def _line(iri: str, text: str, lines: Mapping[str, int]) -> int:
    if iri in lines:
        return lines[iri]
    # RDF/XML and JSON-LD write the IRI out; where nothing does, the first line is as good as any.
    return text.count("\n", 0, max(text.find(f'"{iri}"'), 0)) + 1
