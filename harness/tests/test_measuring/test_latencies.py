"""Percentiles of latencies: which values they are, and how sure."""

from __future__ import annotations

import random

from harness.measuring.latencies import by_round, percentiles

RNG = random.Random(7)


def test_percentiles_are_latencies_that_occurred() -> None:
    found = percentiles([[float(each) for each in range(1, 1001)]], RNG)

    assert {share: each.seconds for share, each in found.items()} == {
        "50": 501.0,
        "90": 901.0,
        "99": 991.0,
        "99.9": 1000.0,
    }


def test_rounds_that_are_alike_leave_no_doubt() -> None:
    found = percentiles([[1.0, 2.0, 3.0]] * 9, RNG)

    assert (found["50"].low, found["50"].seconds, found["50"].high) == (2.0, 2.0, 2.0)


def test_rounds_that_differ_leave_more_doubt_than_requests_that_do() -> None:
    mixed = [RNG.sample(range(1000), 100) for _ in range(20)]
    apart = [[base * 50 + each for each in range(50)] * 2 for base in range(20)]

    narrow, wide = percentiles(mixed, RNG)["50"], percentiles(apart, RNG)["50"]

    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_a_percentile_is_within_its_interval() -> None:
    for rounds in ([[5.0]], [[1.0], [9.0]], [[1.0] * 9 + [100.0]] * 3):
        assert all(each.low <= each.seconds <= each.high for each in percentiles(rounds, RNG).values())


def test_the_turns_of_a_round_belong_together() -> None:
    assert by_round([[1.0], [2.0], [3.0], [4.0]], 2) == [[1.0, 2.0], [3.0, 4.0]]
