"""The JSON Schema (draft 2020-12) of reading.yaml, by which editors complete and check it."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import NullableSchema, WithDefaultSchema

from kg.model import Vocabulary
from kg.seeds.fields import TABLE
from kg.seeds.fileformat import ReadingFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the schema of a reading, with the words of the vocabulary where one is wanted.

    It tells what an entry must look like; that words and names are there, only the reader can tell.
    """
    schema = ReadingFile.model_json_schema(schema_generator=_Generator)
    _fill_in(schema, vocabulary)
    statement, attribution = (schema["$defs"][name] for name in ("StatementEntry", "AttributionEntry"))
    with_claim = [
        word for word, stance in vocabulary.stances.items() if not stance.addresses.endswith("#addresses")
    ]
    answering = [word for word, stance in vocabulary.stances.items() if stance.term.endswith("#NonAnswer")]
    statement["allOf"] = [_if("stance", with_claim, "claim"), _if("stance", answering, "responds_to")]
    attribution["allOf"] = [_if("mode", ["direct"], "content"), _if("mode", ["mixed"], "content", "quotes")]
    return {"$schema": DIALECT, "title": "A reading of an article", **schema}


def schema_text(vocabulary: Vocabulary) -> str:
    """Return the schema as the text of kg/reading.schema.json, which is the same however often it is made."""
    return json.dumps(json_schema(vocabulary), ensure_ascii=False, indent=2) + "\n"


class _Generator(GenerateJsonSchema):
    """Leave out null, which the format never has, and the defaults that stand for an absent key."""

    def nullable_schema(self, schema: NullableSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: WithDefaultSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def _fill_in(node: Any, vocabulary: Vocabulary) -> None:
    """Put the words of the tables in, and take pydantic's names of classes out."""
    if isinstance(node, dict):
        if table := node.pop(TABLE, None):
            node["enum"] = sorted(getattr(vocabulary, table))
        if node.get("type") == "object":
            node.pop("title", None)
        for inner in node.values():
            _fill_in(inner, vocabulary)
    elif isinstance(node, list):
        for inner in node:
            _fill_in(inner, vocabulary)


def _if(key: str, words: list[str], *needed: str) -> dict[str, Any]:
    """Return the rule that an entry with one of the words needs the given keys."""
    return {
        "if": {"properties": {key: {"enum": words}}, "required": [key]},
        "then": {"required": list(needed)},
    }
