"""Percentiles of latencies, with intervals.

Requests of one process are alike, and so are those of one moment: what is redrawn are rounds, never single requests
(A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8, on hierarchical data).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.measuring.ratios import RESAMPLES, middle

SHARES = (50, 90, 99, 99.9)  # percent


@dataclass(frozen=True)
class Percentile:
    """The seconds that so many of a hundred requests did not exceed, with the ends of the bootstrap interval."""

    seconds: float
    low: float
    high: float


def percentiles(rounds: Sequence[Sequence[float]], rng: random.Random) -> dict[str, Percentile]:
    """Return the percentiles of the latencies of all *rounds*, by the percentage as text."""
    found = _values(rounds)
    redrawn = [_values(rng.choices(rounds, k=len(rounds))) for _ in range(RESAMPLES)]
    return {share: _percentile(seconds, [each[share] for each in redrawn]) for share, seconds in found.items()}


def by_round(turns: Sequence[Sequence[float]], rounds: int) -> list[list[float]]:
    """Join the latencies of all turns of a round, of which each had as many."""
    each = len(turns) // rounds
    return [list(itertools.chain(*turns[first : first + each])) for first in range(0, each * rounds, each)]


def _values(rounds: Iterable[Sequence[float]]) -> Mapping[str, float]:
    ordered = sorted(itertools.chain(*rounds))
    return {f"{share:g}": ordered[min(int(len(ordered) * share / 100), len(ordered) - 1)] for share in SHARES}


def _percentile(seconds: float, redrawn: Sequence[float]) -> Percentile:
    low, high = middle([seconds, *redrawn])
    return Percentile(seconds, min(seconds, low), max(seconds, high))
