"""The query page: a form, the examples, and the answer to a query, without a script."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, make_response, render_template, url_for
from pyoxigraph import QueryBoolean, QueryResultsFormat, parse_query_results

from web.engine import Dataset
from web.examples import by_keyword, examples
from web.formats import FOR_FORM
from web.terms import Labels

MAX_ROWS = 1000


def query_page(
    text: str = "",
    *,
    form: str = "",
    body: bytes | None = None,
    error: str | None = None,
    status: int = 200,
    seconds: float = 0.0,
    dataset: Dataset | None = None,
) -> Response:
    """Return the query page, with the answer to a query if there is one."""
    result: dict[str, object] = {}
    if body is not None and form in ("CONSTRUCT", "DESCRIBE"):
        result = {"turtle": body.decode()}
    elif body is not None:
        result = _table(body)
    fields = [("query", text)]
    if dataset:
        fields += [("default-graph-uri", graph) for graph in dataset.default]
        fields += [("named-graph-uri", graph) for graph in dataset.named]
    downloads = [
        (format_.title, f"{url_for('sparql.endpoint')}?{urlencode([*fields, ('format', format_.suffix)])}")
        for format_ in FOR_FORM.get(form, ())
    ]
    page = render_template(
        "query.html",
        text=text,
        form=form,
        error=error,
        seconds=seconds,
        downloads=downloads,
        groups=by_keyword(),
        example=next((example for example in examples() if example.text == text), None),
        **result,
    )
    response = make_response(page, status)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-store"
    return response


def _table(body: bytes) -> dict[str, object]:
    results = parse_query_results(body, QueryResultsFormat.JSON)
    if isinstance(results, QueryBoolean):
        return {"boolean": bool(results)}
    variables = [variable.value for variable in results.variables]
    rows = [[solution[name] for name in variables] for solution in results]
    names = Labels(term for row in rows[:MAX_ROWS] for term in row)
    return {
        "variables": variables,
        "rows": [[names.show(term) if term is not None else None for term in row] for row in rows[:MAX_ROWS]],
        "total": len(rows),
    }
