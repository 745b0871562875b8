"""A run beside an earlier one: both over their own floors."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from harness.measuring import baselines
from harness.measuring.baselines import Baseline


def measurement(better: str = "less", **rows: float) -> dict[str, Any]:
    rng = random.Random(1)
    series = [
        {"row": row, "samples": [value * rng.lognormvariate(0, 0.01) for _ in range(21)]} for row, value in rows.items()
    ]
    return {"scenario": "waving", "server_class": "", "load": "", "unit": "s", "better": better, "series": series}


def stored(*measurements: dict[str, Any]) -> Baseline:
    return Baseline("old.json", {"started": "2026-01-01T00:00:00+00:00", "measurements": list(measurements)})


def test_a_machine_that_is_twice_as_slow_makes_no_difference() -> None:
    then = stored(measurement(mine=1.0, floor=0.5))

    [found] = baselines.compare(measurement(mine=2.0, floor=1.0), then, 0.05)

    assert found["verdict"] == "same"
    assert found["ratio"] == pytest.approx(1.0, abs=0.02)
    assert found["baseline"] == {"path": "old.json", "started": "2026-01-01T00:00:00+00:00"}


def test_a_row_that_has_become_slower_is_worse_than_it_was() -> None:
    [found] = baselines.compare(measurement(mine=1.3, floor=0.5), stored(measurement(mine=1.0, floor=0.5)), 0.05)

    assert (found["row"], found["verdict"]) == ("mine", "worse")
    assert found["low"] < 1.3 < found["high"]


def test_less_of_what_should_be_more_is_worse() -> None:
    now, then = measurement("more", mine=0.5, floor=1.0), stored(measurement("more", mine=1.0, floor=1.0))

    [found] = baselines.compare(now, then, 0.05)

    assert found["verdict"] == "worse"


def test_the_interval_is_wider_than_that_of_either_run() -> None:
    [found] = baselines.compare(measurement(mine=1.0, floor=0.5), stored(measurement(mine=1.0, floor=0.5)), 0.05)
    alone = baselines._over_the_floor(measurement(mine=1.0, floor=0.5))["mine"]

    assert found["high"] / found["low"] > alone.high / alone.low


@pytest.mark.parametrize(
    "then", [None, stored(), stored(measurement(mine=1.0)), stored(measurement(other=1.0, floor=0.5))]
)
def test_what_the_baseline_does_not_have_is_not_compared(then: Baseline | None) -> None:
    assert baselines.compare(measurement(mine=1.0, floor=0.5), then, 0.05) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [(None, "No such file"), ("{", "no JSON"), ("[]", "version 1 was expected"), ('{"format": "x"}', "version 1 was")],
)
def test_what_is_no_record_is_refused_in_one_line(tmp_path: Path, text: str | None, reason: str) -> None:
    path = tmp_path / "old.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(pytest.UsageError, match=reason):
        baselines.read(str(path))


def test_a_record_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"format": "socketserver-benchmark-record", "version": 1, "measurements": []}))

    found = baselines.read(str(path))

    assert found is not None
    assert found.find(measurement()) is None
    assert baselines.read(None) is None
