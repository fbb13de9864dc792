"""The ontology's documentation, from its own labels, definitions and examples."""

from __future__ import annotations

from operator import itemgetter

from flask import render_template
from pyoxigraph import Literal, NamedNode

from web.answers import engine, iris
from web.formats import GRAPHS
from web.terms import Labels

_TERMS = """
SELECT ?term ?kind ?label ?definition ?example ?super WHERE {
    VALUES ?graph {}
    GRAPH ?graph {
        ?term a ?kind ; skos:prefLabel ?label .
        OPTIONAL { ?term skos:definition ?definition }
        OPTIONAL { ?term skos:example ?example }
        OPTIONAL { ?term rdfs:subClassOf|rdfs:subPropertyOf ?super FILTER (isIRI(?super)) }
    }
}
ORDER BY ?term ?example
"""
_PROPERTIES = {"ObjectProperty", "DatatypeProperty", "AnnotationProperty"}
_HEAD = "SELECT ?title ?description ?version WHERE { VALUES ?o {} ?o dct:title ?title"
_HEAD += " OPTIONAL { ?o dct:description ?description } OPTIONAL { ?o owl:versionInfo ?version } } LIMIT 1"


def ontology_page() -> str:
    """Return the documentation of the ontology, from its own labels, definitions and examples."""
    names = iris()
    graphs = [names.graph("ontology"), names.graph("concepts")]
    rows = engine().rows(_TERMS, {"graph": graphs})
    terms: dict[NamedNode, dict[str, object]] = {}
    kinds: dict[NamedNode, set[str]] = {}
    labels = Labels([*(row.get("super") for row in rows), *(row["kind"] for row in rows)])
    for row in rows:
        term = row["term"]
        if not isinstance(term, NamedNode) or not term.value.startswith(f"{names.base}ontology#"):
            continue
        entry = terms.setdefault(term, {"name": term.value.rpartition("#")[2], "examples": {}, "supers": {}})
        kinds.setdefault(term, set()).add(str(row["kind"]).strip("<>").replace("#", "/").rpartition("/")[2])
        entry["label"] = row["label"].value if isinstance(row["label"], Literal) else ""
        for key in ("definition", "example", "super"):
            value = row.get(key)
            if key == "definition" and isinstance(value, Literal):
                entry["definition"] = value.value
            elif key == "example" and isinstance(value, Literal):
                entry["examples"] |= {value.value: True}  # type: ignore[operator]
            elif key == "super" and isinstance(value, NamedNode):
                entry["supers"] |= {value: labels.show(value)}  # type: ignore[operator]
    sections: dict[str, list[dict[str, object]]] = {"Classes": [], "Properties": [], "Concepts": []}
    for term, entry in terms.items():
        kind = kinds[term]
        sections["Classes" if "Class" in kind else "Properties" if _PROPERTIES & kind else "Concepts"].append(
            entry
        )
    head = engine().rows(_HEAD, {"o": [NamedNode(f"{names.base}ontology")]})
    return render_template(
        "ontology.html",
        head={key: value.value for row in head for key, value in row.items() if isinstance(value, Literal)},
        sections={name: sorted(found, key=itemgetter("name")) for name, found in sections.items() if found},
        namespace=f"{names.base}ontology#",
        formats=GRAPHS,
    )
