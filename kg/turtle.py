"""Turtle that is made to be read and compared: sorted, one predicate a line, the last full stop alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from kg.iris import PREFIXES

_TYPE = PREFIXES["rdf"] + "type"
# Turtle has a short form for literals of these, which names no datatype.
_UNNAMED = {PREFIXES["rdf"] + "langString"} | {
    PREFIXES["xsd"] + name for name in ("boolean", "decimal", "double", "integer", "string")
}


def turtle(triples: Iterable[Triple], prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return triples as Turtle that has the same bytes whatever order they come in.

    Each subject starts in column 0; numbers in names sort as numbers; a prefix is declared where it
    is used, and used where no name needs an escape. Blank nodes keep the labels they have.
    """
    ordered = sorted(set(triples), key=_key)
    used = _used(ordered, prefixes)
    text = (serialize(ordered, format=RdfFormat.TURTLE, prefixes=used) or b"").decode("utf-8")
    body = [line for line in text.split("\n") if line and not line.startswith("@prefix")]
    head = [f"@prefix {name}: <{namespace}> .\n" for name, namespace in sorted(used.items())]
    return "".join((*head, *_laid_out(body)))


def _used(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> dict[str, str]:
    longest = sorted(prefixes.items(), key=lambda item: -len(item[1]))
    used, escaped = dict[str, str](), set[str]()
    for iri in {iri for triple in triples for iri in _iris(triple)}:
        for name, namespace in longest:
            if iri.startswith(namespace):
                used[name] = namespace
                if not re.fullmatch(r"\w[\w-]*", iri[len(namespace) :]):
                    escaped.add(name)
                break
    return {name: namespace for name, namespace in used.items() if name not in escaped}


def _iris(triple: Triple) -> Iterator[str]:
    for term in (triple.subject, triple.predicate, triple.object):
        if isinstance(term, NamedNode) and term.value != _TYPE:
            yield term.value
        elif isinstance(term, Literal) and term.datatype.value not in _UNNAMED:
            yield term.datatype.value


def _laid_out(lines: Iterable[str]) -> Iterator[str]:
    # A literal holds no bare line feed, so a full stop that ends a line ends a subject.
    for line in lines:
        if not line.startswith("\t"):
            subject, line = line.split(" ", 1)
            yield f"\n{subject}\n\t"
        yield line.removesuffix(" .") + " ;\n.\n" if line.endswith(" .") else f"{line}\n"


def _key(triple: Triple) -> tuple[object, ...]:
    predicate = triple.predicate.value
    return (_natural(str(triple.subject)), predicate != _TYPE, predicate, _natural(str(triple.object)))


def _natural(text: str) -> list[tuple[str, int]]:
    return [(words, int(number or 0)) for words, number in re.findall(r"(\D*)(\d*)", text)]
