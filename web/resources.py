"""Linked Data: /id → 303 → /doc, the ontology, the named graphs and the files, by content negotiation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request, send_file, url_for
from pyoxigraph import NamedNode, Quad
from werkzeug.wrappers import Response as AnyResponse

from web import document, jsonld
from web.answers import cached, engine, iris, link, refusal, wanted
from web.engine import BusyError, TooLargeError, TooLateError
from web.exports import EXPORTS, Export, asked
from web.formats import GRAPHS, HTML, Format, named
from web.ontologypage import ontology_page
from web.rdf import write
from web.retired import gone, retired
from web.thingpage import resource_page

blueprint = Blueprint("resources", __name__)

_ALL = (*GRAPHS, HTML)
# A client that prefers quads and takes triples too gets triples: its query looks at the default graph, and
# would find nothing in a document whose statements are all in named graphs (Comunica is one).
_QUADS = 0.5
_SUFFIXES = {format_.suffix: format_ for format_ in _ALL}


@blueprint.route("/id/<path:path>")
def thing(path: str) -> AnyResponse:
    """Send whoever asks for a thing to its document (Cool URIs for the Semantic Web, section 4.2)."""
    stem, fixed = _split("id/", path)
    if stem is None:
        return _unknown(f"id/{path}")
    this = NamedNode(f"{iris().base}id/{stem}")
    if said := retired(this):
        return gone(this, said, fixed if isinstance(fixed, Format) else None)
    address = url_for("resources.doc", path=path)
    if request.query_string:
        address += "?" + request.query_string.decode("latin-1")
    response = redirect(address, 303)
    response.headers["Vary"] = "Accept"
    return response


@blueprint.route("/doc/<path:path>")
def doc(path: str) -> Response:
    """Give what is known of a thing, as a page or in RDF, or in the words of another vocabulary."""
    stem, fixed = _split("id/", path)
    if stem is None:
        return _unknown(f"doc/{path}")
    this = NamedNode(f"{iris().base}id/{stem}")
    if said := retired(this):
        return gone(this, said, fixed if isinstance(fixed, Format) else None)
    export = asked(stem) if fixed is None else fixed
    if isinstance(export, Export):
        return _exported(this, stem, export, by_suffix=fixed is not None)
    response = _negotiated(
        f"doc/{stem}",
        fixed if isinstance(fixed, Format) else None,
        lambda: document.describe(this).quads(),
        lambda: resource_page(this),
    )
    for known in EXPORTS:
        if known.fits(stem):
            link(response, f"{_address('doc/' + stem)}.{known.suffix}", "alternate", known.content_type)
    link(response, this.value, "describes")
    return response


@blueprint.route("/graph/<path:path>")
def named_graph(path: str) -> Response:
    """Give a named graph, or a page about it."""
    stem, fixed = _split("graph/", path)
    if stem is None or isinstance(fixed, Export):
        return _unknown(f"graph/{path}")
    name = NamedNode(f"{iris().base}graph/{stem}")
    if said := retired(name):
        return gone(name, said, fixed)
    return _negotiated(f"graph/{stem}", fixed, lambda: document.graph(name), lambda: resource_page(name))


@blueprint.route("/ontology")
@blueprint.route("/ontology.<suffix>")
@blueprint.route("/ontology/<version>")
def ontology(suffix: str | None = None, version: str | None = None) -> Response:
    """Give the ontology with its concepts: they share a namespace, and so a document."""
    names = iris()
    if version is not None and not document.exists(NamedNode(f"{names.base}ontology/{quote(version)}")):
        return _unknown(f"ontology/{version}")
    return _vocabulary("ontology", suffix, (names.graph("ontology"), names.graph("concepts")), ontology_page)


@blueprint.route("/shapes")
@blueprint.route("/shapes.<suffix>")
def shapes(suffix: str | None = None) -> Response:
    """Give the shapes."""
    return _vocabulary("shapes", suffix, (iris().graph("shapes"),))


@blueprint.route("/alignments")
@blueprint.route("/alignments.<suffix>")
@blueprint.route("/alignments/<path:part>")
def alignments(suffix: str | None = None, part: str | None = None) -> Response:
    """Give the alignments with other vocabularies, whose parts are described with them."""
    if part is not None and not document.exists(NamedNode(f"{iris().base}alignments/{quote(part)}")):
        return _unknown(f"alignments/{part}")
    return _vocabulary("alignments", suffix, (iris().graph("alignments"),))


@blueprint.route("/.well-known/sparql-examples")
def sparql_examples() -> Response:
    """Give the example queries as data, where editors look for them."""
    name = iris().graph("examples")
    format_ = wanted(GRAPHS) or GRAPHS[0]
    return cached(
        f"examples-{format_.suffix}",
        lambda: write(document.graph(name), format_, iris()),
        format_.content_type,
    )


@blueprint.route("/context.jsonld")
def context() -> Response:
    """Give the JSON-LD context."""
    return cached("context", lambda: jsonld.context_text(iris()), "application/ld+json", vary=False)


@blueprint.route("/dump.<suffix>")
def dump(suffix: str) -> Response:
    """Give the whole dataset as N-Quads; or the union of its graphs as N-Triples, which is Turtle too."""
    files = {"nq": "dump.nq", "nt": "dump.nt", "ttl": "dump.nt"}
    release, format_ = engine().release(), named(GRAPHS, suffix)
    path = release.folder / files.get(suffix, "")
    if format_ is None or not path.is_file():
        return _unknown(f"dump.{suffix}")
    response = send_file(
        path.resolve(), mimetype=format_.media_type, conditional=True, etag=f"{release.id}-{suffix}"
    )
    response.headers["Content-Type"] = format_.content_type
    response.headers["Cache-Control"] = "no-cache"
    return response


def _split(space: str, path: str) -> tuple[str | None, Format | Export | None]:
    """Return the name of a resource that exists, and the format that a suffix fixes."""
    candidates: list[tuple[str, Format | Export | None]] = [
        (stem, export)
        for export in EXPORTS
        if (stem := path.removesuffix(f".{export.suffix}")) != path and export.fits(stem)
    ]
    stem, dot, suffix = path.rpartition(".")
    if dot and suffix in _SUFFIXES:
        candidates.append((stem, _SUFFIXES[suffix]))
    for name, format_ in [*candidates, (path, None)]:
        try:
            resource = NamedNode(f"{iris().base}{space}{name}")
        except ValueError:
            continue
        if document.exists(resource):
            return name, format_
    return None, None


def _vocabulary(
    path: str, suffix: str | None, graphs: tuple[NamedNode, ...], page: Callable[[], str] | None = None
) -> Response:
    fixed = named(_ALL, suffix) if suffix else None
    itself = NamedNode(iris().base + path)
    if (suffix and fixed is None) or not document.exists(itself):
        return _unknown(f"{path}.{suffix}" if suffix else path)
    return _negotiated(path, fixed, lambda: document.graph(*graphs), page or (lambda: resource_page(itself)))


def _negotiated(
    path: str,
    fixed: Format | None,
    quads: Callable[[], Iterable[Quad]],
    page: Callable[[], str],
) -> Response:
    format_ = fixed or wanted(_ALL, quads=_QUADS)
    if format_ is None:
        types = ", ".join(known.media_type for known in _ALL)
        return refusal(406, f"This is to be had as {types}.")

    def body() -> bytes | str:
        if format_ is HTML:
            return page()
        return write(quads(), format_, iris())

    response = cached(format_.suffix, body, format_.content_type, vary=fixed is None)
    if fixed is None:
        response.headers["Content-Location"] = f"{_address(path)}.{format_.suffix}"
    for known in _ALL:
        if known is not format_:
            link(response, f"{_address(path)}.{known.suffix}", "alternate", known.media_type)
    return response


def _exported(this: NamedNode, stem: str, export: Export, *, by_suffix: bool) -> Response:
    kind = export.suffix if by_suffix else f"{export.suffix}-profile"
    try:
        response = cached(
            kind, lambda: export.make(this, not by_suffix), export.content_type, vary=not by_suffix
        )
    except (BusyError, TooLateError, TooLargeError):
        response = refusal(503, "There is too much of this to be written now: ask for a part, or later.")
        response.headers["Retry-After"] = "5"
        return response
    if export.profile:
        link(response, export.profile, "profile")
    link(response, _address(f"doc/{stem}"), "alternate")
    link(response, this.value, "describes")
    return response


def _address(path: str) -> str:
    return f"{request.script_root}/{quote(path)}"


def _unknown(path: str) -> Response:
    return refusal(404, f"Nothing here is called {iris().base}{path}.")
