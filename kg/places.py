"""Say where in its file each IRI comes from that is minted from a reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import NamedNode

from kg.folders import nearby
from kg.iris import Iris
from kg.model import Attribution, Reading, Span
from kg.report import Place
from kg.triples import used_spans


def places(reading: Reading, iris: Iris) -> dict[str, Place]:
    """Return the file, line and words of each IRI that a reading and its article bring into the graph.

    A span, which belongs to no one item, leads to the first item that uses it.
    """
    found = dict[str, Place]()
    for nodes, place in _items(reading, iris):
        for node in nodes:
            found.setdefault(node.value, place)
    return found


def _items(reading: Reading, iris: Iris) -> Iterator[tuple[tuple[NamedNode, ...], Place]]:
    article = reading.article
    title = article.words(reading.segments[0].span) if reading.segments else ""
    yield (iris.article(article.slug), iris.text(article)), Place(nearby(article.path), 1, title)
    made = (iris.graph("reading", reading.slug), iris.activity("reading", reading.slug))
    yield (
        (*made, iris.annotator(reading.annotator.id)),
        Place(nearby(reading.path), 1, reading.annotator.label),
    )
    for item in article.metadata:
        node = iris.outside(article.slug, item.name)
        yield (node,), Place(nearby(Path(article.path).with_name("metadata.yaml")), item.line, item.value)

    def place(line: int, words: str) -> Place:
        return Place(nearby(reading.path), line, words)

    def said(*spans: Span) -> str:
        return " … ".join(article.words(span) for span in sorted(spans))

    def report(attribution: Attribution | None) -> str:
        return said(*attribution.source, *attribution.cue, *attribution.content) if attribution else ""

    reports = {attribution.statement: attribution for attribution in reversed(reading.attributions)}
    for segment in reading.segments:
        yield (iris.segment(article, segment.id),), place(segment.line, said(segment.span))
    for claim in reading.claims:
        yield (iris.claim(claim.id),), place(claim.line, claim.text)
    for evidence in reading.evidence:
        yield (iris.evidence(article, evidence.id),), place(evidence.line, evidence.label)
    for statement in reading.statements:
        nodes = (iris.statement(article, statement.id), iris.placeholder(article, statement.id))
        yield nodes, place(statement.line, report(reports.get(statement.id)) or statement.id)
    for attribution in reading.attributions:
        yield (iris.attribution(article, attribution.id),), place(attribution.line, report(attribution))
    for framing in reading.framings:
        nodes = (iris.framing(article, framing.id), iris.placeholder(article, framing.id))
        yield nodes, place(framing.line, said(framing.span))
    for span, line in used_spans(reading):
        yield (iris.span(article, span),), place(line, said(span))
