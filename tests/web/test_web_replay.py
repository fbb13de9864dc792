"""Requests that real clients sent elsewhere, sent here with a query of ours in the same place.

`client_requests.json` was captured from each client; it had other data, so only the query, the thing's
path and the ontology's are put in its place. Each must get what that client can go on with.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import httpx
import pytest
from pyoxigraph import QueryBoolean, QueryResultsFormat, RdfFormat, parse, parse_query_results
from smallstore import BASE, served, write_small

REQUESTS = json.loads((Path(__file__).parent / "client_requests.json").read_text(encoding="utf-8"))
TYPES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv; charset=utf-8",
    "ttl": "text/turtle; charset=utf-8",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "nq": "application/n-quads",
    "trig": "application/trig",
}
# What each of the requests, in their order, must get: where there are two, the client takes either.
_WANTED = (
    "json json nt json xml csv "
    "json json ttl rdf json xml "
    "xml xml json csv rdf xml "
    "xml json ttl/rdf ttl jsonld csv "
    "csv json csv csv ttl json "
    "ttl/rdf xml csv csv csv ttl "
    "ttl json json json ttl ttl/nt/rdf "
    "ttl xml ttl nq/trig/jsonld/nt nq/trig/jsonld/nt nq/trig/jsonld/nt "
    "nq/trig/jsonld/nt nq/trig/jsonld/nt nq/trig/jsonld/nt nq json json "
    "ttl nq/trig/jsonld/nt nq json rdf json "
    "ttl ttl rdf rdf rdf ttl "
    "rdf csv csv json nt ttl "
    "json"
)
WANTED = [name.split("/") for name in _WANTED.split()]
DENIES = f"<{BASE}ontology#denies>"
SELECT = f"SELECT ?s ?o WHERE {{ ?s {DENIES} ?o }}"
QUERIES = {
    "SELECT": SELECT,
    "ASK": f"ASK {{ ?s {DENIES} ?o }}",
    "CONSTRUCT": f"CONSTRUCT WHERE {{ ?s {DENIES} ?o }}",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(write_small(tmp_path_factory.mktemp("store"))) as address:
        yield address


def ours(query: str, client: str) -> str:
    """Return a query of ours in the form of a captured one, some of which are cut off in their prefixes."""
    if "SPARQLExecutable" in query:
        return query
    found = re.search(r"\b(SELECT|ASK|CONSTRUCT)\b", query) or re.search(r"\b(CONSTRUCT)\b", client)
    return QUERIES[found[1] if found else "SELECT"]


def prefixes(query: str) -> str:
    """Return the prologue of a captured query, as far as it goes."""
    return "\n".join(re.findall(r"PREFIX\s*\S+:\s*<[^>\s]*>", query)) + "\n"


def in_place(text: str, client: str) -> str:
    """Put our query where a URL or a form has another."""

    def replaced(match: re.Match[str]) -> str:
        captured = unquote_plus(match[2])
        encode = quote_plus if "+" in match[2] else quote
        return match[1] + encode(prefixes(captured) + ours(captured, client))

    return re.sub(r"((?:^|[?&])query=)([^&]*)", replaced, text)


def sent(root: str, request: dict[str, Any]) -> httpx.Response:
    path, body, client = request["path"], request["body"], request["client"]
    path = re.sub(r"^/id/.*", "/id/claim/crews-paid", re.sub(r"^/ns\b", "/ontology", path))
    if path.startswith("/sparql"):
        path = in_place(path, client)
    if request["content_type"] == "application/sparql-query":
        body = prefixes(body) + ours(body, client)
    elif body:
        body = in_place(body, client)
    names = {"Accept": "accept", "Content-Type": "content_type", "User-Agent": "user_agent"}
    with httpx.Client(follow_redirects=True) as http:
        # A header that the client did not send is not sent.
        http.headers.clear()
        headers = {header: request[name] for header, name in names.items() if request[name]}
        return http.request(request["method"], root + path, content=body.encode() or None, headers=headers)


def read(response: httpx.Response) -> int:
    """Return how much a client reads: rows or triples, one for a truth value."""
    media_type, body = response.headers["Content-Type"], response.content
    if graph := RdfFormat.from_media_type(media_type):
        return sum(1 for _ in parse(body, format=graph, base_iri=str(response.url)))
    if media_type.startswith("text/csv"):
        return len(body.decode().strip().splitlines()[-1:])
    results = QueryResultsFormat.from_media_type(media_type)
    assert results, media_type
    answer = parse_query_results(body, format=results)
    return 1 if isinstance(answer, QueryBoolean) else sum(1 for _ in answer)


@pytest.mark.parametrize(
    ("number", "request_"),
    [*enumerate(REQUESTS)],
    ids=[f"{number}-{request['client']}" for number, request in enumerate(REQUESTS)],
)
def test_a_captured_request_gets_what_its_client_needs(
    root: str, number: int, request_: dict[str, Any]
) -> None:
    response = sent(root, request_)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] in [TYPES[name] for name in WANTED[number]]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    if request_["method"] == "HEAD":
        assert response.content == b""
        return
    assert read(response) > 0


def test_every_captured_request_is_replayed() -> None:
    assert len(WANTED) == len(REQUESTS) == 73
