"""JSON-LD with our context: compact triples by its terms, and send the part of it that was used.

The context travels inside each document, so that a file can be read where it lies. Terms of a context
may have `@id`, `@type`, `@language` and `@container: @set`; what no term fits is written in full.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.folders import ONTOLOGY
from kg.iris import Iris

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_INTEGERS = ("xsd:integer", "xsd:nonNegativeInteger")
_WHOLE = re.compile(r"0|-?[1-9]\d*")
_FILE = ONTOLOGY / "context.jsonld"


def context_text(iris: Iris) -> str:
    """Return the context as published: the ontology's file, or else the well-known prefixes."""
    if _FILE.exists():
        return iris.localise(_FILE.read_text(encoding="utf-8"))
    return json.dumps({"@context": iris.prefixes}, indent="\t") + "\n"


def compact(triples: Iterable[Triple], context: Iris | Mapping[str, Any]) -> dict[str, Any]:
    """Return triples as one JSON-LD document, with our context or another (JSON-LD 1.1, section 5.1)."""
    return _Compactor(_context(context) if isinstance(context, Iris) else context).document(triples)


def nest(document: Mapping[str, Any], context: Mapping[str, Any], roots: Collection[str]) -> list[Any]:
    """Return the nodes of a compacted document that are of some types, with what they link to inside them.

    A node of these types is only referred to, and so is one that is inside itself. Whoever reads the
    result as plain JSON finds everything where it belongs, as often as it belongs there.
    """
    id_ = next((name for name, value in context.items() if value == "@id"), "@id")
    type_ = next((name for name, value in context.items() if value == "@type"), "@type")
    nodes = {node[id_]: node for node in document["@graph"]}

    def is_root(node: Mapping[str, Any]) -> bool:
        types = node.get(type_, ())
        return not set(roots).isdisjoint([types] if isinstance(types, str) else types)

    def embed(key: str, value: Any, inside: tuple[str, ...]) -> Any:
        if isinstance(value, list):
            return [embed(key, item, inside) for item in value]
        definition = context.get(key)
        if not isinstance(definition, dict) or definition.get("@type") != "@id" or value not in nodes:
            return value
        node = nodes[value]
        return value if value in inside or is_root(node) else whole(node, inside)

    def whole(node: Mapping[str, Any], inside: tuple[str, ...]) -> dict[str, Any]:
        return {key: embed(key, value, (*inside, node[id_])) for key, value in node.items()}

    return [whole(node, ()) for node in nodes.values() if is_root(node)]


@lru_cache(maxsize=4)
def _context(iris: Iris) -> Mapping[str, Any]:
    context = json.loads(context_text(iris))["@context"]
    parts = context if isinstance(context, list) else [context]
    return {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}


class _Compactor:
    def __init__(self, context: Mapping[str, Any]) -> None:
        self.context = context
        self.prefixes = {
            name: value
            for name, value in context.items()
            if isinstance(value, str) and value.endswith(("#", "/"))
        }
        self.aliases = {value: name for name, value in context.items() if value in ("@id", "@type")}
        self.terms: dict[str, list[str]] = defaultdict(list)
        for name, value in context.items():
            if not name.startswith("@") and name not in self.prefixes and name not in self.aliases.values():
                iri = value.get("@id", name) if isinstance(value, dict) else value
                self.terms[self.expand(iri)].append(name)
        self.used: set[str] = set()

    def document(self, triples: Iterable[Triple]) -> dict[str, Any]:
        nodes: dict[Any, dict[str, list[Any]]] = {}
        for triple in triples:
            node = nodes.setdefault(triple.subject, defaultdict(list))
            key, value = self.pair(triple.predicate, triple.object)
            node[key].append(value)
        graph = [
            {self.keyword("@id"): self.reference(subject)}
            | {key: self.contained(key, values) for key, values in node.items()}
            for subject, node in nodes.items()
        ]
        used = {name: value for name, value in self.context.items() if name in self.used}
        return {"@context": used, "@graph": graph}

    def pair(self, predicate: NamedNode, value: Any) -> tuple[str, Any]:
        if predicate.value == _RDF + "type" and isinstance(value, NamedNode):
            return self.keyword("@type"), self.name(value.value)
        for term in self.terms.get(predicate.value, ()):
            written = self.coerced(self.context[term], value)
            if written is not None:
                self.use(term)
                return term, written
        return self.short(predicate.value), self.full(value)

    def coerced(self, definition: Any, value: Any) -> Any:
        """Return a value as a term of this definition writes it, or None if the term does not fit."""
        known = definition if isinstance(definition, dict) else {}
        if known.keys() - {"@id", "@type", "@language"} and known.get("@container") != "@set":
            return None
        kind = known.get("@type")
        if isinstance(value, NamedNode | BlankNode):
            if kind == "@vocab" and isinstance(value, NamedNode):
                return self.name(value.value)
            return self.reference(value) if kind == "@id" else self.full(value)
        if not isinstance(value, Literal) or kind in ("@id", "@vocab"):
            return None
        if kind is not None:
            # Oxigraph makes xsd:integer of every narrower type: a term that has one gives it back.
            number = kind in _INTEGERS and value.datatype.value == _XSD + "integer"
            if self.expand(kind) != value.datatype.value and not (number and value.value.isdecimal()):
                return None
            self.used_in(kind)
            # A whole number is written as one; with another lexical form it stays as it is.
            return int(value.value) if number and _WHOLE.fullmatch(value.value) else value.value
        default = self.context.get("@language")
        if value.language is not None:
            return value.value if known.get("@language", default) == value.language else None
        if value.datatype.value == _XSD + "string" and known.get("@language", default) is None:
            return value.value
        return None

    def contained(self, key: str, values: list[Any]) -> Any:
        definition = self.context.get(key)
        as_set = isinstance(definition, dict) and definition.get("@container") == "@set"
        return values if as_set or len(values) > 1 else values[0]

    def full(self, value: Any) -> Any:
        if isinstance(value, NamedNode | BlankNode):
            return {self.keyword("@id"): self.reference(value)}
        if value.language is not None:
            return {"@value": value.value, "@language": value.language}
        if value.datatype.value == _XSD + "string":
            return {"@value": value.value}
        return {"@value": value.value, "@type": self.name(value.datatype.value)}

    def reference(self, term: Any) -> str:
        return self.short(term.value) if isinstance(term, NamedNode) else f"_:{term.value}"

    def name(self, iri: str) -> str:
        """Return a class or datatype: by the term for it, else as a prefixed name."""
        for term in self.terms.get(iri, ()):
            self.use(term)
            return term
        return self.short(iri)

    def short(self, iri: str) -> str:
        fitting = [name for name, namespace in self.prefixes.items() if iri.startswith(namespace)]
        best = max(fitting, key=lambda name: len(self.prefixes[name]), default=None)
        local = iri.removeprefix(self.prefixes[best]) if best else ""
        # "//" after a colon would make the name an IRI of its own (JSON-LD 1.1, section 4.1.5).
        if best is None or local.startswith("//"):
            return iri
        self.used.add(best)
        return f"{best}:{local}"

    def expand(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        if colon and not local.startswith("//") and prefix in self.prefixes:
            return self.prefixes[prefix] + local
        return name

    def keyword(self, keyword: str) -> str:
        alias = self.aliases.get(keyword)
        if alias:
            self.used.add(alias)
        return alias or keyword

    def use(self, term: str) -> None:
        self.used.add(term)
        definition = self.context[term]
        self.used_in(definition.get("@id", term) if isinstance(definition, dict) else definition)

    def used_in(self, name: str) -> None:
        prefix = name.partition(":")[0]
        if prefix in self.prefixes:
            self.used.add(prefix)
