"""Medians of ratios, their intervals, and what these allow to say."""

from __future__ import annotations

import random
import statistics

import pytest

from harness.measuring.ratios import Measure, Ratio, Verdict, compare, false_alarms


@pytest.mark.parametrize(("count", "wider"), [(7, 1), (9, 0), (21, 1), (25, 0)])
def test_the_interval_is_that_of_a_bootstrap_or_reaches_to_the_next_value(count: int, wider: int) -> None:
    rng = random.Random(7)
    values = sorted(rng.lognormvariate(0, 0.1) for _ in range(count))
    medians = sorted(statistics.median(rng.choices(values, k=count)) for _ in range(40_000))

    found = compare(values)

    assert found.ratio == statistics.median(values)
    assert values.index(found.low) == values.index(medians[1000]) - wider
    assert values.index(found.high) == values.index(medians[-1001]) + wider


@pytest.mark.parametrize("count", [7, 9, 11, 13, 21, 31, 61])
def test_the_interval_holds_the_true_median_as_often_as_it_says(count: int) -> None:
    rng = random.Random(count)
    intervals = [compare([rng.lognormvariate(0, 0.1) for _ in range(count)]) for _ in range(4000)]

    assert sum(each.low <= 1.0 <= each.high for each in intervals) / len(intervals) >= 0.945


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 11, 15, 40])
def test_the_median_lies_in_its_interval_and_the_interval_among_the_values(count: int) -> None:
    values = [1 + each / count for each in range(count)]

    found = compare(values)

    assert values[0] <= found.low <= found.ratio <= found.high <= values[-1]


def test_no_rounds_are_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="no rounds"):
        compare([])


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.06, 1.20, Verdict.WORSE),
        (0.80, 0.94, Verdict.BETTER),
        (0.96, 1.04, Verdict.SAME),
        (1.01, 1.04, Verdict.SAME),
        (1.01, 1.10, Verdict.SLIGHTLY_WORSE),
        (0.90, 0.99, Verdict.SLIGHTLY_BETTER),
        (0.90, 1.02, Verdict.UNDECIDED),
        (0.98, 1.30, Verdict.UNDECIDED),
    ],
)
def test_a_verdict_says_what_the_whole_interval_allows(low: float, high: float, verdict: Verdict) -> None:
    assert Ratio((low * high) ** 0.5, low, high).verdict(margin=0.05) is verdict


def test_more_than_the_margin_is_judged_by_the_margin_that_is_given() -> None:
    assert Ratio(1.1, 1.08, 1.12).verdict(margin=0.05) is Verdict.WORSE
    assert Ratio(1.1, 1.08, 1.12).verdict(margin=0.2) is Verdict.SAME


def test_above_one_is_worse_whatever_is_better() -> None:
    assert Measure().ratios([2.0], [1.0]) == [2.0]
    assert Measure(less_is_better=False).ratios([2.0], [1.0]) == [0.5]


def test_what_cannot_be_resolved_makes_no_difference() -> None:
    assert Measure(resolution=1.0).ratios([0.0, 3.0], [0.0, 1.0]) == [1.0, 2.0]


def test_equal_things_hardly_ever_raise_an_alarm() -> None:
    rng = random.Random(1)
    quiet = [rng.lognormvariate(0, 0.03) for _ in range(21)]

    assert false_alarms(quiet, rng) == 0.0


def test_an_alarm_that_noise_can_raise_is_counted() -> None:
    rng = random.Random(1)

    assert 0 < false_alarms([2.0, 0.5, 2.0], rng) < 0.25
