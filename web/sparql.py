"""The query operation of the SPARQL 1.1 Protocol, and nothing else."""

from __future__ import annotations

import time

from flask import Blueprint, Response, request

from web import guard
from web.answers import prefers_html, refusal, settings, wanted
from web.describe import service_description
from web.engine import Dataset
from web.formats import CSV, FOR_FORM, GRAPHS, HTML, RESULTS, Format
from web.operation import Operation, RequestError, operation
from web.queries import answer, whole_answer
from web.querypage import query_page

blueprint = Blueprint("sparql", __name__)

_METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
_PAGE_BYTES = 10_000_000


@blueprint.app_errorhandler(RequestError)
def refused(error: RequestError) -> Response:
    """Return the status and the sentence of a request that is not answered."""
    response = refusal(error.status, str(error))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


@blueprint.route("/sparql", methods=_METHODS, provide_automatic_options=False)
def endpoint() -> Response:
    """Answer a query, describe the service, or show the query page."""
    if request.method == "OPTIONS":
        return _options()
    asked = operation()
    return _bare(asked) if asked.text is None else _query(asked.text, asked)


def _options() -> Response:
    response = Response(status=204)
    response.headers["Allow"] = ", ".join(_METHODS)
    return response


def _bare(asked: Operation) -> Response:
    format_ = wanted((*GRAPHS, HTML), given=asked.formats) or GRAPHS[0]
    if format_ is HTML:
        return query_page()
    return service_description(format_)


def _query(text: str, asked: Operation) -> Response:
    try:
        query = guard.inspect(text, max_bytes=settings().max_query)
    except guard.RefusedError as error:
        if prefers_html():
            return query_page(text, error=str(error), status=400)
        raise RequestError(400, str(error)) from None
    # A text without a form is no query: the engine's parser says why.
    formats = FOR_FORM.get(query.form, RESULTS)
    if query.form == "SELECT" and "Accept" not in request.headers:
        # Who says nothing at all is pandas.read_csv(url).
        formats = (CSV, *formats)
    format_ = wanted((*formats, HTML), given=asked.formats) or formats[0]
    if format_ is HTML:
        return _page(query, formats[0], asked.dataset)
    return answer(query, format_, asked.dataset)


def _page(query: guard.Query, format_: Format, dataset: Dataset) -> Response:
    started = time.perf_counter()
    try:
        body = whole_answer(query, format_, dataset, max_bytes=_PAGE_BYTES)
    except RequestError as error:
        return query_page(query.text, error=str(error), status=error.status)
    return query_page(
        query.text, form=query.form, body=body, seconds=time.perf_counter() - started, dataset=dataset
    )
