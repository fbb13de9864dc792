"""The web application: a SPARQL endpoint, Linked Data, and pages for people, over one store."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from kg.settings import Settings
from kg.views import VIEWS
from web.answers import ENGINE, SETTINGS, VERSION, refusal
from web.compression import compress
from web.describe import blueprint as describe
from web.engine import Engine, UnavailableError
from web.engines import make_engine
from web.graphstore import blueprint as graphstore
from web.metrics import METRICS, Metrics
from web.metrics import blueprint as metrics
from web.pages import blueprint as pages
from web.resources import blueprint as resources
from web.sparql import blueprint as sparql

_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Encoding, Content-Location, ETag, Link, Location, Retry-After",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def create_app(settings: Settings | None = None, *, engine: Engine | None = None) -> Flask:
    """Make the WSGI application that serves a store; an engine may stand in for the settings' own."""
    settings = settings or Settings.from_environment()
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.strict_slashes = False
    # A form's query is percent-encoded: up to three bytes for each of its own.
    app.config["MAX_CONTENT_LENGTH"] = 3 * settings.max_query + 16_384
    app.extensions[SETTINGS] = settings
    app.extensions[ENGINE] = engine or make_engine(settings)
    app.extensions[VERSION] = _version()
    app.extensions[METRICS] = Metrics()
    for part in (sparql, graphstore, resources, describe, metrics, pages):
        app.register_blueprint(part)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(UnavailableError, _unavailable)
    app.after_request(_headers)
    app.after_request(compress)
    return app


def _headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.method == "OPTIONS":
        # What a browser asks before a script of another site may send a query or an entity tag.
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _refused(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response(request.environ)  # type: ignore[return-value]
    response = refusal(error.code, error.description or error.name)
    for name, value in error.get_headers(request.environ):
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _unavailable(error: UnavailableError) -> Response:
    response = refusal(503, f"There is nothing to serve: {error}.")
    response.headers["Retry-After"] = "5"
    return response


def _version() -> str:
    """Return a hash of this package and the views, so that an ETag changes with what writes the answer."""
    digest = hashlib.sha256()
    for path in sorted([*Path(__file__).parent.rglob("*"), *VIEWS.glob("*")]):
        if path.suffix in (".py", ".html", ".css", ".jsonld", ".rq"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]
