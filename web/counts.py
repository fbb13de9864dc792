"""How much of what a release holds: counted by query, once a release."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import Literal, NamedNode

from kg.store import Release
from web.answers import engine
from web.engine import Engine, Row

# A store's own union may answer a triple once for each graph that has it.
_EVERY = "{ SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o } }"
_GRAPHS = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
_SUBJECTS = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s ?p ?o }"
_OBJECTS = "SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE { ?s ?p ?o }"
_CLASSES = (
    "SELECT ?class (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?class FILTER (isIRI(?class)) }"
    " GROUP BY ?class ORDER BY ?class"
)
_ARTICLES = "SELECT DISTINCT ?article WHERE { ?article a hs:Article } ORDER BY ?article LIMIT 100"
_LICENCES = (
    "SELECT DISTINCT ?part ?licence WHERE { ?part dct:license ?licence"
    " FILTER (isIRI(?part) && isIRI(?licence)) } ORDER BY ?part ?licence LIMIT 100"
)
_NOT_IN_A_GRAPH = "SELECT ?s WHERE { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } } LIMIT 1"
_IN_A_GRAPH_ALONE = "SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } } LIMIT 1"


@dataclass(frozen=True)
class Counts:
    """How much of what a release holds; `union` says whether its default graph is that of its graphs."""

    triples: int
    subjects: int
    objects: int
    graphs: dict[NamedNode, int]
    classes: dict[NamedNode, int]
    properties: dict[NamedNode, int]
    articles: tuple[NamedNode, ...]
    licences: tuple[tuple[NamedNode, NamedNode], ...]
    union: bool

    def of_class(self, term: NamedNode) -> int:
        """Return how many things are of a class."""
        return self.classes.get(term, 0)


def counts() -> Counts:
    """Count what the current release holds, once a release."""
    return _counts(engine(), engine().release())


def has_union_file(release: Release) -> bool:
    """Say whether a release comes with the union of its named graphs, stored as its default graph."""
    return (release.folder / "dump.nt").exists()


@lru_cache(maxsize=4)
def _counts(engine_: Engine, release: Release) -> Counts:
    triples = "?s ?p ?o" if release.folder.is_dir() else _EVERY

    def table(query: str, name: str) -> dict[NamedNode, int]:
        rows = engine_.rows(query)
        return {term: _number(row) for row in rows if isinstance(term := row.get(name), NamedNode)}

    def total(query: str) -> int:
        return _number(engine_.rows(query)[0])

    graphs = table(_GRAPHS, "g")
    articles = [row["article"] for row in engine_.rows(_ARTICLES)]
    licences = [(row["part"], row["licence"]) for row in engine_.rows(_LICENCES)]
    return Counts(
        total(f"SELECT (COUNT(*) AS ?n) WHERE {{ {triples} }}"),
        total(_SUBJECTS),
        total(_OBJECTS),
        graphs,
        table(_CLASSES, "class"),
        table(f"SELECT ?p (COUNT(*) AS ?n) WHERE {{ {triples} }} GROUP BY ?p ORDER BY ?p", "p"),
        tuple(article for article in articles if isinstance(article, NamedNode)),
        tuple((a, b) for a, b in licences if isinstance(a, NamedNode) and isinstance(b, NamedNode)),
        has_union_file(release) or (bool(graphs) and _is_union(engine_)),
    )


def _is_union(engine_: Engine) -> bool:
    return not engine_.rows(_NOT_IN_A_GRAPH) and not engine_.rows(_IN_A_GRAPH_ALONE)


def _number(row: Row) -> int:
    count = row["n"]
    assert isinstance(count, Literal)
    return int(count.value)
