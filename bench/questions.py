"""The queries of the benchmark, each in as many variants as it takes to ask nothing twice."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import NamedNode, QuerySolutions, Store

from bench.words import THINGS
from kg.iris import PREFIXES

QUERIES = Path(__file__).parent / "queries"
KINDS = ("look-up", "overview", "chain", "join", "text", "aggregate")

# A limit that moves a little asks for nearly the same, and is another query to a cache.
_LIMITS = 50
_MOST = 5000
_NAMES = {
    # Those that a reader would look up: whatever somebody said something about, and whoever did.
    "claim": ("cl", "SELECT DISTINCT ?it { ?statement hs:addresses ?it }"),
    "actor": ("ac", "SELECT DISTINCT ?it { ?statement hs:madeBy ?it . ?it hs:namedInText ?name }"),
    "statement": ("st", "SELECT DISTINCT ?it { ?attribution hs:reports ?it }"),
}

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Question:
    """One query file: `varies` in its head says which of its words is replaced, and by what."""

    name: str
    title: str
    kind: str
    text: str

    @cached_property
    def varies(self) -> tuple[str, str]:
        """Return the word that is replaced, and the kind of what replaces it."""
        word, _, kind = _head(self.text, "varies").rpartition(" ")
        return word, kind

    def variants(self, values: Values) -> list[str]:
        """Return the query with each of the values of its kind; the comments of the file are left out."""
        word, kind = self.varies
        body = re.sub(r"^#.*\n", "", self.text, flags=re.M).lstrip()
        if kind == "limit":
            first = int(word.removeprefix("LIMIT "))
            choices: Sequence[str] = [f"LIMIT {first + more}" for more in range(_LIMITS)]
        else:
            choices = values[kind]
        found = [re.sub(rf"(?<![\w:-]){re.escape(word)}(?![\w-])", choice, body) for choice in choices]
        if found[0] == found[-1]:
            raise ValueError(f"{self.name}.rq: '{word}' is not in the query")
        return found


def load_questions(folder: Path = QUERIES) -> list[Question]:
    """Read the queries of a folder, look-ups first."""
    found = [
        Question(path.stem, _head(text, "title"), _head(text, "kind"), text)
        for path in sorted(folder.glob("*.rq"))
        for text in [path.read_text(encoding="utf-8")]
    ]
    return sorted(found, key=lambda question: KINDS.index(question.kind))


def values_of(store: Store) -> Values:
    """Return what a store has of each kind, in an order that is the same each time and no other's."""
    values: dict[str, Sequence[str]] = {"word": THINGS}
    for kind, (prefix, query) in _NAMES.items():
        solutions = store.query(query, prefixes=PREFIXES)
        assert isinstance(solutions, QuerySolutions)
        nodes = [solution["it"] for solution in solutions]
        names = sorted(
            node.value.replace(PREFIXES[prefix], f"{prefix}:")
            for node in nodes
            if isinstance(node, NamedNode) and node.value.startswith(PREFIXES[prefix])
        )
        random.Random(kind).shuffle(names)
        values[kind] = names[:_MOST]
    return values


def _head(text: str, name: str) -> str:
    found = re.search(rf"^# {name}: (.*)$", text, re.M)
    if not found:
        raise ValueError(f"a query has no '# {name}:'")
    return found[1]
