import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from kg.folders import SEEDS
from kg.seeds.schema import json_schema, schema_text
from kg.vocabulary import load_vocabulary

FERRY = Path(__file__).parent / "seeds" / "ferry-ramp"
VOCABULARY = load_vocabulary()
SCHEMA = Path(__file__).parent.parent / "kg" / "reading.schema.json"


def plain(path: Path) -> object:
    # What an editor sees: JSON's types, with days as text.
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(path), default=str))


def test_the_committed_schema_is_the_one_of_the_code() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(VOCABULARY)


@pytest.mark.parametrize("path", [SEEDS / "corbyn-russia" / "reading.yaml", FERRY / "reading.yaml"])
def test_the_schema_accepts_the_readings(path: Path) -> None:
    schema = json_schema(VOCABULARY)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(plain(path))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("stance: denial", "stance: denail", "'denail' is not one of"),
        ("    claim: ferry-operator-was-warned\n", "", "'claim' is a required property"),
        ("    responds_to: inspection-question\n", "", "'responds_to' is a required property"),
        ("        quotes: '\"ignored three warnings\"'\n", "", "'quotes' is a required property"),
        ("evaluative: true", "evaluative: maybe", "'maybe' is not of type 'boolean'"),
        ("made: 2026-11-24", "date: 2026-11-24", "'made' is a required property"),
        ("made: 2026-11-24", "made: 2026-11-24\ndate: x", "'date' was unexpected"),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "reading.yaml"
    text = (FERRY / "reading.yaml").read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    errors = list(jsonschema.Draft202012Validator(json_schema(VOCABULARY)).iter_errors(plain(path)))
    assert message in " ".join(error.message for error in errors)


def test_every_key_of_the_schema_is_described() -> None:
    schema = json_schema(VOCABULARY)
    for definition in (schema, *schema["$defs"].values()):
        assert definition["description"]
        for name, value in definition["properties"].items():
            assert "description" in value or "$ref" in value, name
