"""What every answer needs: the engine, the negotiated format, entity tags, and refusals in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import cast
from urllib.parse import quote

from flask import Response, current_app, make_response, render_template, request

from kg.iris import Iris
from kg.settings import Settings
from web.compression import known_tag
from web.engine import Engine
from web.formats import HTML, PROBLEM, TEXT, Format, named, negotiate
from web.streams import send

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


def wanted(formats: Sequence[Format], *, given: Sequence[str] = (), quads: float = 1.0) -> Format | None:
    """Return the format that a request wants: by parameter, else by Accept; None if it accepts none.

    A parameter that names no format of these is passed over: clients send one set of parameters with
    every form of query.
    """
    names = [*given, *(value for name in FORMAT_PARAMETERS for value in request.args.getlist(name))]
    for name in names:
        if format_ := named(formats, name):
            return format_
    return negotiate(formats, request.headers.get("Accept"), quads=quads)


def prefers_html() -> bool:
    """Say whether the client would rather read HTML than anything else, as browsers do."""
    accepted = request.accept_mimetypes
    best = max((quality for _, quality in accepted), default=0.0)
    html = negotiate((TEXT, HTML), request.headers.get("Accept")) is HTML
    return html and max(accepted["text/html"], accepted["application/xhtml+xml"]) >= best


def refusal(status: int, sentence: str) -> Response:
    """Return an error: one sentence of plain text, a page with it for a browser, or a problem (RFC 9457).

    The problem is for who asks for `application/problem+json` by name.
    """
    if prefers_html():
        response = make_response(render_template("refusal.html", status=status, sentence=sentence), status)
    elif negotiate((TEXT, PROBLEM), request.headers.get("Accept")) is PROBLEM:
        problem = {"title": HTTPStatus(status).phrase, "status": status, "detail": sentence.rstrip()}
        text = json.dumps(problem, ensure_ascii=False)
        response = Response(text, status, content_type=PROBLEM.content_type)
    else:
        response = Response(sentence.rstrip() + "\n", status, content_type=TEXT.content_type)
    return no_store(response)


def no_store(response: Response) -> Response:
    """Return a response marked as good for this request alone."""
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-store"
    return response


def cached(
    kind: str, body: Callable[[], bytes | str | Iterator[bytes]], content_type: str, *, vary: bool = True
) -> Response:
    """Return a body with the entity tag of its release and kind, or 304 without making the body.

    The tag stands for the URL as well, since tags are compared per URL (RFC 9110, section 8.8.3). A body
    in chunks is sent as it comes.
    """
    release = engine().release()
    tag = f"{release.id}-{current_app.extensions[VERSION]}-{kind}"
    response = Response(content_type=content_type)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    if vary:
        response.headers["Vary"] = "Accept"
    if known := known_tag(tag):
        response.set_etag(known)
        response.status_code = 304
        return response
    made = body()
    if isinstance(made, bytes | str):
        response.set_data(made)
    else:
        send(response, made)
    if engine().release() != release:
        # A new release came in between: what was made may be of both.
        del response.headers["ETag"]
    return response


def link(response: Response, target: str, relation: str, content_type: str = "") -> None:
    """Add a link to a response: to a path of this host or an IRI, whose characters are escaped (RFC 8288)."""
    kind = '; type="{}"'.format(content_type.replace('"', '\\"')) if content_type else ""
    links = [*response.headers.getlist("Link"), f'<{quote(target, safe=":/#?=&%")}>; rel="{relation}"{kind}']
    response.headers["Link"] = ", ".join(links)
