"""Run a stranger's query and send its answer: the part that the endpoint and the graph store share."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator

from flask import Response, request

from kg.query import QueryError
from web.answers import cached, engine, iris, no_store, settings
from web.engine import BusyError, Dataset, TooLargeError, TooLateError
from web.formats import JSON_LD, N_TRIPLES, Format
from web.guard import Query
from web.jsonldstream import compacted
from web.operation import RequestError
from web.streams import gathered, primed, send


def answer(query: Query, format_: Format, dataset: Dataset) -> Response:
    """Return the answer to a query, or 304 before it is run; raise RequestError."""
    with _refusals():
        # The entity tag of an answer that is another each time would lie.
        if request.method == "POST" or query.volatile:
            response = no_store(Response(content_type=format_.content_type))
            send(response, _run(query, format_, dataset))
        else:
            asked = hashlib.blake2b(repr((query.text, dataset)).encode("utf-8", "replace"), digest_size=8)
            response = cached(
                f"{asked.hexdigest()}-{format_.suffix}",
                lambda: _run(query, format_, dataset),
                format_.content_type,
            )
    root = request.script_root
    response.headers["Link"] = ", ".join(
        (
            f'<{root}/sparql>; rel="service-desc"; type="text/turtle"',
            f'<{root}/.well-known/void>; rel="describedby"',
        )
    )
    return response


def whole_answer(query: Query, format_: Format, dataset: Dataset, *, max_bytes: int) -> bytes:
    """Return the whole answer to a query, for a page; raise RequestError, also where it is too long."""
    with _refusals():
        body = gathered(_run(query, format_, dataset), max_bytes=max_bytes)
    if body is None:
        sentence = (
            f"The result is larger than a page shows ({max_bytes:,} bytes): add a LIMIT, or download it."
        )
        raise RequestError(413, sentence)
    return body


def _run(query: Query, format_: Format, dataset: Dataset) -> Iterator[bytes]:
    deadline = time.monotonic() + settings().query_timeout
    if format_ is not JSON_LD:
        return engine().run(query, format_, dataset, deadline=deadline)
    lines = engine().run(query, N_TRIPLES, dataset, deadline=deadline)
    return primed(compacted(lines, iris(), deadline=deadline), lines)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Turn what an engine raises into a status and a sentence."""
    try:
        yield
    except QueryError as error:
        text = str(error)
        raise RequestError(400, text[:1].upper() + text[1:].rstrip(".") + ".") from None
    except TooLateError:
        seconds = settings().query_timeout
        sentence = f"The query was given up after {seconds:g} seconds: ask for less, or add a LIMIT."
        raise RequestError(504, sentence) from None
    except TooLargeError:
        limit = settings().max_results
        raise RequestError(413, f"The result is larger than {limit:,} bytes: add a LIMIT.") from None
    except BusyError:
        raise RequestError(503, "Too many queries are running: try again shortly.", retry_after=2) from None
