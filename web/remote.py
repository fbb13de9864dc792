"""Answer from any endpoint of the SPARQL 1.1 Protocol, by its URL, under the limits of this one.

The query goes out as a form, with the prefixes that it leaves undeclared put before it; the answer streams
through in the format that is wanted, or is converted where the endpoint lacks it. What the endpoint says
to be cut short, or what ends in the middle, is an error and never an answer.

A remote query cannot be killed: at the deadline the connection is closed, which most servers heed.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterator

import httpx
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from kg import __version__
from kg.iris import Iris
from kg.query import QueryError, explain
from kg.store import Release
from kg.tokens import declared, tokens, used
from web.engine import BusyError, Dataset, Row, Terms, TooLargeError, TooLateError, UnavailableError, bind
from web.formats import FOR_FORM, JSON, N_QUADS, N_TRIPLES, RESULTS, TSV, Format, named
from web.guard import Query
from web.remotebody import Body, convert
from web.remoterelease import read_release
from web.stats import Stats, Tally

_SECONDS_IN_QUEUE = 2.0
_SECONDS_TO_CONNECT = 5.0
_SECONDS_BETWEEN_LOOKS = 60.0
_SENTENCE = 300
# Where a message says that a mistake is, in the words of Oxigraph, Virtuoso and Jena.
_PLACE = re.compile(r"(\berror at |\bline )(\d+)")


class RemoteEngine:
    """Answer from an endpoint by its URL; `base` is where the IRIs of its data begin.

    Times are in seconds, sizes in bytes; `connections` bounds the strangers' queries at once.
    """

    def __init__(
        self,
        url: str,
        *,
        base: str,
        timeout: float = 30.0,
        connections: int = 8,
        max_bytes: int = 100_000_000,
    ) -> None:
        self._url = url
        self._iris = Iris(base)
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._places = threading.BoundedSemaphore(connections)
        self._client = httpx.Client(
            headers={"Accept-Encoding": "identity", "User-Agent": f"hearsay/{__version__}"},
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=connections),
        )
        self._tally = Tally("queries", "answered", "failed", "timeouts", "too_large", "busy", "hangups")
        self._lock = threading.Lock()
        self._release: Release | None = None
        self._looked = 0.0

    def release(self) -> Release:
        """Return what is served, known by its counts; look once a minute whether they are others."""
        with self._lock:
            now = time.monotonic()
            if self._release is None or now - self._looked > _SECONDS_BETWEEN_LOOKS:
                try:
                    self._release = read_release(self.rows, self._iris.base, before=self._release)
                except UnavailableError:
                    # Once there is a release, the pages that are known by it go on.
                    if self._release is None:
                        raise
                self._looked = now
            return self._release

    def run(self, query: Query, format_: Format, dataset: Dataset, *, deadline: float) -> Iterator[bytes]:
        """Answer a stranger's query, streamed, or converted as a whole."""
        self._tally.add("queries")
        started = time.monotonic()
        if not self._places.acquire(timeout=max(0.0, min(_SECONDS_IN_QUEUE, deadline - started))):
            self._tally.add("busy")
            raise BusyError

        def ended(how: str) -> None:
            self._places.release()
            self._tally.add(how)
            self._tally.took(time.monotonic() - started)

        # Some servers write TSV, and the answer to ASK, in ways of their own: their JSON is converted.
        asked = JSON if format_ is TSV or query.form == "ASK" else format_
        try:
            response = self._send(query.text, _accept(asked), dataset, deadline)
        except BaseException as error:
            ended("timeouts" if isinstance(error, TooLateError) else "failed")
            raise
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        given = named(FOR_FORM.get(query.form, RESULTS), media_type)
        body = Body(response, given or format_, max_bytes=self._max_bytes, deadline=deadline, on_close=ended)
        with body.closed_on_error():
            if given is None or given.writer is None:
                raise UnavailableError(f"the remote store answers in '{media_type}'")
            if media_type == asked.media_type and asked is format_ and query.form != "ASK":
                body.prime()
                return body
            return iter([convert(b"".join(body), given, format_)])

    def rows(self, query: str, terms: Terms | None = None) -> list[Row]:
        """Answer one of our own queries: they need no place."""
        text = bind(query, terms or {})
        deadline = time.monotonic() + self._timeout
        try:
            response = self._send(text, JSON.media_type, Dataset(), deadline)
            whole = Body(response, JSON, max_bytes=self._max_bytes, deadline=deadline, on_close=_nothing)
            body = b"".join(whole)
        except (QueryError, TooLateError, TooLargeError, BusyError) as error:
            reason = str(error) or type(error).__name__
            raise UnavailableError(f"the remote store does not answer ({reason})") from error
        try:
            solutions = parse_query_results(body, format=QueryResultsFormat.JSON)
        except (SyntaxError, ValueError) as error:
            raise UnavailableError(f"the remote store answers in no SPARQL JSON ({error})") from error
        assert isinstance(solutions, QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        return [
            {name: term for name in names if (term := solution[name]) is not None} for solution in solutions
        ]

    def stats(self) -> Stats:
        """Return what has been counted since the start."""
        return self._tally.stats()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _send(self, text: str, accept: str, dataset: Dataset, deadline: float) -> httpx.Response:
        prologue = self._prologue(text)
        form = {
            "query": prologue + text,
            "default-graph-uri": list(dataset.default),
            "named-graph-uri": list(dataset.named),
        }
        left = deadline - time.monotonic()
        if left <= 0:
            raise TooLateError
        timeout = httpx.Timeout(left, connect=min(left, _SECONDS_TO_CONNECT))
        request = self._client.build_request(
            "POST", self._url, data=form, headers={"Accept": accept}, timeout=timeout
        )
        try:
            response = self._client.send(request, stream=True)
        except (httpx.ConnectTimeout, httpx.ConnectError) as error:
            raise UnavailableError(f"the remote store cannot be reached ({error})") from error
        except httpx.TimeoutException:
            raise TooLateError from None
        except httpx.HTTPError as error:
            raise UnavailableError(f"the remote store breaks off ({error})") from error
        if response.status_code != 200 or _is_cut(response):
            with contextlib.closing(response):
                self._refuse(response, text, has_prologue=bool(prologue))
        return response

    def _prologue(self, text: str) -> str:
        """Return the declarations of the well-known prefixes that a query uses: one line, or nothing."""
        found = list(tokens(text))
        known, own = self._iris.prefixes, declared(found)
        names = dict.fromkeys(name for name, _ in used(found) if name in known and name not in own)
        return " ".join(f"PREFIX {name}: <{known[name]}>" for name in names) + "\n" if names else ""

    def _refuse(self, response: httpx.Response, text: str, *, has_prologue: bool) -> None:
        status = response.status_code
        if status in (408, 504) or (status == 200 and "X-SQL-State" in response.headers):
            raise TooLateError
        if status in (413, 200):
            raise TooLargeError
        if status in (429, 503):
            raise BusyError
        try:
            said = response.read().decode("utf-8", "replace") if status in (400, 500) else ""
        except httpx.HTTPError:
            said = ""
        if status == 400:
            if has_prologue:
                said = _PLACE.sub(lambda place: f"{place[1]}{int(place[2]) - 1}", said)
            raise QueryError(explain(text, _sentence(said), self._iris.prefixes, base=self._iris.base))
        raise UnavailableError(f"the remote store answers {status} {_sentence(said)}".rstrip())


def _accept(format_: Format) -> str:
    if format_ in RESULTS:
        return f"{format_.media_type}, {JSON.media_type};q=0.5"
    return (
        f"{format_.media_type}, {N_TRIPLES.media_type};q=0.5, {N_QUADS.media_type};q=0.3, text/turtle;q=0.2"
    )


def _is_cut(response: httpx.Response) -> bool:
    """Say whether Virtuoso marks an answer as a part: it gave up in time, or reached its most rows."""
    return "X-SQL-State" in response.headers or "X-SPARQL-MaxRows" in response.headers


def _sentence(said: str) -> str:
    text = " ".join(said.split())
    return text if len(text) <= _SENTENCE else text[: _SENTENCE - 1] + "…"


def _nothing(_how: str) -> None:
    """Own queries are not counted."""
