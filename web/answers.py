"""What every answer needs: the engine, the negotiated format, entity tags, and refusals in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from flask import Response, current_app, make_response, render_template, request

from kg.iris import Iris
from kg.settings import Settings
from web.engine import Engine
from web.formats import HTML, Format, named, negotiate

ENGINE, SETTINGS, VERSION = "hearsay.engine", "hearsay.settings", "hearsay.version"
FORMAT_PARAMETERS = ("format", "output", "results")


def engine() -> Engine:
    """Return the application's engine."""
    return cast(Engine, current_app.extensions[ENGINE])


def settings() -> Settings:
    """Return the application's settings."""
    return cast(Settings, current_app.extensions[SETTINGS])


def iris() -> Iris:
    """Return the IRIs of the base that the release was built with."""
    return Iris(engine().release().base)


def wanted(formats: Sequence[Format], *, given: Sequence[str] = ()) -> Format | None:
    """Return the format that a request wants: by parameter, else by Accept; None if it accepts none.

    A parameter that names no format of these is passed over: clients send one set of parameters with
    every form of query.
    """
    names = [*given, *(value for name in FORMAT_PARAMETERS for value in request.args.getlist(name))]
    for name in names:
        if format_ := named(formats, name):
            return format_
    return negotiate(formats, request.headers.get("Accept"))


def prefers_html() -> bool:
    """Say whether the client would rather read HTML than plain text, as browsers do."""
    plain = Format(media_type="text/plain", suffix="txt", title="text")
    return negotiate((plain, HTML), request.headers.get("Accept")) is HTML


def refusal(status: int, sentence: str) -> Response:
    """Return an error: one sentence of plain text, or a page with it for a browser."""
    if prefers_html():
        response = make_response(render_template("refusal.html", status=status, sentence=sentence), status)
    else:
        response = Response(sentence.rstrip() + "\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-store"
    return response


def cached(kind: str, body: Callable[[], bytes | str], content_type: str, *, vary: bool = True) -> Response:
    """Return a body with the entity tag of its release and kind, or 304 without making the body.

    The tag stands for the URL as well, since tags are compared per URL (RFC 9110, section 8.8.3).
    """
    release = engine().release()
    tag = f"{release.id}-{current_app.extensions[VERSION]}-{kind}"
    response = Response(content_type=content_type)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    if vary:
        response.headers["Vary"] = "Accept"
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
        return response
    response.set_data(body())
    if engine().release() != release:
        # A new release came in between: what was made may be of both.
        del response.headers["ETag"]
    return response
