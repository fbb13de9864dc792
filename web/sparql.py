"""The query operation of the SPARQL 1.1 Protocol, and nothing else."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from kg.query import QueryError
from web import guard
from web.answers import FORMAT_PARAMETERS, cached, engine, prefers_html, refusal, settings, wanted
from web.describe import service_description
from web.engine import BusyError, Dataset, TooLargeError, TooLateError
from web.examples import examples
from web.formats import FOR_FORM, GRAPHS, HTML, RESULTS, Format
from web.querypage import query_page

blueprint = Blueprint("sparql", __name__)

_METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_MAX_FIELDS = 100
# A query with these answers anew each time, so an entity tag would lie.
_FLEETING = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID)\s*\(", re.IGNORECASE)


class RequestError(Exception):
    """A request that is not answered: a status, a sentence, and the seconds after which to come back."""

    def __init__(self, status: int, sentence: str, *, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True)
class Operation:
    """A request of the protocol, wherever its parts stood."""

    text: str | None
    dataset: Dataset
    formats: tuple[str, ...]


@blueprint.route("/sparql", methods=_METHODS, provide_automatic_options=False)
def endpoint() -> Response:
    """Answer a query, describe the service, or show the query page."""
    if request.method == "OPTIONS":
        return _options()
    try:
        operation = _operation()
        return _bare(operation) if operation.text is None else _query(operation.text, operation)
    except RequestError as error:
        response = refusal(error.status, str(error))
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        return response


def _options() -> Response:
    response = Response(status=204)
    response.headers["Allow"] = ", ".join(_METHODS)
    return response


def _operation() -> Operation:
    fields = _fields(request.query_string, "URL")
    if request.method == "POST":
        kind = request.mimetype
        if kind == _UPDATE:
            raise RequestError(403, guard.READ_ONLY)
        if kind not in (_FORM, _QUERY):
            raise RequestError(415, f"A POST holds a query as {_QUERY}, or a form as {_FORM}.")
        if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            raise RequestError(415, "A query is sent in UTF-8.")
        body = request.get_data()
        fields += _fields(body, "form") if kind == _FORM else [("query", _decoded(body, "query"))]
    values = {name: [value for key, value in fields if key == name] for name, _ in fields}
    queries = values.get("query", [])
    if "update" in values:
        raise RequestError(403, guard.READ_ONLY)
    if len(queries) > 1:
        raise RequestError(400, f"The request has {len(queries)} queries, and one is answered at a time.")
    if not queries and request.method == "POST":
        raise RequestError(400, "The request has no query: send it as the form's field “query”.")
    if not queries and "example" in values:
        queries = [_example(values["example"][0])]
    dataset = Dataset(_graphs(values, "default-graph-uri"), _graphs(values, "named-graph-uri"))
    formats = tuple(value for name in FORMAT_PARAMETERS for value in values.get(name, ()))
    return Operation(queries[0] if queries else None, dataset, formats)


def _fields(text: bytes, place: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            text.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except UnicodeDecodeError:
        raise RequestError(400, f"The {place} is not in UTF-8.") from None
    except ValueError:
        raise RequestError(400, f"The {place} has more than {_MAX_FIELDS} fields.") from None


def _decoded(body: bytes, what: str) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError(400, f"The {what} is not in UTF-8.") from None


def _graphs(values: dict[str, list[str]], name: str) -> tuple[str, ...]:
    for iri in values.get(name, ()):
        try:
            NamedNode(iri)
        except ValueError:
            raise RequestError(400, f"The {name} “{iri}” is not an absolute IRI.") from None
    return tuple(values.get(name, ()))


def _example(slug: str) -> str:
    for example in examples():
        if example.slug == slug:
            return example.text
    raise RequestError(404, f"There is no example query “{slug}”.")


def _bare(operation: Operation) -> Response:
    format_ = wanted((*GRAPHS, HTML), given=operation.formats) or GRAPHS[0]
    if format_ is HTML:
        return query_page()
    return service_description(format_)


def _query(text: str, operation: Operation) -> Response:
    try:
        query = guard.inspect(text, max_bytes=settings().max_query)
    except guard.RefusedError as error:
        if prefers_html():
            return query_page(text, error=str(error), status=400)
        raise RequestError(400, str(error)) from None
    # A text without a form is no query: the engine's parser says why.
    formats = FOR_FORM.get(query.form, RESULTS)
    format_ = wanted((*formats, HTML), given=operation.formats) or formats[0]
    if format_ is HTML:
        return _page(query, formats[0], operation.dataset)
    if request.method == "POST" or _FLEETING.search(text):
        response = Response(_run(query, format_, operation.dataset), content_type=format_.content_type)
        response.headers["Vary"] = "Accept"
        response.headers["Cache-Control"] = "no-store"
        return response
    return cached(
        format_.suffix, lambda: _run(query, format_, operation.dataset), content_type=format_.content_type
    )


def _page(query: guard.Query, format_: Format, dataset: Dataset) -> Response:
    started = time.perf_counter()
    try:
        body = _run(query, format_, dataset)
    except RequestError as error:
        return query_page(query.text, error=str(error), status=error.status)
    return query_page(
        query.text, form=query.form, body=body, seconds=time.perf_counter() - started, dataset=dataset
    )


def _run(query: guard.Query, format_: Format, dataset: Dataset) -> bytes:
    seconds = settings().query_timeout
    try:
        return engine().run(query, format_, dataset, deadline=time.monotonic() + seconds)
    except QueryError as error:
        raise RequestError(400, _sentence(str(error))) from None
    except TooLateError:
        sentence = f"The query was given up after {seconds:g} seconds: ask for less, or add a LIMIT."
        raise RequestError(504, sentence) from None
    except TooLargeError:
        limit = settings().max_results
        raise RequestError(413, f"The result is larger than {limit:,} bytes: add a LIMIT.") from None
    except BusyError:
        raise RequestError(503, "Too many queries are running: try again shortly.", retry_after=2) from None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
