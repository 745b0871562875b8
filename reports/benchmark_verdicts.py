"""The verdicts of a benchmark record: their order, their words, and what they claim.

A record says "better" or "worse"; of times people say "faster" or "slower".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Verdict = Literal["better", "slightly better", "same", "too noisy to tell", "slightly worse", "worse"]
Unit = Literal["s", "bytes", "wake-ups/s", "share"]
Better = Literal["less", "more"]
Direction = Literal["good", "even", "open", "bad"]

ORDER: tuple[Verdict, ...] = get_args(Verdict)

MEANING: Mapping[Verdict, str] = {
    "better": "the whole interval is better than the margin",
    "slightly better": "the interval excludes 1 on the better side, but reaches into the margin",
    "same": "the whole interval is within the margin",
    "too noisy to tell": "the interval is too wide for any other, or the control differs by more than the margin;"
    " this does not say that they are equal",
    "slightly worse": "the interval excludes 1 on the worse side, but reaches into the margin",
    "worse": "the whole interval is worse than the margin",
}

_DIRECTION: Mapping[Verdict, Direction] = {
    "better": "good",
    "slightly better": "good",
    "same": "even",
    "too noisy to tell": "open",
    "slightly worse": "bad",
    "worse": "bad",
}
_OF_TIMES: Mapping[Verdict, str] = {
    "better": "faster",
    "slightly better": "slightly faster",
    "slightly worse": "slightly slower",
    "worse": "slower",
}


def direction(verdict: Verdict) -> Direction:
    """Say to which side *verdict* leans."""
    return _DIRECTION[verdict]


def claims_difference(verdict: Verdict) -> bool:
    """Say whether *verdict* tells one side from the other, however slightly."""
    return _DIRECTION[verdict] in {"good", "bad"}


def word(verdict: Verdict, unit: Unit, better: Better) -> str:
    """Return what people say for *verdict* on a quantity in *unit*."""
    return _OF_TIMES.get(verdict, verdict) if unit == "s" and better == "less" else verdict


@dataclass(frozen=True)
class Tally:
    """How often each word was said; `counts` is in the order of the verdicts, without zeros."""

    counts: Mapping[str, int]
    directions: Mapping[Direction, int]

    @property
    def total(self) -> int:
        """All verdicts that were counted."""
        return sum(self.counts.values())


def tally(said: Iterable[tuple[Verdict, str]]) -> Tally:
    """Count verdicts, each with its word."""
    found = sorted(said, key=lambda pair: (ORDER.index(pair[0]), pair[1]))
    counts: dict[str, int] = {}
    directions: dict[Direction, int] = dict.fromkeys(get_args(Direction), 0)
    for verdict, spoken in found:
        counts[spoken] = counts.get(spoken, 0) + 1
        directions[direction(verdict)] += 1
    return Tally(counts, directions)
