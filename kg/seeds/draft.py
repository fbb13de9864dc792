"""A file of the format, entry by entry: what is well-formed by itself, and what is wrong with the rest.

Entries are checked one at a time, so that a mistake in one hides nothing of the others.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kg.files.problems import Problem, shown, suggestion
from kg.files.yaml import Loc, YamlFile
from kg.model import Vocabulary

M = TypeVar("M", bound=BaseModel)
E = TypeVar("E", bound=BaseModel)

_EMPTY = "is empty: write a value, or leave the key out"


@dataclass(frozen=True)
class Draft(Generic[M]):
    """What could be read of a file: its head (with empty lists), and the entries of each list.

    An entry that could not be read is None, with its place.
    """

    file: YamlFile
    head: M | None
    lists: Mapping[str, list[tuple[Loc, BaseModel | None]]]
    problems: list[Problem] = field(default_factory=list)

    def entries(self, name: str, kind: type[E]) -> list[tuple[Loc, E]]:
        """Return the entries of a list that could be read."""
        return [(loc, entry) for loc, entry in self.lists[name] if isinstance(entry, kind)]


def read_draft(file: YamlFile, model: type[M], vocabulary: Vocabulary | None) -> Draft[M]:
    """Check a file against a model whose lists hold models; without a vocabulary, any word will do."""
    entry_models = _entry_models(model)
    data = file.data
    problems = list(file.problems)
    if not isinstance(data, dict):
        keys = ", ".join(model.model_fields)
        problems.append(file.problem((), f"the file is {_kind(data)}, not a mapping with the keys {keys}"))
        return Draft(file, None, {name: [] for name in entry_models}, problems)
    lists: dict[str, list[tuple[Loc, BaseModel | None]]] = {}
    head: dict[str, object] = dict(data)
    for name, entry_model in entry_models.items():
        raw = data.get(name)
        lists[name] = []
        if isinstance(raw, tuple):
            head[name] = ()
            for loc, value in (((name, index), value) for index, value in enumerate(raw)):
                entry = _validated(file, entry_model, value, loc, vocabulary, problems)
                hollow = any(empty[: len(loc)] == loc for empty in file.empty)
                lists[name].append((loc, None if hollow else entry))
    read = _validated(file, model, head, (), vocabulary, problems)
    told = {problem.key for problem in problems}
    problems += [problem for loc in file.empty if (problem := file.problem(loc, _EMPTY)).key not in told]
    return Draft(file, read, lists, problems)


def _validated(
    file: YamlFile,
    model: type[E],
    value: object,
    loc: Loc,
    vocabulary: Vocabulary | None,
    problems: list[Problem],
) -> E | None:
    try:
        return model.model_validate(value, context={"vocabulary": vocabulary})
    except ValidationError as error:
        problems += [_problem(file, model, loc, details) for details in error.errors(include_url=False)]
        return None


def _problem(file: YamlFile, model: type[BaseModel], loc: Loc, details: ErrorDetails) -> Problem:
    """Say what pydantic found, in plain words, at its place in the file."""
    kind, value, within = details["type"], details["input"], details["loc"]
    at = (*loc, *within)
    if kind == "missing":
        return file.problem(at[:-1], f"the key ‘{at[-1]}’ is missing")
    if kind == "extra_forbidden":
        return file.problem(at, _unknown_key(str(at[-1]), model, within), at_key=True)
    if value is None:
        return file.problem(at, _EMPTY)
    if kind == "value_error":
        return file.problem(at, str(details["ctx"]["error"]))
    if kind == "literal_error":
        return file.problem(
            at, f"{shown(str(value))} is not one of {details['ctx']['expected']}".replace("'", "")
        )
    wanted = {"string_type": "text", "tuple_type": "a list", "model_type": "a mapping"}.get(kind)
    return file.problem(at, f"is {_kind(value)}, not {wanted}" if wanted else details["msg"])


def _unknown_key(key: str, model: type[BaseModel], within: Loc) -> str:
    for part in within[:-1]:
        if isinstance(part, str):
            model = next(iter(_models(_field(model, part))), model)
    known = [field.alias or name for name, field in model.model_fields.items()]
    if " " in key:
        return f"unknown key {shown(key)}; words with a comma or a colon need quotation marks here"
    meant = suggestion(key, known) or f"; the keys here are {', '.join(known)}"
    return f"unknown key {shown(key)}{meant}"


def _field(model: type[BaseModel], key: str) -> object:
    fields = ((info.alias or name, info.annotation) for name, info in model.model_fields.items())
    return next((annotation for name, annotation in fields if name == key), None)


def _models(annotation: object) -> list[type[BaseModel]]:
    """Return the models inside a type such as `tuple[Model, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in typing.get_args(annotation) for model in _models(inner)]


def _entry_models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    return {
        name: models[0]
        for name, info in model.model_fields.items()
        if typing.get_origin(info.annotation) is tuple and (models := _models(info.annotation))
    }


def _kind(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, tuple) else f"the text {shown(str(value))}"
