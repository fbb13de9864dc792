"""The pages that begin something: home, and an article with its attributions marked."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, send_from_directory
from pyoxigraph import Literal, NamedNode

from web import quotations
from web.answers import cached, engine, iris, refusal
from web.counts import counts, has_union_file
from web.examples import by_keyword
from web.formats import HTML
from web.terms import Labels

blueprint = Blueprint("pages", __name__)

_COUNTED = ("Article", "Reading", "Statement", "Claim", "Actor", "Attribution")
_READINGS = """
SELECT ?reading WHERE { VALUES ?article {} ?reading hs:readsArticle ?article }
ORDER BY ?reading
"""
_SEGMENTS = """
SELECT ?segment ?kind ?number ?text ?status WHERE {
    VALUES ?reading {}
    GRAPH ?reading {
        ?segment a ?kind ; hs:segmentNumber ?number ; hs:hasExtent/nif:anchorOf ?text .
        OPTIONAL { ?segment hs:annotationStatus ?status }
    }
}
ORDER BY ?number
"""


@blueprint.route("/")
def home() -> Response:
    """Say what this is, what is in it, and the ways in."""

    def page() -> str:
        total, names = counts(), iris()
        labels = Labels(total.articles)
        return render_template(
            "home.html",
            counts=[(name, total.of_class(names.term(name))) for name in _COUNTED],
            triples=total.triples,
            articles=[(labels[article], article.value.rpartition("/")[2]) for article in total.articles],
            groups=by_keyword(),
            release=engine().release(),
            dump=engine().release().dump.exists(),
            union=has_union_file(engine().release()),
            root=request.url_root,
        )

    return cached("home", page, HTML.content_type)


@blueprint.route("/article/<slug>")
def article(slug: str) -> Response:
    """Show an article's text with its attributions marked."""
    this = iris().article(quote(slug))
    rows = engine().rows(_READINGS, {"article": [this]})
    readings = {
        node.value.rpartition("/")[2]: node for row in rows if isinstance(node := row["reading"], NamedNode)
    }
    reading = request.args.get("reading", next(iter(readings), ""))
    if reading not in readings:
        return refusal(404, f"There is no such reading of an article “{slug}”.")
    return cached("article", lambda: _article(this, reading, readings), HTML.content_type)


def _article(this: NamedNode, reading: str, readings: Mapping[str, NamedNode]) -> str:
    quoted = quotations.of_reading(readings[reading])
    segments = engine().rows(_SEGMENTS, {"reading": [readings[reading]]})
    names = quotations.labels(quoted)
    kinds = Labels([*(row["kind"] for row in segments), *(row.get("status") for row in segments), this])
    shown = []
    for row in segments:
        here = [quotation for quotation in quoted if quotation.segment == row["segment"]]
        text = row["text"]
        assert isinstance(text, Literal)
        shown.append(
            {
                "id": str(row["segment"]).rpartition("-")[2].rstrip(">"),
                "segment": kinds.show(row["segment"]),
                "kind": kinds[row["kind"]],
                "class": kinds.show(row["kind"]).title,
                "partial": "Partial" in str(row.get("status")),
                "pieces": quotations.cut(text.value, [span for q in here for span in q.spans]),
                "quotations": [quotations.entry(quotation, names) for quotation in here],
            }
        )
    return render_template(
        "article.html",
        title=kinds[this],
        article=kinds.show(this),
        slug=this.value.rpartition("/")[2],
        segments=shown,
        reading=reading,
        readings=list(readings),
        statements=len({quotation.statement for quotation in quoted}),
        attributions=len(quoted),
    )


@blueprint.route("/favicon.ico")
def favicon() -> Response:
    """Give the icon to browsers that ask for it by its old name."""
    return send_from_directory(f"{blueprint.root_path}/static", "favicon.svg", mimetype="image/svg+xml")
