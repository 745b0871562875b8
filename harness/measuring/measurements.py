"""One measurement: a scenario with one server class and one load, every row in turn, and what came out."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from harness.measuring import growth
from harness.measuring.latencies import by_round, percentiles
from harness.measuring.ratios import MARGIN, Ratio, Verdict, false_alarms
from harness.measuring.sampling import CONTROL, Samples

FLOOR = "floor"  # the row of the minimal server

# What is said only if fresh processes say it, too, and what may be said if they do.
CONFIRMING = {
    Verdict.WORSE: (Verdict.WORSE, Verdict.SLIGHTLY_WORSE),
    Verdict.BETTER: (Verdict.BETTER, Verdict.SLIGHTLY_BETTER),
}


@dataclass(frozen=True)
class Subject:
    """What is measured. quantity: of what the figures are. unit: "s", "bytes", "wake-ups/s", "share"."""

    scenario: str
    server_class: str
    load: str
    says: str
    quantity: str
    unit: str

    @property
    def title(self) -> str:
        """What tells it from others, in few words."""
        return title(vars(self))


def title(measurement: Mapping[str, Any]) -> str:
    """Return what tells a measurement of a record from others, in few words."""
    return " ".join(filter(None, (measurement[key] for key in ("scenario", "server_class", "load"))))


def samples_by_row(measurement: Mapping[str, Any]) -> dict[str, list[float]]:
    """Return the samples of a measurement of a record."""
    return {series["row"]: series["samples"] for series in measurement["series"]}


@dataclass(frozen=True)
class Finding:
    """A ratio, and what may be said of it."""

    ratio: Ratio
    verdict: Verdict


@dataclass(frozen=True)
class Comparison:
    """One row against another; *repeated*: the same again in fresh processes, before "worse" or "better" is said."""

    row: str
    against: str
    ratio: Ratio
    verdict: Verdict
    repeated: Finding | None = None


@dataclass
class Measurement:
    """All that is known of a subject.

    margin: what is nearer to 1 than this does not matter.
    generator: seconds of processor time that the load took for a request, each time that it was timed.
    latencies: for each row those of each turn, at *rate* requests a second.
    sizes: for each row its samples by the number of those that are there, of what *over* says.
    control: how the first row compares with itself; alarms: the rate of false ones; None if that is not known.
    discarded: the control of a first attempt, which showed more than the margin, so that all was measured again.
    """

    subject: Subject
    samples: Samples
    margin: float = MARGIN
    comparisons: list[Comparison] = field(default_factory=list)
    generator: list[float] = field(default_factory=list)
    latencies: dict[str, list[Sequence[float]]] = field(default_factory=dict)
    rate: float = 0.0
    sizes: dict[str, dict[int, list[float]]] = field(default_factory=dict)
    over: str = ""
    control: Ratio | None = None
    alarms: float | None = None
    discarded: Ratio | None = None


def noise(samples: Samples, base: str, margin: float) -> Ratio | None:
    """Return how *base* compares with itself, if that is a difference by more than the margin."""
    if base not in samples.series or CONTROL not in samples.series:
        return None
    control = samples.against(CONTROL, base)
    return control if control.verdict(margin) in (Verdict.WORSE, Verdict.BETTER) else None


def judge(
    found: Measurement,
    rows: Sequence[str],
    candidates: Sequence[str],
    again: Callable[[str], Samples],
    rng: random.Random,
) -> None:
    """Compare every row with the first; again(row) measures a candidate anew, before it is called worse or better."""
    base = rows[0]
    if base not in found.samples.series or CONTROL not in found.samples.series:
        return
    found.control = found.samples.against(CONTROL, base)
    found.alarms = false_alarms(found.samples.ratios(CONTROL, base), rng, found.margin)
    for row in rows[1:]:
        first = finding(found.samples, row, base, found.margin)
        if first is None:
            continue
        verdict, repeated = first.verdict, None
        if verdict in CONFIRMING and row in candidates:
            repeated = finding(again(row), row, base, found.margin)
            verdict = confirmed(verdict, repeated)
        found.comparisons.append(Comparison(row, base, first.ratio, verdict, repeated))


def finding(samples: Samples, row: str, base: str, margin: float) -> Finding | None:
    """Compare *row* with *base*; None if either was not measured.

    Where the control shows that the base differs from itself by more than the margin, nothing can be said of others.
    """
    if row not in samples.series or base not in samples.series:
        return None
    ratio = samples.against(row, base)
    return Finding(ratio, Verdict.UNDECIDED if noise(samples, base, margin) else ratio.verdict(margin))


def confirmed(verdict: Verdict, repeated: Finding | None) -> Verdict:
    """Say of what looked worse, or better, what a repetition in fresh processes says, too: no more than that."""
    said = Verdict.UNDECIDED if repeated is None else repeated.verdict
    return said if said in CONFIRMING[verdict] else Verdict.UNDECIDED


def as_json(found: Measurement, rng: random.Random) -> dict[str, Any]:
    """Return the measurement as the record of a run holds it."""
    samples = found.samples
    shown = {row: values for row, values in samples.series.items() if row != CONTROL}
    return {
        **vars(found.subject),
        "better": "less" if samples.measure.less_is_better else "more",
        "resolution": samples.measure.resolution,
        "rounds": samples.rounds,
        "series": [{"row": row, "samples": values[: samples.rounds]} for row, values in shown.items()],
        "comparisons": [comparison_as_json(each) for each in found.comparisons],
        "control": _control(found),
        "discarded": found.discarded and _ratio(found.discarded, found.discarded.verdict(found.margin)),
        "ceiling": _ceiling(found),
        "percentiles": _percentiles(found, rng) or None,
        "growth": _growth(found, rng),
    }


def _ratio(ratio: Ratio, verdict: Verdict) -> dict[str, Any]:
    return {"ratio": ratio.ratio, "low": ratio.low, "high": ratio.high, "verdict": str(verdict)}


def comparison_as_json(each: Comparison) -> dict[str, Any]:
    """Return a comparison as the record of a run holds it."""
    return {
        "row": each.row,
        "against": each.against,
        "baseline": None,
        **_ratio(each.ratio, each.verdict),
        "repeated": each.repeated and _ratio(each.repeated.ratio, each.repeated.verdict),
    }


def _control(found: Measurement) -> dict[str, Any] | None:
    if found.control is None:
        return None
    return {
        **_ratio(found.control, found.control.verdict(found.margin)),
        "false_alarms": found.alarms,
        "samples": found.samples.series[CONTROL][: found.samples.rounds],
    }


def _ceiling(found: Measurement) -> dict[str, float] | None:
    floor = found.samples.series.get(FLOOR)
    if not found.generator or not floor:
        return None
    return {"minimal": statistics.median(floor), "generator": statistics.median(found.generator)}


def _percentiles(found: Measurement, rng: random.Random) -> list[dict[str, Any]]:
    samples = found.samples
    measured = {row: turns for row, turns in found.latencies.items() if row in samples.series and samples.rounds}
    return [
        {
            "row": row,
            "rate": found.rate,
            "values": {
                share: asdict(each) for share, each in percentiles(by_round(turns, samples.rounds), rng).items()
            },
        }
        for row, turns in measured.items()
    ]


def _growth(found: Measurement, rng: random.Random) -> dict[str, Any] | None:
    if not found.sizes:
        return None
    lines = []
    for row, by_size in found.sizes.items():
        exponent = growth.fit(by_size, rng)
        lines.append(
            {
                "row": row,
                "medians": [statistics.median(values) for values in by_size.values()],
                "exponent": exponent and exponent.exponent,
                "low": exponent and exponent.low,
                "high": exponent and exponent.high,
            }
        )
    return {"over": found.over, "sizes": list(next(iter(found.sizes.values()))), "lines": lines}
