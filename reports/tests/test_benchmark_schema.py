"""The published schema of benchmark records describes what the reader reads."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from reports import benchmark_records as records
from reports.benchmark_verdicts import Better, Unit, Verdict
from reports.records import Suite
from reports.tests.test_schema import objects

SCHEMA: dict[str, Any] = json.loads(
    (Path(records.__file__).parent / "benchmark-record.schema.json").read_text(encoding="utf-8")
)
DEFINITIONS = SCHEMA["$defs"]


def test_the_schema_is_a_valid_schema_without_an_address_of_its_own() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    assert "$id" not in SCHEMA


@pytest.mark.parametrize("name", ["every-verdict", "older"])
def test_the_samples_satisfy_the_schema(benchmark_sample: Callable[[str], Path], name: str) -> None:
    record = json.loads(benchmark_sample(name).read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(SCHEMA).validate(record)


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (Suite, SCHEMA["properties"]["suite"]),
        (records.Environment, SCHEMA["properties"]["environment"]),
        (records.Footer, SCHEMA["properties"]["footer"]),
        (records.Row, DEFINITIONS["row"]),
        (records.Measurement, DEFINITIONS["measurement"]),
        (records.Series, DEFINITIONS["series"]),
        (records.Comparison, DEFINITIONS["comparison"]),
        (records.Baseline, DEFINITIONS["baseline"]),
        (records.Finding, DEFINITIONS["finding"]),
        (records.Control, DEFINITIONS["control"]),
        (records.Ceiling, DEFINITIONS["ceiling"]),
        (records.Latency, DEFINITIONS["latency"]),
        (records.Percentiles, DEFINITIONS["percentiles"]),
        (records.Growth, DEFINITIONS["growth"]),
        (records.GrowthLine, DEFINITIONS["line"]),
        (records.Missing, DEFINITIONS["missing"]),
    ],
)
def test_schema_and_reader_know_the_same_keys(kind: Any, schema: dict[str, Any]) -> None:
    names = [field.name for field in dataclasses.fields(kind)]

    assert names == list(schema["properties"]) == schema["required"]


def test_the_top_level_has_format_and_version_besides_what_is_read() -> None:
    names = [field.name for field in dataclasses.fields(records.BenchmarkRecord)]

    assert ["format", "version", *names] == list(SCHEMA["properties"]) == SCHEMA["required"]
    assert SCHEMA["properties"]["format"]["const"] == records.FORMAT.name


def test_schema_and_reader_know_the_same_words() -> None:
    measurement = DEFINITIONS["measurement"]["properties"]

    assert DEFINITIONS["verdict"]["enum"] == list(get_args(Verdict))
    assert measurement["unit"]["enum"] == list(get_args(Unit))
    assert measurement["better"]["enum"] == list(get_args(Better))
    assert DEFINITIONS["row"]["properties"]["kind"]["enum"] == list(get_args(records.Kind))


def test_every_object_is_closed_and_every_key_explained() -> None:
    for schema in objects(SCHEMA):
        assert schema["additionalProperties"] is False
        for name, part in schema["properties"].items():
            target = DEFINITIONS.get(part.get("$ref", "").removeprefix("#/$defs/"), {})
            assert "description" in part or "description" in target, name
