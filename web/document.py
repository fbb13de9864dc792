"""What the document of a resource says: enough to be useful alone, and to go on from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from web.answers import engine, iris
from web.engine import Row

# What many things point to (the narrator, a segment of a class) is not followed without end.
MAX_INCOMING = 2000

_EXISTS = """
SELECT ?this WHERE {
    VALUES ?this {}
    { ?this ?p ?o } UNION { ?s ?q ?this } UNION { GRAPH ?this { ?a ?b ?c } }
}
LIMIT 1
"""
_OUTGOING = "SELECT ?g ?s ?p ?o WHERE { VALUES ?s {} GRAPH ?g { ?s ?p ?o } }"
_INCOMING = f"SELECT ?g ?s ?p ?o WHERE {{ VALUES ?o {{}} GRAPH ?g {{ ?s ?p ?o }} }} LIMIT {MAX_INCOMING + 1}"
_SPANS = """
SELECT ?g ?s ?p ?o WHERE {
    VALUES ?text {}
    GRAPH ?g { ?s nif:referenceContext ?text . ?s ?p ?o }
}
"""
_GRAPH = "SELECT ?g ?s ?p ?o WHERE { VALUES ?g {} GRAPH ?g { ?s ?p ?o } }"
# Of a graph, what it says of itself, how it was made, and by whom.
_PROVENANCE = """
SELECT ?g ?s ?p ?o WHERE {
    VALUES ?named {}
    GRAPH ?named {
        { ?named ?p ?o BIND (?named AS ?s) }
        UNION { ?named prov:wasGeneratedBy ?s . ?s ?p ?o }
        UNION { ?named prov:wasGeneratedBy/prov:wasAssociatedWith ?s . ?s ?p ?o }
    }
    BIND (?named AS ?g)
}
"""
_NEIGHBOURS = """
SELECT ?g ?s ?p ?o WHERE {
    VALUES ?s {}
    GRAPH ?g {
        ?s ?p ?o
        FILTER (?p IN (
            rdf:type, rdfs:label, skos:prefLabel, hs:canonicalText, nif:anchorOf, nif:beginIndex, nif:endIndex
        ))
    }
}
"""


@dataclass(frozen=True)
class Document:
    """A resource, what is said of it, what points to it, and what its neighbours are called.

    `complete` is false where more things point to it than a document holds.
    """

    resource: NamedNode
    outgoing: tuple[Quad, ...]
    incoming: tuple[Quad, ...]
    neighbours: tuple[Quad, ...]
    complete: bool

    def quads(self) -> Iterable[Quad]:
        """Yield everything, where the graphs of it come from, and what the document itself is."""
        said = [*self.outgoing, *self.incoming, *self.neighbours]
        yield from said
        yield from provenance(quad.graph_name for quad in said)
        yield from self._itself()

    def _itself(self) -> Iterable[Quad]:
        names = iris()
        prefixes = names.prefixes
        document = NamedNode(self.resource.value.replace(f"{names.base}id/", f"{names.base}doc/", 1))
        if document == self.resource:
            return
        pairs: list[tuple[str, NamedNode | Literal]] = [
            ("rdf:type", NamedNode(prefixes["foaf"] + "Document")),
            ("foaf:primaryTopic", self.resource),
            ("void:inDataset", NamedNode(f"{names.base}.well-known/void#dataset")),
        ]
        if not self.complete:
            query = f"SELECT ?thing ?property WHERE {{ ?thing ?property {self.resource} }}"
            note = f"More than {MAX_INCOMING} things point here; the query has them all."
            pairs.append(("rdfs:comment", Literal(note, language="en")))
            pairs.append(("rdfs:seeAlso", NamedNode(f"{names.base}sparql?query={quote(query, safe='')}")))
        for name, value in pairs:
            prefix, _, local = name.partition(":")
            yield Quad(document, NamedNode(prefixes[prefix] + local), value, DefaultGraph())


def exists(resource: NamedNode) -> bool:
    """Say whether anything is said of a resource, points to it, or is in it as a graph."""
    return bool(engine().rows(_EXISTS, {"this": [resource]}))


def describe(resource: NamedNode) -> Document:
    """Collect the document of a resource."""
    outgoing = _quads(engine().rows(_OUTGOING, {"s": [resource]}))
    incoming = _quads(engine().rows(_INCOMING, {"o": [resource]}))
    complete = len(incoming) <= MAX_INCOMING
    # A text's spans are fragments of its IRI: whoever asks for one of them gets this document.
    outgoing += _quads(engine().rows(_SPANS, {"text": [resource]}))
    terms = {quad.object for quad in outgoing} | {quad.subject for quad in incoming}
    graphs = {quad.graph_name for quad in (*outgoing, *incoming)}
    near = sorted({term for term in terms | graphs if isinstance(term, NamedNode)} - {resource}, key=str)
    said = {quad.subject for quad in outgoing}
    neighbours = _quads(engine().rows(_NEIGHBOURS, {"s": [term for term in near if term not in said]}))
    neighbours = _nearest(neighbours, graphs)
    return Document(resource, tuple(outgoing), tuple(incoming[:MAX_INCOMING]), tuple(neighbours), complete)


def provenance(graphs: Iterable[NamedNode | BlankNode | DefaultGraph]) -> list[Quad]:
    """Return what some named graphs say of themselves, of their making and of who made them (PROV-O)."""
    named = sorted({name for name in graphs if isinstance(name, NamedNode)}, key=str)
    return _quads(engine().rows(_PROVENANCE, {"named": named}))


def graph(*names: NamedNode) -> list[Quad]:
    """Return the quads of some named graphs."""
    return _quads(engine().rows(_GRAPH, {"g": names}))


def _nearest(quads: list[Quad], graphs: Collection[object]) -> list[Quad]:
    """Keep what stands in some graphs, and else each triple once: everybody's readings name the narrator."""
    once: dict[Triple, Quad] = {}
    for quad in sorted(quads, key=lambda quad: str(quad.graph_name)):
        if quad.graph_name not in graphs:
            once.setdefault(quad.triple, quad)
    kept = [quad for quad in quads if quad.graph_name in graphs]
    told = {quad.triple for quad in kept}
    return [*kept, *(quad for triple, quad in once.items() if triple not in told)]


def _quads(rows: Iterable[Row]) -> list[Quad]:
    quads = []
    for row in rows:
        subject, predicate, graph_name = row["s"], row["p"], row["g"]
        assert isinstance(subject, NamedNode | BlankNode | Triple)
        assert isinstance(predicate, NamedNode)
        assert isinstance(graph_name, NamedNode | BlankNode)
        quads.append(Quad(subject, predicate, row["o"], graph_name))
    return quads
