"""The example queries, as the store holds them: so they fit whatever store is served."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from pyoxigraph import Literal, NamedNode

from web.answers import engine
from web.engine import Engine

_EXAMPLES = """
SELECT ?query ?title ?comment ?keyword ?text ?position WHERE {
    VALUES ?graph {}
    GRAPH ?graph {
        ?query a sh:SPARQLExecutable ;
            rdfs:comment ?comment ;
            sh:select|sh:ask|sh:construct ?text .
        OPTIONAL { ?query rdfs:label ?title }
        OPTIONAL { ?query schema:keywords ?keyword }
        OPTIONAL { ?query schema:position ?position }
    }
}
ORDER BY ?position ?query ?keyword
"""


@dataclass(frozen=True)
class Example:
    """An example query: its title, its question, what it is about, and its text."""

    slug: str
    iri: str
    title: str
    question: str
    keywords: tuple[str, ...]
    text: str


def examples() -> tuple[Example, ...]:
    """Return the example queries of the release, in their order."""
    release = engine().release()
    return _examples(engine(), release.id, f"{release.base}graph/examples")


def by_keyword() -> dict[str, list[Example]]:
    """Return the example queries under their first keyword, in the order in which those first occur."""
    groups: dict[str, list[Example]] = {}
    for example in examples():
        groups.setdefault(example.keywords[0] if example.keywords else "other", []).append(example)
    return groups


@lru_cache(maxsize=4)
def _examples(engine_: Engine, _release: str, graph: str) -> tuple[Example, ...]:
    found = []
    rows = engine_.rows(_EXAMPLES, {"graph": [NamedNode(graph)]})
    for query, group in groupby(rows, key=lambda row: row["query"]):
        if not isinstance(query, NamedNode):
            continue
        same = list(group)
        first = {name: term.value for name, term in same[0].items() if isinstance(term, Literal)}
        keywords = [term.value for row in same if isinstance(term := row.get("keyword"), Literal)]
        found.append(
            Example(
                query.value.rpartition("/")[2],
                query.value,
                first.get("title", first["comment"]),
                first["comment"],
                tuple(dict.fromkeys(keywords)),
                first["text"],
            )
        )
    return tuple(found)
