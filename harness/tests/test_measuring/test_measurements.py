"""What a measurement says: verdicts that were repeated, ceilings, percentiles, growth."""

from __future__ import annotations

import random

import pytest

from harness.measuring import measurements
from harness.measuring.measurements import Measurement, Subject
from harness.measuring.ratios import MARGIN, Measure, Verdict
from harness.measuring.sampling import CONTROL, Samples

SUBJECT = Subject("waving", "TCPServer", "2 clients", "Waves.", "time for a wave", "s")


def of(**series: float) -> Samples:
    rng = random.Random(5)
    return Samples(
        Measure(),
        {row: [value * rng.lognormvariate(0, 0.005) for _ in range(11)] for row, value in series.items()},
    )


def judged(first: Samples, second: Samples, margin: float = MARGIN) -> Measurement:
    found = Measurement(SUBJECT, first, margin)
    measurements.judge(found, ["a", "b"], ["a", "b"], lambda row: second, random.Random(1))
    return found


def slow(factor: float) -> Samples:
    return of(a=1.0, b=factor, **{CONTROL: 1.0})


def test_worse_is_said_when_fresh_processes_say_so_again() -> None:
    [comparison] = judged(slow(1.2), slow(1.2)).comparisons

    assert comparison.verdict is Verdict.WORSE
    assert comparison.repeated is not None


def test_worse_is_not_said_when_fresh_processes_do_not() -> None:
    [comparison] = judged(slow(1.2), slow(1.0)).comparisons

    assert comparison.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [
        (0.8, Verdict.BETTER),
        (0.96, Verdict.SLIGHTLY_BETTER),
        (1.0, Verdict.UNDECIDED),
        (1.2, Verdict.UNDECIDED),
    ],
)
def test_better_is_said_when_fresh_processes_say_so_again(factor: float, verdict: Verdict) -> None:
    [comparison] = judged(slow(0.8), slow(factor)).comparisons

    assert comparison.verdict is verdict
    assert comparison.repeated is not None


def test_a_row_that_is_no_candidate_is_not_repeated() -> None:
    found = Measurement(SUBJECT, slow(0.8))

    measurements.judge(found, ["a", "b"], ["a"], lambda row: Samples(Measure()), random.Random(1))

    assert [(each.verdict, each.repeated) for each in found.comparisons] == [(Verdict.BETTER, None)]


def test_no_more_is_said_than_fresh_processes_say() -> None:
    [comparison] = judged(slow(1.2), slow(1.05)).comparisons

    assert comparison.verdict is Verdict.SLIGHTLY_WORSE


@pytest.mark.parametrize("control", [0.9, 1.1])
def test_where_the_first_row_differs_from_itself_nothing_is_said_of_others(control: float) -> None:
    first = of(a=1.0, b=0.5, c=1.0, **{CONTROL: control})
    found = Measurement(SUBJECT, first)

    measurements.judge(found, ["a", "b", "c"], ["a", "b"], lambda row: Samples(Measure()), random.Random(1))

    assert [each.verdict for each in found.comparisons] == [Verdict.UNDECIDED, Verdict.UNDECIDED]
    assert found.comparisons[0].ratio.ratio == pytest.approx(0.5, rel=0.02)


def test_a_repetition_whose_control_shows_a_difference_confirms_nothing() -> None:
    [comparison] = judged(slow(1.2), of(a=1.0, b=1.2, **{CONTROL: 1.1})).comparisons

    assert comparison.verdict is Verdict.UNDECIDED
    assert comparison.repeated is not None
    assert comparison.repeated.verdict is Verdict.UNDECIDED


def test_a_control_that_differs_by_less_than_the_margin_leaves_the_verdicts_alone() -> None:
    [comparison] = judged(of(a=1.0, b=0.8, **{CONTROL: 1.02}), slow(0.8)).comparisons

    assert comparison.verdict is Verdict.BETTER


def test_everything_in_the_record_is_judged_by_the_margin_of_the_run() -> None:
    first = of(a=1.0, b=1.3, **{CONTROL: 1.15})

    written = measurements.as_json(judged(first, slow(1.15), margin=0.2), random.Random(1))

    assert written["comparisons"][0]["repeated"]["verdict"] == written["control"]["verdict"] == "same"
    assert written["discarded"] is None


def test_what_makes_no_difference_is_not_repeated() -> None:
    [comparison] = judged(slow(1.0), Samples(Measure())).comparisons

    assert (comparison.verdict, comparison.repeated) == (Verdict.SAME, None)


def test_nothing_is_compared_with_what_could_not_be_measured() -> None:
    found = judged(Samples(Measure(), {"b": [1.0]}, {"a": "it refused"}), Samples(Measure()))

    assert found.comparisons == []
    assert measurements.as_json(found, random.Random(1))["control"] is None


def test_the_record_has_the_samples_of_the_rows_and_the_verdict_of_the_control() -> None:
    written = measurements.as_json(judged(slow(1.2), slow(1.2)), random.Random(1))

    assert [each["row"] for each in written["series"]] == ["a", "b"]
    assert written["control"]["verdict"] == "same"
    assert len(written["control"]["samples"]) == written["rounds"] == 11
    assert written["ceiling"] is written["percentiles"] is written["growth"] is None


def test_the_ceiling_is_what_the_floor_takes_and_what_the_load_takes() -> None:
    found = judged(of(a=1.0, b=1.0, floor=0.5, **{CONTROL: 1.0}), Samples(Measure()))
    found.generator = [0.1, 0.3, 0.2]

    ceiling = measurements.as_json(found, random.Random(1))["ceiling"]

    assert ceiling == {"minimal": pytest.approx(0.5, rel=0.05), "generator": 0.2}


def test_percentiles_are_those_of_the_rows_that_were_measured_to_the_end() -> None:
    found = judged(slow(1.0), slow(1.0))
    found.latencies = {"a": [[1.0, 2.0], [3.0, 4.0]] * 11, "failed": [[9.0]]}
    found.rate = 800.0

    [written] = measurements.as_json(found, random.Random(1))["percentiles"]

    assert (written["row"], written["rate"]) == ("a", 800.0)
    assert written["values"]["50"] == {"seconds": 3.0, "low": 3.0, "high": 3.0}


def test_growth_has_the_medians_by_size() -> None:
    found = judged(slow(1.0), slow(1.0))
    found.sizes = {"a": {0: [1.0, 1.0], 10: [2.0, 2.0], 100: [11.0, 11.0]}}
    found.over = "open doors"

    written = measurements.as_json(found, random.Random(1))["growth"]

    assert (written["over"], written["sizes"]) == ("open doors", [0, 10, 100])
    assert written["lines"][0]["medians"] == [1.0, 2.0, 11.0]
    assert written["lines"][0]["exponent"] == pytest.approx(1.0)
