"""The kinds of value in reading.yaml and metadata.yaml, each with its own sentence for what is not one."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
)

from kg.files.problems import shown, suggestion
from kg.files.yaml import Plain

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
UNIDENTIFIED = "unidentified"
TABLE = "x-table"
"""Marks, in the JSON Schema of the models, where the words of a table of the vocabulary go."""


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("is blank: write a value, or leave the key out")
    return value


def _slug(value: str) -> str:
    if not re.fullmatch(SLUG, value):
        raise ValueError(f"{shown(value)} is no identifier: small letters, digits and single hyphens")
    return value


def _sha256(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError(f"{shown(value)} is no SHA-256: 64 of the digits 0-9 and a-f")
    return value


def one_or_more(value: object) -> object:
    """Return a list as it is, and any other value as a list of one."""
    return value if isinstance(value, tuple) or value is None else (value,)


def word(value: object) -> object:
    """Return words written as text as the mapping they stand for."""
    return {"words": value} if isinstance(value, str) else value


def _count(value: object) -> object:
    if isinstance(value, Plain) and re.fullmatch(r"[0-9]{1,6}", value) and int(value):
        return int(value)
    raise ValueError("write a number from 1 on, such as 2")


def _flag(value: object) -> object:
    if isinstance(value, Plain) and value in ("true", "false"):
        return value == "true"
    raise ValueError("write true or false")


def _day(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"{shown(value)} is no day of the calendar") from error
    raise ValueError("write a day as year-month-day, such as 2026-11-24")


class _Notation:
    """Accept the words of one table of the vocabulary, which the validation context holds."""

    def __init__(self, table: str) -> None:
        self.table = table

    def __call__(self, value: str, info: ValidationInfo) -> str:
        vocabulary = info.context["vocabulary"] if info.context else None
        known = getattr(vocabulary, self.table) if vocabulary else {value}
        if value not in known:
            hint = suggestion(value, known)
            raise ValueError(f"{shown(value)} is not one of {', '.join(sorted(known))}{hint}")
        return value


def notation(table: str) -> Any:
    """Return the type of the words of one table of the vocabulary."""
    schema = {"type": "string", TABLE: table}
    return Annotated[str, AfterValidator(_Notation(table)), WithJsonSchema(schema)]


# An editor takes an unquoted 2019 for a number; the reader takes it for its text.
Text = Annotated[str, AfterValidator(_text), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Slug = Annotated[str, AfterValidator(_slug), WithJsonSchema({"type": "string", "pattern": SLUG})]
Sha256 = Annotated[
    str, AfterValidator(_sha256), WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"})
]
Slugs = Annotated[
    tuple[Slug, ...],
    BeforeValidator(one_or_more, json_schema_input_type=Slug | tuple[Slug, ...]),
]
Count = Annotated[int, BeforeValidator(_count), Field(ge=1)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[datetime.date, BeforeValidator(_day)]


class Entry(BaseModel):
    """What every mapping of the format has in common: no unknown keys, no guessed types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)
