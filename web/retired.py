"""IRIs that are no longer used: 410 Gone, with what replaced them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from flask import Response, render_template
from pyoxigraph import NamedNode, Quad

from kg.iris import PREFIXES
from web.answers import engine, iris, link, refusal, wanted
from web.document import graph
from web.engine import Engine
from web.formats import GRAPHS, HTML, Format
from web.rdf import write
from web.terms import Labels

_DEPRECATED = NamedNode(PREFIXES["owl"] + "deprecated")
_REPLACED = NamedNode(PREFIXES["dct"] + "isReplacedBy")


def retired(this: NamedNode) -> list[Quad]:
    """Return what is said of a retired IRI; nothing of one that is in use."""
    return list(_all(engine(), engine().release().id).get(this, ()))


def gone(this: NamedNode, said: list[Quad], fixed: Format | None) -> Response:
    """Answer for a retired IRI: in RDF, as a page, or in one sentence (RFC 9110, section 15.5.11)."""
    found = [quad.object for quad in said if quad.predicate == _REPLACED]
    replacements = [term for term in found if isinstance(term, NamedNode)]
    format_ = fixed or wanted((*GRAPHS, HTML))
    names = " and ".join(term.value for term in replacements)
    sentence = f"{this.value} is no longer used" + (f": see {names}." if names else ".")
    if format_ is None:
        response = refusal(410, sentence)
    elif format_ is HTML:
        labels = Labels(replacements)
        page = render_template("retired.html", iri=this.value, replacements=map(labels.show, replacements))
        response = Response(page, 410, content_type=HTML.content_type)
    else:
        response = Response(write(said, format_, iris()), 410, content_type=format_.content_type)
    response.headers["Cache-Control"] = "no-cache"
    if fixed is None:
        response.headers["Vary"] = "Accept"
    for term in replacements:
        link(response, term.value, "successor-version")  # RFC 5829, section 3.3
    return response


@lru_cache(maxsize=2)
def _all(_engine: Engine, _release: str) -> Mapping[NamedNode, list[Quad]]:
    table: dict[NamedNode, list[Quad]] = defaultdict(list)
    for quad in graph(iris().graph("retired")):
        if isinstance(quad.subject, NamedNode):
            table[quad.subject].append(quad)
    return {this: said for this, said in table.items() if any(q.predicate == _DEPRECATED for q in said)}
