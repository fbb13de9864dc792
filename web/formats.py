"""Media types and their serializers: one table for results, one for graphs, and the choice among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import QueryResultsFormat, RdfFormat
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header


@dataclass(frozen=True, kw_only=True)
class Format:
    """One media type: how clients may ask for it, and what writes it."""

    media_type: str
    suffix: str
    title: str
    names: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    writer: QueryResultsFormat | RdfFormat | None = None
    quads: bool = False

    @property
    def content_type(self) -> str:
        """Return the Content-Type header: text types say that they are UTF-8."""
        charset = "; charset=utf-8" if self.media_type.startswith("text/") else ""
        return self.media_type + charset


JSON = Format(
    media_type="application/sparql-results+json",
    suffix="json",
    title="JSON",
    names=("json", "srj"),
    aliases=("application/json", "text/json", "text/javascript", "application/javascript"),
    writer=QueryResultsFormat.JSON,
)
XML = Format(
    media_type="application/sparql-results+xml",
    suffix="xml",
    title="XML",
    names=("xml", "srx"),
    aliases=("application/xml", "text/xml"),
    writer=QueryResultsFormat.XML,
)
CSV = Format(media_type="text/csv", suffix="csv", title="CSV", names=("csv",), writer=QueryResultsFormat.CSV)
TSV = Format(
    media_type="text/tab-separated-values",
    suffix="tsv",
    title="TSV",
    names=("tsv",),
    writer=QueryResultsFormat.TSV,
)

TURTLE = Format(
    media_type="text/turtle",
    suffix="ttl",
    title="Turtle",
    names=("turtle", "ttl", "n3"),
    aliases=(
        "application/turtle",
        "application/x-turtle",
        "text/n3",
        "text/rdf+n3",
        "application/rdf+n3",
    ),
    writer=RdfFormat.TURTLE,
)
N_TRIPLES = Format(
    media_type="application/n-triples",
    suffix="nt",
    title="N-Triples",
    names=("ntriples", "n-triples", "nt"),
    aliases=("text/plain",),
    writer=RdfFormat.N_TRIPLES,
)
JSON_LD = Format(
    media_type="application/ld+json",
    suffix="jsonld",
    title="JSON-LD",
    names=("jsonld", "json-ld", "json"),
    aliases=("application/json", "text/json"),
    writer=RdfFormat.JSON_LD,
)
RDF_XML = Format(
    media_type="application/rdf+xml",
    suffix="rdf",
    title="RDF/XML",
    names=("rdfxml", "rdf+xml", "rdf", "xml", "owl"),
    aliases=("application/xml", "text/xml", "text/rdf"),
    writer=RdfFormat.RDF_XML,
)
TRIG = Format(
    media_type="application/trig",
    suffix="trig",
    title="TriG",
    names=("trig",),
    aliases=("application/x-trig",),
    writer=RdfFormat.TRIG,
    quads=True,
)
N_QUADS = Format(
    media_type="application/n-quads",
    suffix="nq",
    title="N-Quads",
    names=("nquads", "n-quads", "nq"),
    aliases=("text/x-nquads",),
    writer=RdfFormat.N_QUADS,
    quads=True,
)

HTML = Format(
    media_type="text/html",
    suffix="html",
    title="HTML",
    names=("html",),
    aliases=("application/xhtml+xml",),
)
# What an error is written in.
TEXT = Format(media_type="text/plain", suffix="txt", title="text")
PROBLEM = Format(media_type="application/problem+json", suffix="json", title="problem details")

# The order is the server's preference: the first is what a client gets that expresses none.
RESULTS = (JSON, XML, CSV, TSV)
GRAPHS = (TURTLE, N_TRIPLES, JSON_LD, RDF_XML, TRIG, N_QUADS)
FOR_FORM: Mapping[str, tuple[Format, ...]] = {
    "SELECT": RESULTS,
    "ASK": RESULTS,
    "CONSTRUCT": GRAPHS,
    "DESCRIBE": GRAPHS,
}


def named(formats: Iterable[Format], name: str) -> Format | None:
    """Return the format that a short name, a suffix or a media type means; parameters are ignored.

    >>> named(RESULTS, "text/csv;header=present").title
    'CSV'
    """
    # An unescaped "+" in a query string arrives as a space: `application/rdf xml`.
    wanted = name.partition(";")[0].strip().lower().replace(" ", "+")
    for format_ in formats:
        if wanted in (format_.media_type, format_.suffix, *format_.names, *format_.aliases):
            return format_
    return None


def negotiate(formats: Sequence[Format], accept: str | None, *, quads: float = 1.0) -> Format | None:
    """Return the format that an Accept header rates highest, or None if it accepts none of them.

    Media type parameters are ignored; the more specific range decides, then the order of `formats`
    (RFC 9110, section 12.5.1). No header, or an empty one, accepts the first. The qualities of formats
    with named graphs are multiplied by `quads`, the server's own judgement (RFC 2295, section 4.2).

    >>> negotiate((TURTLE, HTML), "application/n-quads, text/turtle;q=0.6, text/html;q=0.2").title
    'Turtle'
    """
    if accept is None or not accept.strip():
        return formats[0]
    ranges: dict[str, float] = {}
    for text, quality in parse_accept_header(accept, MIMEAccept):
        range_ = text.partition(";")[0].strip().lower()
        ranges[range_] = max(quality, ranges.get(range_, 0.0))
    scores = [_score(format_, ranges, quads if format_.quads else 1.0) for format_ in formats]
    best = max(scores)
    return formats[scores.index(best)] if best[0] > 0 else None


def _score(format_: Format, ranges: Mapping[str, float], factor: float) -> tuple[float, int]:
    """Return the quality of a format, and how specifically it was asked for."""
    exact = [ranges[name] for name in (format_.media_type, *format_.aliases) if name in ranges]
    if exact:
        return factor * max(exact), 2
    main_type = format_.media_type.partition("/")[0] + "/*"
    if main_type in ranges:
        return factor * ranges[main_type], 1
    return factor * ranges.get("*/*", 0.0), 0
