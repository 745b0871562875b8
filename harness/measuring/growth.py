"""How the cost of one more grows with the number of those that are there: the exponent of a power law."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.measuring.ratios import CONFIDENCE, RESAMPLES, middle

LEAST_GROWTH = 1.1  # what costs less than this times the base may be noise


@dataclass(frozen=True)
class Exponent:
    """The slope of log(added cost) over log(number), with the ends of its bootstrap interval."""

    exponent: float
    low: float
    high: float


def fit(samples: Mapping[int, Sequence[float]], rng: random.Random) -> Exponent | None:
    """Fit cost = base + factor · number ** exponent to *samples* by number; None where nothing grows.

    The base is what one costs when none is there: number 0 has to be among the keys.
    """
    exponents = [_slope(_medians(_resampled(samples, rng))) for _ in range(RESAMPLES)]
    known = [each for each in exponents if each is not None]
    slope = _slope(_medians(samples))
    if slope is None or len(known) < RESAMPLES * CONFIDENCE:
        return None
    return Exponent(slope, *middle(known))


def _resampled(samples: Mapping[int, Sequence[float]], rng: random.Random) -> dict[int, list[float]]:
    """Draw rounds, each with its samples at every number."""
    count = min(map(len, samples.values()))
    rounds = rng.choices(range(count), k=count)
    return {number: [values[each] for each in rounds] for number, values in samples.items()}


def _medians(samples: Mapping[int, Sequence[float]]) -> dict[int, float]:
    return {number: statistics.median(values) for number, values in samples.items()}


def _slope(costs: Mapping[int, float]) -> float | None:
    """Return the slope of log(added cost) over log(number); None where fewer than two numbers add to the base."""
    base = costs[0]
    added = [
        (math.log(number), math.log(cost - base)) for number, cost in costs.items() if cost >= LEAST_GROWTH * base > 0
    ]
    if len(added) < 2:
        return None
    return statistics.linear_regression(*zip(*added, strict=True)).slope
