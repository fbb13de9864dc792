"""Run one of the ontology's views over what is served: all of it, or a part."""

from __future__ import annotations

import time
from functools import lru_cache

from pyoxigraph import RdfFormat, Triple, parse

from kg.examples import read_example
from kg.iris import Iris
from kg.views import VIEWS
from web.answers import engine, iris, settings
from web.engine import Dataset, Terms, bind
from web.formats import N_TRIPLES
from web.guard import Query


def construct(view: str, terms: Terms) -> list[Triple]:
    """Return what a view constructs of some things: each name of `terms` is one of its variables.

    The view says where: `# VALUES ?name {}` stands in it as a comment, since an empty VALUES matches
    nothing and the view without it is a whole query. Raises what `Engine.run` raises.
    """
    text = _text(view, iris())
    for name in terms:
        text = text.replace(f"# VALUES ?{name} {{}}", f"VALUES ?{name} {{}}")
    query = Query(bind(text, terms), "CONSTRUCT")
    deadline = time.monotonic() + settings().query_timeout
    answer = b"".join(engine().run(query, N_TRIPLES, Dataset(), deadline=deadline))
    return [quad.triple for quad in parse(answer, format=RdfFormat.N_TRIPLES)]


@lru_cache(maxsize=32)
def _text(view: str, names: Iris) -> str:
    return read_example(VIEWS / f"{view}.rq", iris=names).text
