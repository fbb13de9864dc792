"""The example queries: one file each, read as records and written as data beside the endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from kg.folders import QUERIES, nearby
from kg.iris import PREFIXES, Iris
from kg.query import form

_HEAD = re.compile(r"# *(title|question|keywords|number): *(.*)")
_FORMS = {"SELECT": "select", "ASK": "ask", "CONSTRUCT": "construct"}


class ExampleError(ValueError):
    """A query file whose head or query cannot be read; its text names the file."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example query; `text` is the whole query, `form` is SELECT, ASK or CONSTRUCT."""

    slug: str
    title: str
    question: str
    keywords: tuple[str, ...]
    number: int
    form: str
    text: str


def load_examples(folder: Path = QUERIES, *, iris: Iris | None = None) -> tuple[Example, ...]:
    """Read the `*.rq` files of a folder, by number; raise ExampleError."""
    paths = sorted(folder.glob("*.rq"))
    examples = [read_example(path, iris=iris) for path in paths]
    return tuple(sorted(examples, key=lambda example: (example.number, example.slug)))


def read_example(path: Path, *, iris: Iris | None = None) -> Example:
    """Read one file: the lines `# title: …` `# question: …` `# keywords: …` `# number: …`, and a query."""
    lines = (iris or Iris()).localise(path.read_text(encoding="utf-8")).splitlines(keepends=True)
    head: dict[str, str] = {}
    while lines and (found := _HEAD.match(lines[0])):
        head[found[1]] = found[2].strip()
        del lines[0]
    text = "".join(lines).strip() + "\n"
    missing = [name for name in ("title", "question") if not head.get(name)]
    if missing:
        raise ExampleError(f"{nearby(path)}:1: the query has no line '# {missing[0]}: …' at its head")
    if form(text) not in _FORMS:
        raise ExampleError(f"{nearby(path)}: the query is none of {', '.join(_FORMS)}")
    if not head.get("number", "0").isdigit():
        raise ExampleError(f"{nearby(path)}: '{head['number']}' is not a number")
    keywords = tuple(word.strip() for word in head.get("keywords", "").split(",") if word.strip())
    number = int(head.get("number", "0"))
    return Example(path.stem, head["title"], head["question"], keywords, number, form(text), text)


def example_quads(examples: Iterable[Example], iris: Iris) -> Iterator[Quad]:
    """Yield the examples as `sh:SPARQLExecutable`s (SHACL, section 5; SIB's sparql-examples)."""
    graph = iris.graph("examples")
    known = {name: NamedNode(PREFIXES[name]) for name in ("rdf", "rdfs", "schema", "sh", "xsd")}

    def term(prefix: str, name: str) -> NamedNode:
        return NamedNode(known[prefix].value + name)

    kind, target = term("rdf", "type"), NamedNode(f"{iris.base}sparql")
    for prefix, namespace in sorted(iris.prefixes.items()):
        node = NamedNode(f"{graph.value}#{prefix}")
        address = Literal(namespace, datatype=term("xsd", "anyURI"))
        yield Quad(graph, term("sh", "declare"), node, graph)
        yield Quad(node, kind, term("sh", "PrefixDeclaration"), graph)
        yield Quad(node, term("sh", "prefix"), Literal(prefix), graph)
        yield Quad(node, term("sh", "namespace"), address, graph)
    for example in examples:
        node, name = iris.query(example.slug), _FORMS[example.form]
        yield Quad(node, kind, term("sh", "SPARQLExecutable"), graph)
        yield Quad(node, kind, term("sh", f"SPARQL{name.capitalize()}Executable"), graph)
        yield Quad(node, term("rdfs", "label"), Literal(example.title, language="en"), graph)
        yield Quad(node, term("rdfs", "comment"), Literal(example.question, language="en"), graph)
        yield Quad(node, term("sh", name), Literal(example.text), graph)
        yield Quad(node, term("sh", "prefixes"), graph, graph)
        yield Quad(node, term("schema", "target"), target, graph)
        yield Quad(node, term("schema", "position"), Literal(example.number), graph)
        for keyword in example.keywords:
            yield Quad(node, term("schema", "keywords"), Literal(keyword), graph)
