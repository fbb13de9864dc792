"""What the data is, in VoID and DCAT: every number is a count, every file is there, every service answers."""

from __future__ import annotations

from collections.abc import Iterator

from flask import request
from pyoxigraph import Literal, NamedNode, Quad

from kg.iris import Iris
from kg.store import Release
from web.counts import counts
from web.formats import GRAPHS, RESULTS
from web.statements import Statements

_DUMPS = (
    ("dump.nq", "application/n-quads", "N-Quads, with named graphs"),
    ("dump.nt", "application/n-triples", "N-Triples, the union of the graphs"),
)
_SERVICES = (
    ("sparql", "SPARQL endpoint", "https://www.w3.org/TR/sparql11-protocol/", (*RESULTS, *GRAPHS)),
    (
        "graph-store",
        "graph store, read-only",
        "https://www.w3.org/TR/sparql11-http-rdf-update/",
        GRAPHS,
    ),
)
_RIGHTS = "A part's licence is its own; the texts of the articles belong to whoever published them."


def void_quads(release: Release) -> Iterator[Quad]:
    """Yield the description of the dataset."""
    names, total = Iris(release.base), counts()
    document = NamedNode(f"{names.base}.well-known/void")
    dataset = NamedNode(f"{document.value}#dataset")
    say = Statements(names, document)
    yield from say.about(document, ("a", "void:DatasetDescription"), ("foaf:primaryTopic", dataset))
    yield from say.about(
        dataset,
        ("a", "void:Dataset"),
        ("a", "dcat:Dataset"),
        ("dct:title", Literal("Hearsay: who is said to have said what", language="en")),
        ("dct:identifier", release.id),
        ("dct:issued", Literal(release.built, datatype=say.term("xsd:dateTime"))),
        ("dct:rights", Literal(_RIGHTS, language="en")),
        ("rdfs:seeAlso", NamedNode(f"{request.url_root}.well-known/sparql-examples")),
        ("void:sparqlEndpoint", NamedNode(f"{request.url_root}sparql")),
        ("void:uriSpace", names.base),
        ("void:triples", total.triples),
        ("void:distinctSubjects", total.subjects),
        ("void:distinctObjects", total.objects),
        ("void:classes", len(total.classes)),
        ("void:properties", len(total.properties)),
        ("void:vocabulary", NamedNode(f"{names.base}ontology#")),
    )
    for format_ in GRAPHS:
        if format_.writer is not None:
            yield from say.about(dataset, ("void:feature", NamedNode(format_.writer.iri)))
    for article in total.articles:
        yield from say.about(dataset, ("void:rootResource", article))
    for part, licence in total.licences:
        yield from say.about(part, ("dct:license", licence), ("dct:isPartOf", dataset))
    yield from _partitions(say, document, dataset)
    yield from _distributions(say, document, dataset, release)
    yield from _services(say, document, dataset)


def _partitions(say: Statements, document: NamedNode, dataset: NamedNode) -> Iterator[Quad]:
    total = counts()
    for number, (term, count) in enumerate(total.classes.items()):
        node = NamedNode(f"{document.value}#class-{number}")
        yield from say.about(dataset, ("void:classPartition", node))
        yield from say.about(node, ("void:class", term), ("void:entities", count))
    for number, (term, count) in enumerate(total.properties.items()):
        node = NamedNode(f"{document.value}#property-{number}")
        yield from say.about(dataset, ("void:propertyPartition", node))
        yield from say.about(node, ("void:property", term), ("void:triples", count))


def _distributions(
    say: Statements, document: NamedNode, dataset: NamedNode, release: Release
) -> Iterator[Quad]:
    for name, media_type, title in _DUMPS:
        file, url = release.folder / name, NamedNode(f"{request.url_root}{name}")
        if not file.is_file():
            continue
        node = NamedNode(f"{document.value}#{name}")
        yield from say.about(dataset, ("dcat:distribution", node), ("void:dataDump", url))
        yield from say.about(
            node,
            ("a", "dcat:Distribution"),
            ("dct:title", Literal(title, language="en")),
            ("dcat:downloadURL", url),
            ("dcat:mediaType", _media_type(media_type)),
            ("dcat:byteSize", file.stat().st_size),
        )


def _services(say: Statements, document: NamedNode, dataset: NamedNode) -> Iterator[Quad]:
    for name, title, standard, formats in _SERVICES:
        node = NamedNode(f"{document.value}#{name}")
        yield from say.about(
            node,
            ("a", "dcat:DataService"),
            ("dct:title", Literal(title, language="en")),
            ("dct:conformsTo", NamedNode(standard)),
            ("dcat:endpointURL", NamedNode(f"{request.url_root}{name}")),
            ("dcat:endpointDescription", NamedNode(f"{request.url_root}sparql")),
            ("dcat:servesDataset", dataset),
        )
        for format_ in formats:
            yield from say.about(node, ("dct:format", _media_type(format_.media_type)))


def _media_type(media_type: str) -> NamedNode:
    return NamedNode(f"https://www.iana.org/assignments/media-types/{media_type}")
