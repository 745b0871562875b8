"""A run beside an earlier one: both over their own floors."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.measuring import baselines
from harness.measuring.baselines import Baseline

Stored = Callable[..., Baseline]


def measurement(better: str = "less", resolution: float = 0.0, **rows: float) -> dict[str, Any]:
    rng = random.Random(1)
    series = [
        {"row": row, "samples": [value * rng.lognormvariate(0, 0.01) for _ in range(21)]} for row, value in rows.items()
    ]
    subject = {"scenario": "waving", "server_class": "", "load": "", "unit": "s"}
    return {**subject, "better": better, "resolution": resolution, "series": series}


def record(*measurements: dict[str, Any]) -> str:
    head = {"format": "socketserver-benchmark-record", "version": 1, "started": "2026-01-01T00:00:00+00:00"}
    return json.dumps({**head, "measurements": measurements})


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., Baseline]:
    """Return what was read of a record of some measurements."""

    def make(*measurements: dict[str, Any]) -> Baseline:
        path = tmp_path / "old.json"
        path.write_text(record(*measurements))
        found = baselines.read(str(path))
        assert found is not None
        return found

    return make


def test_a_machine_that_is_twice_as_slow_makes_no_difference(stored: Stored) -> None:
    then = stored(measurement(mine=1.0, floor=0.5))

    [found] = baselines.compare(measurement(mine=2.0, floor=1.0), then, 0.05)

    assert found["verdict"] == "same"
    assert found["ratio"] == pytest.approx(1.0, abs=0.02)
    assert found["baseline"] == {"path": then.path, "started": "2026-01-01T00:00:00+00:00"}


def test_a_row_that_has_become_slower_is_worse_than_it_was(stored: Stored) -> None:
    [found] = baselines.compare(measurement(mine=1.3, floor=0.5), stored(measurement(mine=1.0, floor=0.5)), 0.05)

    assert (found["row"], found["verdict"]) == ("mine", "worse")
    assert found["low"] < 1.3 < found["high"]


def test_less_of_what_should_be_more_is_worse(stored: Stored) -> None:
    now, then = measurement("more", mine=0.5, floor=1.0), stored(measurement("more", mine=1.0, floor=1.0))

    [found] = baselines.compare(now, then, 0.05)

    assert found["verdict"] == "worse"


def test_a_floor_that_needs_nothing_can_be_compared_with(stored: Stored) -> None:
    now, then = measurement(resolution=0.5, mine=2.0, floor=0.0), stored(measurement(resolution=0.5, mine=2, floor=0))

    [found] = baselines.compare(now, then, 0.05)

    assert found["verdict"] == "same"


def test_the_interval_is_wider_than_that_of_either_run(stored: Stored) -> None:
    then = stored(measurement(mine=1.0, floor=0.5))
    [[alone]] = [rows.values() for rows in then.rows.values()]

    [found] = baselines.compare(measurement(mine=1.0, floor=0.5), then, 0.05)

    assert found["high"] / found["low"] > alone.high / alone.low


@pytest.mark.parametrize("then", [(), (measurement(mine=1.0),), (measurement(other=1.0, floor=0.5),)])
def test_what_the_baseline_does_not_have_is_not_compared(stored: Stored, then: tuple[dict[str, Any], ...]) -> None:
    assert baselines.compare(measurement(mine=1.0, floor=0.5), stored(*then), 0.05) == []


def test_without_a_baseline_nothing_is_compared() -> None:
    assert baselines.read(None) is None
    assert baselines.compare(measurement(mine=1.0, floor=0.5), None, 0.05) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "No such file"),
        ("{", "no JSON"),
        ("[]", "version 1 was expected"),
        ('{"format": "x"}', "version 1 was"),
        ('{"format": "socketserver-benchmark-record", "version": 1}', "the record is not whole; python -m reports"),
        (record({"scenario": "waving"}), "the record is not whole"),
        (record({**measurement(), "series": 5}), "the record is not whole"),
        (record(measurement(mine=1.0, floor=0.0)), "the record is not whole"),
    ],
)
def test_what_is_no_record_is_refused_in_one_line(tmp_path: Path, text: str | None, reason: str) -> None:
    path = tmp_path / "old.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(pytest.UsageError, match=reason):
        baselines.read(str(path))
