"""YAML 1.2 files as plain data, with the line and column of every key and value.

Scalars stay the text that the file writes, whatever they look like: `no`, `2019` and `2026-11-24` are
words here until a field wants a number or a date. Anchors, aliases and tags are refused: nothing here
needs them, and words of an article may begin with `&`, `*` or `!`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kg.files.problems import Problem, ReadingError, shown
from kg.files.text import read_text

Loc: TypeAlias = tuple[str | int, ...]
Place: TypeAlias = tuple[int, int]

_DEEPEST = 12
_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value")
}


class Plain(str):
    """A scalar written without quotation marks: the only kind that can be a number, `true` or `false`."""

    __slots__ = ()


@dataclass(frozen=True)
class YamlFile:
    """A file's data (dict, tuple, str, and None for an empty value) and where each part of it stands."""

    path: str
    data: object = None
    values: Mapping[Loc, Place] = field(default_factory=dict)
    keys: Mapping[Loc, Place] = field(default_factory=dict)
    empty: tuple[Loc, ...] = ()
    problems: tuple[Problem, ...] = ()

    def nearest(self, loc: Loc) -> Loc:
        """Return the part of the file nearest to a path, leaving out what the file does not have."""
        found: Loc = ()
        for part in loc:
            if (*found, part) in self.values:
                found = (*found, part)
        return found

    def line(self, loc: Loc) -> int:
        """Return the line of the value at a path, from 1."""
        return self.values[self.nearest(loc)][0]

    def problem(self, loc: Loc, message: str, *, at_key: bool = False) -> Problem:
        """Return a problem of the value, or of the key, at a path."""
        near = self.nearest(loc)
        places = self.keys if at_key and near in self.keys else self.values
        return Problem(self.path, *places.get(near, (1, 1)), written(near), message)


def written(loc: Loc) -> str:
    """Return a path as people write it.

    >>> written(("statements", 3, "attributions", 0, "cue"))
    'statements[3].attributions[0].cue'
    """
    parts = (f"[{part}]" if isinstance(part, int) else f".{_one_line(part)}" for part in loc)
    return "".join(parts).removeprefix(".")


def read_yaml(path: Path) -> YamlFile:
    """Read a file; raise ReadingError when it is not YAML.

    A key that a mapping gives twice is a problem of the result, which keeps the first.
    """
    text = read_text(path).removeprefix("\ufeff")
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _PlainComposer
    yaml.max_depth = _DEEPEST
    try:
        node = yaml.compose(text)
    except MaxDepthExceededError as error:
        at = (error.problem_mark.line + 1, error.problem_mark.column + 1)
        raise _error(path, at, f"is nested more than {_DEEPEST} deep") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _error(path, at, f"is not YAML: {_plain(said)}") from error
    except (YAMLError, ArithmeticError, ValueError, IndexError) as error:
        # The parser's own slips, such as an escape beyond the last code point, name no place.
        raise _error(path, (1, 1), f"is not YAML: {' '.join(str(error).split())}") from error
    if node is None:
        raise _error(path, (1, 1), "is empty")
    reader = _Reader(str(path))
    data = reader.read(node, ())
    if reader.fatal:
        raise ReadingError(reader.fatal)
    return YamlFile(str(path), data, reader.values, reader.keys, tuple(reader.empty), tuple(reader.problems))


class _PlainComposer(Composer):
    """Compose no anchors and no aliases, before they cost anything."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            problem = "anchors and aliases are not used here; words that begin with & or * need quotes"
            raise MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        return super().compose_node(parent, index)


class _Reader:
    """Turn nodes into data, and note the places."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.values: dict[Loc, Place] = {}
        self.keys: dict[Loc, Place] = {}
        self.empty: list[Loc] = []
        self.problems: list[Problem] = []
        self.fatal: list[Problem] = []

    def read(self, node: Node, loc: Loc) -> object:
        self.values[loc] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if node.tag not in _TAGS:
            self.fatal.append(
                self._problem(
                    loc,
                    f"tags such as {node.tag} are not used in these files; "
                    "words that begin with ! need quotes",
                )
            )
            return None
        if isinstance(node, MappingNode):
            return dict(self._entries(node, loc))
        if isinstance(node, SequenceNode):
            return tuple(self.read(child, (*loc, index)) for index, child in enumerate(node.value))
        assert isinstance(node, ScalarNode)
        return self._scalar(node.style, node.tag, node.value, loc)

    def _entries(self, node: MappingNode, loc: Loc) -> Iterator[tuple[str, object]]:
        for key_node, value_node in node.value:
            at = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, ScalarNode):
                self.fatal.append(Problem(self.path, *at, written(loc), "a key is a word"))
                continue
            inner = (*loc, key_node.value)
            if inner in self.keys:
                line = self.keys[inner][0]
                message = f"the key is given twice; it stands on line {line} already"
                self.problems.append(Problem(self.path, *at, written(inner), message))
                continue
            self.keys[inner] = at
            yield key_node.value, self.read(value_node, inner)

    def _scalar(self, style: str | None, tag: str, text: str, loc: Loc) -> str | None:
        if any("\ud800" <= char <= "\udfff" for char in text):
            self.fatal.append(self._problem(loc, "an escape gives half a character"))
        if style:
            return text
        if tag == "tag:yaml.org,2002:null":
            self.empty.append(loc)
            return None
        return Plain(text)

    def _problem(self, loc: Loc, message: str) -> Problem:
        return Problem(self.path, *self.values[loc], written(loc), message)


def _one_line(key: str) -> str:
    return key if re.fullmatch(r"[\w-]{1,60}", key) else shown(key)


def _plain(said: str) -> str:
    """Return what the parser says; in plain words, where it is one of the usual mistakes."""
    if "'\\t'" in said:
        return "indent with spaces, not tabs"
    if "expected <block end>" in said or "expected '<document start>'" in said:
        return "the line is indented neither like the lines before it nor like one that they are part of"
    said = " ".join(said.split())
    if "mapping values are not allowed" in said:
        return f"{said} (words that hold ‘: ’ need quotation marks; or the line is indented too far)"
    if "cannot start any token" in said or "flow" in said:
        return f"{said} (words that hold ‘: ’ or begin with a mark of YAML need quotation marks)"
    return said


def _error(path: Path, place: Place, message: str) -> ReadingError:
    return ReadingError([Problem(str(path), *place, "", message)])
