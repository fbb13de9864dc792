"""Reading graphs over HTTP: the GET and HEAD of the SPARQL 1.1 Graph Store HTTP Protocol.

`/graph-store?graph=IRI` and `/graph-store?default` name a graph indirectly (section 4.2). Graphs whose
IRIs begin with this service's base are also to be had at those IRIs (section 4.1, `/graph/…`).
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from web.answers import engine, no_store, refusal, wanted
from web.engine import Dataset
from web.formats import GRAPHS
from web.guard import Query
from web.operation import RequestError, graph_iri, url_fields
from web.queries import answer

blueprint = Blueprint("graphstore", __name__)

_READ_ONLY = "This graph store is read-only: it answers GET and HEAD."
_HOW = "Name one graph: /graph-store?graph=<its IRI, percent-encoded>, or /graph-store?default."
_EXISTS = "SELECT ?g WHERE { VALUES ?g {} GRAPH ?g { ?s ?p ?o } } LIMIT 1"
_READS = ["GET", "HEAD", "OPTIONS"]
_WRITES = ["POST", "PUT", "DELETE", "PATCH"]


@blueprint.route("/graph-store", methods=[*_READS, *_WRITES], provide_automatic_options=False)
def graph_store() -> Response:
    """Give the graph that the request names."""
    if request.method not in ("GET", "HEAD"):
        writes = request.method in _WRITES
        response = no_store(refusal(405, _READ_ONLY) if writes else Response(status=204))
        response.headers["Allow"] = ", ".join(_READS)
        return response
    name = _named()
    if name is not None and not engine().rows(_EXISTS, {"g": [name]}):
        raise RequestError(404, f"There is no graph <{name.value}> here.")
    format_ = wanted(GRAPHS)
    if format_ is None:
        raise RequestError(406, f"A graph is to be had as {', '.join(known.media_type for known in GRAPHS)}.")
    pattern = "?s ?p ?o" if name is None else f"GRAPH {name} {{ ?s ?p ?o }}"
    text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"
    return answer(Query(text, "CONSTRUCT"), format_, Dataset())


def _named() -> NamedNode | None:
    """Return the graph that is asked for, or None for the default graph; raise RequestError."""
    fields = url_fields()
    graphs = [value for name, value in fields if name == "graph"]
    default = any(name == "default" for name, _ in fields)
    if len(graphs) + default != 1:
        raise RequestError(400, _HOW)
    return None if default else graph_iri(graphs[0], "graph")
