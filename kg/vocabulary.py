"""The words a reading may use, read from the ontology: `skos:notation` of its classes and concepts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from kg.files.problems import Problem, ReadingError
from kg.files.rdf import read_turtle
from kg.folders import ONTOLOGY
from kg.iris import PREFIXES, Iris
from kg.model import Stance, Vocabulary

_NOTATION = NamedNode(PREFIXES["skos"] + "notation")
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_SUB_CLASS = NamedNode(PREFIXES["rdfs"] + "subClassOf")
_SUB_PROPERTY = NamedNode(PREFIXES["rdfs"] + "subPropertyOf")
_DOMAIN = NamedNode(PREFIXES["rdfs"] + "domain")


def load_vocabulary(folder: Path = ONTOLOGY, *, iris: Iris | None = None) -> Vocabulary:
    """Read the tables from the Turtle files of a folder.

    A table of kinds is a class's subclasses that have a notation, a table of values its members; the
    property of a stance is the sub-property of `hs:addresses` with the stance as its domain, and
    `hs:addresses` itself where there is none. Raise ReadingError for a file that is not Turtle, a word
    that means two things and a table that is empty.
    """
    iris = iris or Iris()
    graph = _Graph(triple for path in sorted(folder.glob("*.ttl")) for triple in read_turtle(path, iris))
    addresses = iris.term("addresses")
    properties = {
        kind: prop
        for prop in graph.subjects(_SUB_PROPERTY, addresses)
        for kind in graph.objects(prop, _DOMAIN)
    }
    stances = _table(folder, graph, "Statement", graph.subclasses(iris.term("Statement")))

    def values(name: str) -> dict[str, str]:
        table = _table(folder, graph, name, graph.subjects(_TYPE, iris.term(name)))
        return {word: term.value for word, term in table.items()}

    segments = _table(folder, graph, "Segment", graph.subclasses(iris.term("Segment")))
    names = _table(folder, graph, "OutsideName", graph.subjects(_TYPE, iris.term("OutsideName")))
    return Vocabulary(
        stances={
            word: Stance(term.value, properties.get(term, addresses).value) for word, term in stances.items()
        },
        segments={word: term.value for word, term in segments.items()},
        modes=values("ReportingMode"),
        framings=values("FramingType"),
        certainties=values("CertaintyLevel"),
        times=values("TimeRelation"),
        non_answers=values("NonAnswerKind"),
        metadata={
            word: target.value
            for word, term in names.items()
            for target in graph.objects(term, iris.term("mapsTo"))
        },
    )


class _Graph:
    """An index of triples, as small as the questions above."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._objects: dict[tuple[object, object], list[object]] = defaultdict(list)
        self._subjects: dict[tuple[object, object], list[object]] = defaultdict(list)
        for triple in triples:
            self._objects[triple.subject, triple.predicate].append(triple.object)
            self._subjects[triple.predicate, triple.object].append(triple.subject)

    def objects(self, subject: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        return [term for term in self._objects[subject, predicate] if isinstance(term, NamedNode)]

    def subjects(self, predicate: NamedNode, term: NamedNode) -> list[NamedNode]:
        return [term for term in self._subjects[predicate, term] if isinstance(term, NamedNode)]

    def notations(self, subject: NamedNode) -> list[str]:
        return [term.value for term in self._objects[subject, _NOTATION] if isinstance(term, Literal)]

    def subclasses(self, top: NamedNode) -> list[NamedNode]:
        found: dict[NamedNode, None] = {}
        new = [top]
        while new:
            new = [term for parent in new for term in self.subjects(_SUB_CLASS, parent) if term not in found]
            found.update(dict.fromkeys(new))
        return list(found)


def _table(folder: Path, graph: _Graph, name: str, terms: Iterable[NamedNode]) -> dict[str, NamedNode]:
    """Return notation → term, in alphabetical order."""
    table: dict[str, NamedNode] = {}
    for term in dict.fromkeys(terms):
        for word in graph.notations(term):
            if table.setdefault(word, term) != term:
                message = f"the notation ‘{word}’ stands for both <{table[word].value}> and <{term.value}>"
                raise ReadingError([Problem(str(folder), 1, 1, "", message)])
    if not table:
        message = f"nothing that is a hs:{name} has a skos:notation: is it the folder of the ontology?"
        raise ReadingError([Problem(str(folder), 1, 1, "", message)])
    return dict(sorted(table.items()))
