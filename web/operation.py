"""What a request of the SPARQL 1.1 Protocol asks, wherever its parts stand; and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import request
from pyoxigraph import NamedNode

from web import guard
from web.answers import FORMAT_PARAMETERS
from web.engine import Dataset
from web.examples import examples

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_MAX_FIELDS = 100


class RequestError(Exception):
    """A request that is not answered: a status, a sentence, and the seconds after which to come back."""

    def __init__(self, status: int, sentence: str, *, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True)
class Operation:
    """A query, if there is one, its dataset, and the formats that parameters name."""

    text: str | None
    dataset: Dataset
    formats: tuple[str, ...]


def operation() -> Operation:
    """Read the request (SPARQL 1.1 Protocol, section 2.1); raise RequestError."""
    fields = url_fields()
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


def url_fields() -> list[tuple[str, str]]:
    """Return the parameters of the request's URL, decoded once; raise RequestError."""
    return _fields(request.query_string, "URL")


def graph_iri(text: str, name: str) -> NamedNode:
    """Return the graph that a parameter names; raise RequestError for what is no absolute IRI."""
    try:
        return NamedNode(text)
    except ValueError:
        raise RequestError(400, f"The {name} “{text}” is not an absolute IRI.") from None


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
    return tuple(graph_iri(text, name).value for text in values.get(name, ()))


def _example(slug: str) -> str:
    for example in examples():
        if example.slug == slug:
            return example.text
    raise RequestError(404, f"There is no example query “{slug}”.")
