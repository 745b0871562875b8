"""The exponent of a growth that is known."""

from __future__ import annotations

import random

import pytest

from harness.measuring import growth

SIZES = (0, 10, 100, 400)


def samples(cost: dict[int, float], noise: float) -> dict[int, list[float]]:
    rng = random.Random(3)
    return {size: [value * rng.lognormvariate(0, noise) for _ in range(15)] for size, value in cost.items()}


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_law_is_found(exponent: float) -> None:
    costs = {size: 100 + 5 * size**exponent for size in SIZES}

    found = growth.fit(samples(costs, noise=0.01), random.Random(1))

    assert found is not None
    assert found.low < exponent < found.high
    assert found.high - found.low < 0.3


def test_what_does_not_grow_has_no_exponent() -> None:
    assert growth.fit(samples(dict.fromkeys(SIZES, 100.0), noise=0.02), random.Random(1)) is None


def test_what_is_lost_in_noise_has_no_exponent() -> None:
    costs = {size: 100 + 0.05 * size for size in SIZES}

    assert growth.fit(samples(costs, noise=0.3), random.Random(1)) is None
