"""The page of one thing: what is said of it, what points to it, and its quoted words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request
from pyoxigraph import NamedNode, Quad

from web import quotations
from web.answers import iris
from web.document import describe
from web.engine import Term
from web.examples import examples
from web.exports import EXPORTS
from web.formats import GRAPHS
from web.terms import Labels, Shown

_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


@dataclass(frozen=True)
class Said:
    """One property, and what it links to: each value with a note where a reasoner concluded it."""

    predicate: Shown
    values: list[tuple[Shown, str]]


def resource_page(this: NamedNode) -> str:
    """Return the page of one thing: what is said of it, what points to it, and its quoted words."""
    found = describe(this)
    about = [quad.triple for quad in (*found.outgoing, *found.incoming)]
    names = Labels(term for triple in about for term in triple)
    outgoing = [quad for quad in found.outgoing if quad.subject == this]
    quoted = quotations.of_thing(this)
    quote_names = quotations.labels(quoted)
    types = {names[quad.object] for quad in outgoing if quad.predicate == _TYPE and not _concluded(quad)}
    example = next((e for e in examples() if e.iri == this.value), None)
    return render_template(
        "resource.html",
        title=names[this],
        this=names.show(this),
        iri=this.value,
        types=sorted(types),
        outgoing=_grouped([(quad, quad.object) for quad in outgoing], names),
        incoming=_grouped([(quad, quad.subject) for quad in found.incoming], names),
        spans=len({quad.subject for quad in found.outgoing}) - 1,
        complete=found.complete,
        quotations=[
            quotations.entry(quotation, quote_names) for quotation in quoted[: quotations.MAX_QUOTATIONS]
        ],
        more=len(quoted) > quotations.MAX_QUOTATIONS,
        example=example,
        formats=GRAPHS,
        exports=[export for export in EXPORTS if export.fits(this.value.removeprefix(f"{iris().base}id/"))],
        path=_path(this),
        article=this.value.rpartition("/")[2] if this.value.startswith(f"{iris().base}id/article/") else None,
    )


def _path(this: NamedNode) -> str:
    path = this.value.removeprefix(iris().base)
    return f"{request.script_root}/" + ("doc/" + path.removeprefix("id/") if path.startswith("id/") else path)


def _concluded(quad: Quad) -> str:
    graph = str(quad.graph_name)
    return next((word for word in ("inferred", "judgements") if f"/graph/{word}/" in graph), "")


def _grouped(pairs: list[tuple[Quad, Term]], names: Labels) -> list[Said]:
    groups: dict[NamedNode, dict[Term, str]] = {}
    for quad, value in pairs:
        values = groups.setdefault(quad.predicate, {})
        note = {"inferred": "inferred", "judgements": "judged"}.get(_concluded(quad), "")
        # What is both said and concluded is said.
        values[value] = note if value not in values else min(note, values[value])
    said = [
        Said(
            names.show_property(predicate),
            sorted(
                ((names.show(value), note) for value, note in values.items()),
                key=lambda pair: (pair[1], pair[0].text),
            ),
        )
        for predicate, values in groups.items()
    ]
    return sorted(said, key=lambda group: (group.predicate.title != "rdf:type", group.predicate.text))
