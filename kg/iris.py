"""Prefixes, and every IRI that is minted: from what it names, under one base."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.model import Article, Span

DEFAULT_BASE = "https://w3id.org/hearsay/"

_OWN = {
    "hs": "ontology#",
    "hss": "shapes#",
    "ac": "id/actor/",
    "an": "id/annotator/",
    "ar": "id/article/",
    "at": "id/attribution/",
    "ay": "id/activity/",
    "cl": "id/claim/",
    "ev": "id/evidence/",
    "fr": "id/framing/",
    "gr": "graph/",
    "ju": "id/judgement/",
    "os": "id/outside/",
    "qy": "id/query/",
    "sg": "id/segment/",
    "st": "id/statement/",
    "sw": "id/software/",
    "tx": "id/text/",
}

_BORROWED = {
    "cito": "http://purl.org/spar/cito/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "nif": "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "wd": "http://www.wikidata.org/entity/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True, slots=True)
class Iris:
    """The IRIs of one base.

    >>> Iris("http://127.0.0.1:8000/").actor("apt29").value
    'http://127.0.0.1:8000/id/actor/apt29'
    """

    base: str = DEFAULT_BASE

    def __post_init__(self) -> None:
        if not self.base.endswith(("/", "#")):
            object.__setattr__(self, "base", self.base + "/")

    @property
    def prefixes(self) -> dict[str, str]:
        """Return the well-known prefixes, the project's own first, each group in alphabetical order."""
        return {name: self.base + path for name, path in _OWN.items()} | _BORROWED

    def localise(self, text: str) -> str:
        """Return Turtle or SPARQL that is written for the default base, rewritten for this one."""
        return text if self.base == DEFAULT_BASE else text.replace(DEFAULT_BASE, self.base)

    def term(self, name: str) -> NamedNode:
        """Return a term of the ontology."""
        return NamedNode(f"{self.base}ontology#{name}")

    def article(self, slug: str) -> NamedNode:
        """Return an article, as published."""
        return NamedNode(f"{self.base}id/article/{slug}")

    def text(self, article: Article) -> NamedNode:
        """Return the exact text of an article: another text has another IRI."""
        return NamedNode(f"{self.base}id/text/{article.sha256[:16]}")

    def span(self, article: Article, span: Span) -> NamedNode:
        """Return a span of an article's text, in code points, in the offset scheme of NIF 2.1."""
        return NamedNode(f"{self.text(article).value}#offset_{span.begin}_{span.end}")

    def segment(self, article: Article, slug: str) -> NamedNode:
        """Return a segment of an article's text."""
        return self._of_text("segment", article, slug)

    def statement(self, article: Article, slug: str) -> NamedNode:
        """Return a statement that an article reports."""
        return self._of_text("statement", article, slug)

    def attribution(self, article: Article, slug: str) -> NamedNode:
        """Return one report of a statement in an article."""
        return self._of_text("attribution", article, slug)

    def framing(self, article: Article, slug: str) -> NamedNode:
        """Return a framing in an article."""
        return self._of_text("framing", article, slug)

    def evidence(self, article: Article, slug: str) -> NamedNode:
        """Return an evidence item that an article speaks of."""
        return self._of_text("evidence", article, slug)

    def placeholder(self, article: Article, slug: str) -> NamedNode:
        """Return the actor that stands for the unnamed source of one statement or framing."""
        return self._of_text("actor", article, f"{slug}-unidentified")

    def claim(self, slug: str) -> NamedNode:
        """Return a claim; its slug is global, so that readings can share it."""
        return NamedNode(f"{self.base}id/claim/{slug}")

    def actor(self, slug: str) -> NamedNode:
        """Return an actor; its slug is global."""
        return NamedNode(f"{self.base}id/actor/{slug}")

    def annotator(self, slug: str) -> NamedNode:
        """Return who or what makes readings."""
        return NamedNode(f"{self.base}id/annotator/{slug}")

    def software(self, slug: str) -> NamedNode:
        """Return a program that draws conclusions from readings."""
        return NamedNode(f"{self.base}id/software/{slug}")

    def activity(self, kind: str, slug: str) -> NamedNode:
        """Return a PROV activity, such as the making of one reading."""
        return NamedNode(f"{self.base}id/activity/{kind}-{slug}")

    def outside(self, slug: str, name: str) -> NamedNode:
        """Return a statement from outside the texts about an article or an actor."""
        return NamedNode(f"{self.base}id/outside/{slug}-{name}")

    def query(self, slug: str) -> NamedNode:
        """Return an example query."""
        return NamedNode(f"{self.base}id/query/{slug}")

    def graph(self, kind: str, slug: str | None = None) -> NamedNode:
        """Return a named graph, such as `reading/<article>-<annotator>` or `ontology`."""
        return NamedNode(f"{self.base}graph/{kind}" + (f"/{slug}" if slug else ""))

    def _of_text(self, kind: str, article: Article, slug: str) -> NamedNode:
        # The text's hash keeps ids of two articles apart, and those of two versions of one article.
        return NamedNode(f"{self.base}id/{kind}/{article.sha256[:8]}-{slug}")


PREFIXES = Iris().prefixes
