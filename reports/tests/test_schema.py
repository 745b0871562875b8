"""The published schema describes what the reader reads."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from reports import records
from reports.verdicts import CheckVerdict, NotRun

SCHEMA: dict[str, Any] = json.loads(
    (Path(records.__file__).parent / "run-record.schema.json").read_text(encoding="utf-8")
)
DEFINITIONS = SCHEMA["$defs"]


def objects(schema: object) -> Iterator[dict[str, Any]]:
    """Yield every part of *schema* that describes an object with named keys."""
    if isinstance(schema, dict):
        if "properties" in schema and isinstance(schema.get("required"), list):
            yield schema
        for part in schema.values():
            yield from objects(part)
    if isinstance(schema, list):
        for part in schema:
            yield from objects(part)


def test_the_schema_is_a_valid_schema_without_an_address_of_its_own() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    assert "$id" not in SCHEMA


@pytest.mark.parametrize("name", ["clean", "every-verdict", "older"])
def test_the_samples_satisfy_the_schema(sample: Callable[[str], Path], name: str) -> None:
    record = json.loads(sample(name).read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(SCHEMA).validate(record)


@pytest.mark.parametrize("place", ["suite", "environment", "footer"])
def test_a_key_that_nobody_has_named_breaks_the_schema(sample: Callable[[str], Path], place: str) -> None:
    record = json.loads(sample("clean").read_text(encoding="utf-8"))
    record[place]["surprise"] = 1

    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.Draft202012Validator(SCHEMA).validate(record)


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (records.Suite, SCHEMA["properties"]["suite"]),
        (records.Environment, SCHEMA["properties"]["environment"]),
        (records.Result, SCHEMA["properties"]["result"]),
        (records.Footer, SCHEMA["properties"]["footer"]),
        (records.Requirement, DEFINITIONS["requirement"]),
        (records.Candidate, DEFINITIONS["candidate"]),
        (records.Interpreter, DEFINITIONS["candidate"]["properties"]["interpreter"]),
        (records.Outcome, DEFINITIONS["result"]),
        (records.Deviation, DEFINITIONS["deviation"]),
        (records.Flaky, DEFINITIONS["flaky"]),
        (records.Check, DEFINITIONS["check"]),
        (records.Evidence, DEFINITIONS["evidence"]),
        (records.Violation, DEFINITIONS["evidence"]["properties"]["violations"]["items"]),
    ],
)
def test_schema_and_reader_know_the_same_keys(kind: Any, schema: dict[str, Any]) -> None:
    names = [field.name for field in dataclasses.fields(kind)]

    assert names == list(schema["properties"]) == schema["required"]


def test_the_top_level_has_format_and_version_besides_what_is_read() -> None:
    names = [field.name for field in dataclasses.fields(records.Record)]

    assert ["format", "version", *names] == list(SCHEMA["properties"]) == SCHEMA["required"]


def test_schema_and_reader_know_the_same_verdicts() -> None:
    assert DEFINITIONS["check-verdict"]["enum"] == list(get_args(CheckVerdict))
    assert DEFINITIONS["requirement-verdict"]["enum"] == [
        *get_args(CheckVerdict),
        *get_args(NotRun),
    ]


def test_every_object_is_closed_and_every_key_explained() -> None:
    for schema in objects(SCHEMA):
        assert schema["additionalProperties"] is False
        for name, part in schema["properties"].items():
            target = DEFINITIONS.get(part.get("$ref", "").removeprefix("#/$defs/"), {})
            assert "description" in part or "description" in target, name
