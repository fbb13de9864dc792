"""The data in the words of other vocabularies: a table of what there is, and who asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import request
from pyoxigraph import Literal, NamedNode, Quad
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from web import jsonld
from web.answers import FORMAT_PARAMETERS, engine, iris
from web.engine import Terms
from web.formats import TRIG
from web.rdf import write
from web.views import construct

_CONTEXTS = Path(__file__).parent / "contexts"
_ANNO = "http://www.w3.org/ns/anno.jsonld"
_NANOPUB = "http://www.nanopub.org/nschema#"
_ADDRESSES = "(hs:asserts|hs:denies|hs:challenges|hs:asksWhether|hs:addresses)"
# VALUES stands in each branch: outside, it would be joined with all that the branches match.
# Of an attribution, statement, claim or article: the attributions, the claims, the statement's readings.
_ATTRIBUTIONS = f"""
SELECT DISTINCT ?attribution WHERE {{
    {{ VALUES ?this {{}} ?this a hs:Attribution BIND (?this AS ?attribution) }}
    UNION {{ VALUES ?this {{}} ?attribution hs:inArticle ?this ; a hs:Attribution }}
    UNION {{ VALUES ?this {{}} ?attribution hs:reports ?this }}
    UNION {{ VALUES ?this {{}} ?attribution hs:reports/{_ADDRESSES} ?this }}
}}
ORDER BY ?attribution
"""
_CLAIMS = f"""
SELECT DISTINCT ?claim WHERE {{
    {{ VALUES ?this {{}} ?this a hs:Claim BIND (?this AS ?claim) }}
    UNION {{ VALUES ?this {{}} ?this {_ADDRESSES} ?claim }}
    UNION {{ VALUES ?this {{}} ?this hs:reports/{_ADDRESSES} ?claim }}
    UNION {{ VALUES ?this {{}} ?attribution hs:inArticle ?this ; hs:reports/{_ADDRESSES} ?claim }}
}}
ORDER BY ?claim
"""
_READINGS = """
SELECT DISTINCT ?reading WHERE {
    VALUES ?this {}
    GRAPH ?reading { ?reading a hs:Reading . ?this hs:madeBy ?who }
}
ORDER BY ?reading
"""
_STRING = "SELECT ?text WHERE { VALUES ?this {} ?this nif:isString ?text }"


@dataclass(frozen=True, kw_only=True)
class Export:
    """One way to give a thing in another's words; `kinds` are the first parts of the names it has it for.

    `make` takes the thing, and whether it was asked for by its profile; it raises what `Engine.run` raises.
    """

    suffix: str
    title: str
    content_type: str
    kinds: tuple[str, ...]
    make: Callable[[NamedNode, bool], bytes]
    profile: str = ""

    @property
    def media_type(self) -> str:
        """Return the media type without its parameters."""
        return self.content_type.partition(";")[0]

    def fits(self, stem: str) -> bool:
        """Say whether there is such an export of what has this name, such as `claim/russia-meddled`."""
        return stem.partition("/")[0] in self.kinds


def asked(stem: str) -> Export | None:
    """Return the export that a request asks for: by its suffix as a format, or by its profile in Accept."""
    fitting = [export for export in EXPORTS if export.fits(stem)]
    names = [value for name in FORMAT_PARAMETERS for value in request.args.getlist(name)]
    if names:
        return next((export for export in fitting if export.suffix in names), None)
    ranges = list(parse_accept_header(request.headers.get("Accept"), MIMEAccept))
    best = max((quality for _, quality in ranges), default=0.0)
    for text, quality in ranges:
        media_type, parameters = parse_options_header(text)
        profiles = parameters.get("profile", "").split()
        for export in fitting:
            if quality == best > 0 and media_type == export.media_type and export.profile in profiles:
                return export
    return None


def _annotations(this: NamedNode, profiled: bool) -> bytes:
    context = _context("anno")
    triples = construct("web-annotations", {"attribution": _subjects(_ATTRIBUTIONS, "attribution", this)})
    items = jsonld.nest(jsonld.compact(sorted(triples, key=str), context), context, ["Annotation"])
    address = _document(this, "anno.jsonld")
    page = {"id": f"{address}#page", "type": "AnnotationPage", "partOf": address, "startIndex": 0}
    return _json(
        {
            # The standard wants its own context by name (Web Annotation Data Model, section 3.1): who asks
            # by the profile knows it. Others get the same terms in full, to be read without the network.
            "@context": _ANNO if profiled else context,
            "id": address,
            "type": "AnnotationCollection",
            "label": f"Attributions of {this.value}",
            "total": len(items),
            "first": page | {"items": items},
        }
    )


def _schema(this: NamedNode, _profiled: bool) -> bytes:
    context = _context("schema")
    triples = construct("claims", {"claim": _subjects(_CLAIMS, "claim", this)})
    triples += construct("quotations", {"attribution": _subjects(_ATTRIBUTIONS, "attribution", this)})
    document = jsonld.compact(sorted(set(triples), key=str), context)
    return _json({"@context": context, "@graph": jsonld.nest(document, context, ["Claim", "Quotation"])})


def _nanopublications(this: NamedNode, _profiled: bool) -> bytes:
    quads, document = list[Quad](), _document(this, "nanopub.trig")
    for reading in _subjects(_READINGS, "reading", this):
        terms = {"statement": [this], "reading": [reading]}
        name = f"{document}#{reading.value.partition('/graph/reading/')[2]}"
        for part in ("head", "assertion", "provenance", "pubinfo"):
            graph = NamedNode(f"{name}-{part}")
            triples = construct(f"nanopublication-{part}", terms)
            quads += [Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]
    return write(quads, TRIG, iris(), prefixes={"np": _NANOPUB, "this": f"{document}#"})


def _text(this: NamedNode, _profiled: bool) -> bytes:
    words = (row["text"] for row in engine().rows(_STRING, {"this": [this]}))
    return "".join(word.value for word in words if isinstance(word, Literal)).encode()


def _subjects(query: str, name: str, this: NamedNode) -> list[NamedNode]:
    terms: Terms = {"this": [this]}
    return [node for row in engine().rows(query, terms) if isinstance(node := row[name], NamedNode)]


def _document(this: NamedNode, suffix: str) -> str:
    return f"{iris().base}doc/{this.value.removeprefix(f'{iris().base}id/')}.{suffix}"


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


@lru_cache(maxsize=4)
def _context(name: str) -> Mapping[str, Any]:
    context: dict[str, Any] = json.loads((_CONTEXTS / f"{name}.jsonld").read_text(encoding="utf-8"))
    found: Mapping[str, Any] = context["@context"]
    return found


EXPORTS = (
    Export(
        suffix="anno.jsonld",
        title="Web Annotations",
        content_type=f'application/ld+json; profile="{_ANNO}"',
        kinds=("article", "attribution", "claim", "statement"),
        make=_annotations,
        profile=_ANNO,
    ),
    Export(
        suffix="schema.jsonld",
        title="schema.org",
        content_type='application/ld+json; profile="https://schema.org/"',
        kinds=("article", "attribution", "claim", "statement"),
        make=_schema,
        profile="https://schema.org/",
    ),
    Export(
        suffix="nanopub.trig",
        title="nanopublication",
        content_type="application/trig",
        kinds=("statement",),
        make=_nanopublications,
        profile=_NANOPUB,
    ),
    Export(
        suffix="txt",
        title="plain text",
        content_type="text/plain; charset=utf-8",
        kinds=("text",),
        make=_text,
    ),
)
