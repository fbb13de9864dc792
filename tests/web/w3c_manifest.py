"""The W3C's HTTP tests, read from their manifests: each a name and the requests that it makes in turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdflib import Graph, Namespace, Node, URIRef
from rdflib.collection import Collection

FOLDER = Path(__file__).parent / "w3c"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
CODES = {"OK": "200", "Created": "201", "NoContent": "204", "NotFound": "404"}


@dataclass(frozen=True)
class Message:
    """The headers and the body of a request, or of the response that is expected."""

    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Exchange:
    """A request, and what is expected: statuses like 200 or 4xx, and perhaps a truth value or a body."""

    method: str
    path: str
    request: Message
    statuses: tuple[str, ...]
    boolean: bool | None
    expected: Message

    def allows(self, status: int) -> bool:
        """Say whether a status is one of those expected."""
        return any(
            f"{status}"[0] == text[0] if "xx" in text else f"{status}" == text for text in self.statuses
        )


@dataclass(frozen=True)
class Case:
    """One test of the suite."""

    name: str
    exchanges: tuple[Exchange, ...]


def read(*path: str) -> list[Case]:
    """Return the tests of a manifest, in its order."""
    file = FOLDER.joinpath(*path)
    graph = Graph().parse(file, publicID=file.as_uri())
    (entries,) = graph.objects(None, MF.entries)
    listed = list(Collection(graph, entries))
    # The graph store's manifests list fewer tests than they define.
    defined = sorted(set(graph.subjects(MF.action, None)) - set(listed), key=str)
    return [
        Case(str(node).rpartition("#")[2], tuple(_exchanges(graph, node))) for node in (*listed, *defined)
    ]


def _exchanges(graph: Graph, node: Node) -> Iterator[Exchange]:
    action = graph.value(node, MF.action)
    requests: Any = graph.value(action, HT.requests)
    for request in Collection(graph, requests) if requests else ():
        response: Any = graph.value(request, HT.resp)
        boolean = graph.value(response, MF.expectedBoolean)
        statuses = [str(status).rpartition("#")[2] for status in graph.objects(response, MF.expectedStatus)]
        yield Exchange(
            str(graph.value(request, HT.methodName)),
            str(graph.value(request, HT.absolutePath)),
            _message(graph, request),
            tuple(CODES.get(status, status.removeprefix("StatusCode")) for status in statuses),
            None if boolean is None else str(boolean) == "true",
            _message(graph, response),
        )


def _message(graph: Graph, node: Node) -> Message:
    headers: Any = graph.value(node, HT.headers)
    fields = {
        str(graph.value(field, HT.fieldName)): str(graph.value(field, HT.fieldValue))
        for field in (Collection(graph, headers) if headers else ())
    }
    body = graph.value(node, HT.body)
    text, encoding = graph.value(body, CNT.chars), graph.value(body, CNT.characterEncoding)
    return Message(fields, b"" if body is None else str(text).encode(str(encoding)))


def graphs(*path: str) -> dict[str, Path]:
    """Return the graphs that the tests of a manifest want in the store: IRI to file."""
    file = FOLDER.joinpath(*path)
    graph = Graph().parse(file, publicID=file.as_uri())
    ut = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
    label = URIRef("http://www.w3.org/2000/01/rdf-schema#label")
    return {
        str(graph.value(data, label)): file.parent / str(graph.value(data, ut.graph)).rpartition("/")[2]
        for data in graph.objects(None, ut.graphData)
    }


__all__ = ["Case", "Exchange", "Message", "graphs", "read"]
