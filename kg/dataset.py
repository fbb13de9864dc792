"""The dataset of a query: the graphs that a request or the query itself names, merged as the standard says.

Oxigraph answers a triple twice that stands in two of a query's default graphs. SPARQL 1.1 (section 13.1)
and its Protocol (section 2.1.4) want their RDF merge, in which a triple stands once. Where the graphs
share no triple the two are the same, and the store answers; else the graphs are copied to a store of
their own, which costs some microseconds a triple and is bounded by what bounds the query.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, Store

_COUNTS = "SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT *) AS ?distinct) { ?s ?p ?o }"


def merged(store: Store, default: Sequence[NamedNode], named: Sequence[NamedNode]) -> Store | None:
    """Return a store of just these graphs whose default graph holds each triple once.

    Returns None where the graphs of `default` share no triple, so that the store itself will do.
    """
    graphs = list(dict.fromkeys(default))
    if len(graphs) < 2 or not _overlap(store, graphs):
        return None
    copy = Store()
    copy.bulk_extend(_quads(store, graphs, list(dict.fromkeys(named))))
    return copy


def _overlap(store: Store, graphs: list[NamedNode]) -> bool:
    rows = store.query(_COUNTS, default_graph=[*graphs])
    assert isinstance(rows, QuerySolutions)
    row = next(rows)
    return bool(row["triples"] != row["distinct"])


def _quads(store: Store, default: list[NamedNode], named: list[NamedNode]) -> Iterator[Quad]:
    for graph in default:
        for quad in store.quads_for_pattern(None, None, None, graph):
            yield Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())
    for graph in named:
        yield from store.quads_for_pattern(None, None, None, graph)
