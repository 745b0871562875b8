"""Compare a run with an earlier one that was stored.

Two runs were not made in turn, and the machine may have changed between them.  So each is first divided by its own
floor, and the interval is as wide as those of both together.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.measuring.measurements import FLOOR, Comparison, comparison_as_json, samples_by_row
from harness.measuring.ratios import Measure, Ratio
from harness.measuring.ratios import compare as interval
from harness.records import BENCHMARK_FORMAT, BENCHMARK_VERSION

Key = tuple[str, ...]


@dataclass(frozen=True)
class Baseline:
    """What the rows of an earlier record were in comparison with its floor, by what was measured."""

    path: str
    started: str
    rows: Mapping[Key, Mapping[str, Ratio]]


def read(path: str | None) -> Baseline | None:
    """Read the record at *path*; pytest.UsageError, one line, if there is none."""
    if path is None:
        return None
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no JSON"
        raise pytest.UsageError(f"--baseline={path}: cannot be read: {reason}") from None
    if not isinstance(record, dict) or (record.get("format"), record.get("version")) != (
        BENCHMARK_FORMAT,
        BENCHMARK_VERSION,
    ):
        raise pytest.UsageError(f"--baseline={path}: a benchmark record of version {BENCHMARK_VERSION} was expected")
    try:
        rows = {_key(each): _over_the_floor(each) for each in record["measurements"]}
        return Baseline(path, str(record["started"]), rows)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError):
        wrong = "the record is not whole; python -m reports.benchmarks with its path says where"
        raise pytest.UsageError(f"--baseline={path}: {wrong}") from None


def compare(now: Mapping[str, Any], baseline: Baseline | None, margin: float) -> list[dict[str, Any]]:
    """Compare each row of a measurement with the row of the same name in the baseline, both over their floors."""
    if baseline is None:
        return []
    ours, theirs = _over_the_floor(now), baseline.rows.get(_key(now), {})
    where = {"path": baseline.path, "started": baseline.started}
    found = []
    for row in sorted(ours.keys() & theirs.keys()):
        ratio = _quotient(ours[row], theirs[row])
        comparison = Comparison(row, row, ratio, ratio.verdict(margin))
        found.append({**comparison_as_json(comparison), "baseline": where})
    return found


def _key(measurement: Mapping[str, Any]) -> Key:
    return tuple(measurement[key] for key in ("scenario", "server_class", "load", "unit"))


def _over_the_floor(measurement: Mapping[str, Any]) -> dict[str, Ratio]:
    series = samples_by_row(measurement)
    floor = series.pop(FLOOR, None)
    if not floor:
        return {}
    measure = Measure(measurement["better"] == "less", measurement["resolution"])
    return {row: interval(measure.ratios(samples, floor)) for row, samples in series.items()}


def _quotient(ours: Ratio, theirs: Ratio) -> Ratio:
    """Divide two independent ratios; their errors add up as squares, on a logarithmic scale."""
    ratio = ours.ratio / theirs.ratio
    below = math.hypot(math.log(ours.ratio / ours.low), math.log(theirs.high / theirs.ratio))
    above = math.hypot(math.log(ours.high / ours.ratio), math.log(theirs.ratio / theirs.low))
    return Ratio(ratio, ratio / math.exp(below), ratio * math.exp(above))
