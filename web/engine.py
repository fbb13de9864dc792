"""Run one query safely: the seam between the web and whatever answers queries.

`Engine` is all that the rest of `web` knows of it; `web.engines` chooses one by the settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.query import QueryError
from kg.store import Release
from web.formats import Format
from web.guard import Query
from web.stats import Stats

__all__ = [
    "BusyError",
    "Dataset",
    "Engine",
    "QueryError",
    "Row",
    "Term",
    "Terms",
    "TooLargeError",
    "TooLateError",
    "UnavailableError",
    "bind",
]

Term = NamedNode | BlankNode | Literal | Triple
Row = Mapping[str, Term]
Terms = Mapping[str, Sequence[NamedNode]]


class TooLateError(Exception):
    """A query that was not answered by its deadline."""


class TooLargeError(Exception):
    """A result that is larger than the endpoint sends."""


class BusyError(Exception):
    """Too many queries are running: the client may come back."""


class UnavailableError(Exception):
    """There is no store, or it does not answer."""


@dataclass(frozen=True)
class Dataset:
    """The graphs of a query, as a request may name them (SPARQL 1.1 Protocol, section 2.1.4).

    Two empty lists leave the choice to the query and the store.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class Engine(Protocol):
    """What answers queries."""

    def __hash__(self) -> int:
        """Return a hash: what is worked out once a release is kept for its engine."""
        ...

    def release(self) -> Release:
        """Return what is served now; raise UnavailableError."""
        ...

    def run(self, query: Query, format_: Format, dataset: Dataset, *, deadline: float) -> Iterator[bytes]:
        """Answer a stranger's query in one format by a deadline of `time.monotonic`, in chunks.

        Raises QueryError, TooLateError, TooLargeError, BusyError or UnavailableError; what goes wrong
        after the first chunk is ready is raised by the iterator, and the answer is then not whole. A
        short answer is one chunk. Closing the iterator stops the query.
        """
        ...

    def rows(self, query: str, terms: Terms | None = None) -> list[Row]:
        """Answer one of our own SELECT queries.

        Each name of `terms` stands in the query as `VALUES ?name {}` and is given these values.
        Raises UnavailableError.
        """
        ...

    def stats(self) -> Stats:
        """Return what has been counted since the start."""
        ...

    def close(self) -> None:
        """Stop answering, and give back processes and connections."""
        ...


def bind(query: str, terms: Terms) -> str:
    """Put terms into the `VALUES ?name {}` of a query: as terms, never as text.

    >>> bind("SELECT * { VALUES ?x {} ?x ?p ?o }", {"x": [NamedNode("http://a/")]})
    'SELECT * { VALUES ?x { <http://a/> } ?x ?p ?o }'
    """
    for name, values in terms.items():
        place = f"VALUES ?{name} {{}}"
        if place not in query:
            raise ValueError(f"the query has no '{place}'")
        query = query.replace(place, f"VALUES ?{name} {{ {' '.join(map(str, values))} }}")
    return query
