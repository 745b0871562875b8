"""Samples are taken in turn, until enough is known."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from harness.measuring.ratios import Measure, Verdict
from harness.measuring.sampling import (
    CONTROL,
    FULL,
    QUICK,
    FailedSample,
    Figures,
    Plan,
    Samples,
    in_time,
    lasting,
    sample,
)

PLAN = Plan((5, 9, 15), seconds=60.0)


def nothing() -> None:
    """Renew nothing."""


def taken(
    figure: Callable[[str], float], *rows: str, plan: Plan = PLAN, renew: Callable[[], None] = nothing
) -> Samples:
    """Sample rows whose figures are made one by one."""

    def take(asked: Sequence[str]) -> Figures:
        figures: dict[str, float | FailedSample] = {}
        for row in asked:
            try:
                figures[row] = figure(row)
            except FailedSample as error:
                figures[row] = error
        return figures

    return sample(rows, take, renew, plan, random.Random(1), Measure(), judged=rows[1:])


def test_every_round_has_one_figure_of_each_row_and_one_of_the_control() -> None:
    order: list[str] = []

    def figure(row: str) -> float:
        order.append(row)
        return 1.0

    found = taken(figure, "one", "two")

    rounds = [order[start : start + 3] for start in range(0, len(order), 3)]
    assert all(sorted(each) == sorted(["one", "two", CONTROL]) for each in rounds)
    assert len({tuple(each) for each in rounds}) > 1
    assert found.rounds == 5


def test_sampling_ends_when_the_comparison_is_decided() -> None:
    found = taken(lambda row: {"one": 1.0, "two": 2.0, CONTROL: 1.0}[row], "one", "two")

    assert found.rounds == PLAN.looks[0]
    assert found.against("two", "one").verdict() is Verdict.WORSE


def test_sampling_goes_on_while_nothing_is_decided_but_not_for_ever() -> None:
    rng = random.Random(2)

    found = taken(lambda row: rng.choice([1.0, 3.0]), "one", "two")

    assert found.rounds == PLAN.looks[-1]


def test_what_is_not_decided_goes_on_with_new_warm_processes() -> None:
    rng = random.Random(2)
    asked: list[str] = []
    renewed: list[int] = []

    def figure(row: str) -> float:
        asked.append(row)
        return rng.choice([1.0, 3.0])

    taken(figure, "one", "two", renew=lambda: renewed.append(asked.count("one")))

    assert renewed == [5, 9, 13]


def test_what_is_decided_at_the_first_look_needs_no_new_warm_processes() -> None:
    renewed: list[bool] = []

    taken(lambda row: 1.0, "one", "two", renew=lambda: renewed.append(True))

    assert not renewed


def test_time_that_is_over_ends_sampling_at_the_next_look() -> None:
    rng = random.Random(2)

    found = taken(lambda row: rng.choice([1.0, 3.0]), "one", "two", plan=Plan((5, 9, 15), seconds=0.0))

    assert found.rounds == PLAN.looks[0]


def test_a_row_that_fails_is_left_out_and_the_others_go_on() -> None:
    calls: Counter[str] = Counter()

    def take(row: str) -> float:
        calls[row] += 1
        if row == "two" and calls[row] == 3:
            raise FailedSample("it refused")
        return 1.0

    found = taken(take, "one", "two", "three")

    assert found.failed == {"two": "it refused"}
    assert sorted(found.series) == sorted(["one", "three", CONTROL])
    assert found.rounds == 5


def test_without_the_first_row_there_is_nothing_to_go_on_with() -> None:
    def take(row: str) -> float:
        raise FailedSample("nobody there")

    found = taken(take, "one", "two")

    assert found.failed["one"] == "nobody there"


def test_a_single_row_is_compared_with_itself() -> None:
    found = taken(lambda row: 1.0, "one")

    assert found.against(CONTROL, "one").verdict() is Verdict.SAME


@pytest.mark.parametrize(
    ("elapsed", "measured", "seconds"), [(0.0, 0, 10.0), (77.0, 10, 10.0), (79.0, 10, 4.0), (79.0, 11, 10.0)]
)
def test_a_run_that_is_late_gives_a_measurement_less_time(elapsed: float, measured: int, seconds: float) -> None:
    assert in_time(FULL, elapsed, measured) == replace(FULL, seconds=seconds)


@pytest.mark.parametrize(
    ("plan", "seconds", "looks"),
    [
        (FULL, 4.0, FULL.looks),
        (FULL, 60.0, (*FULL.looks, 81, 111, 151, 201, 301)),
        (QUICK, 3.0, (6, 9, 13, 15, 21, 31, 41, 61, 81, 111, 151, 201, 301)),
    ],
)
def test_more_time_allows_more_looks(plan: Plan, seconds: float, looks: tuple[int, ...]) -> None:
    assert lasting(plan, seconds) == replace(plan, looks=looks, seconds=seconds)


def test_no_hurry_gives_a_measurement_more_time_than_it_would_have_had() -> None:
    assert in_time(QUICK, 1000.0, 0) == QUICK
