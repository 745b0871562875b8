"""Take samples of several rows in turn, so that whatever else the machine does befalls all of them alike.

A round gives one figure of every row, and one more of the first row: the control, A/A, which must show no difference.
Figures of one round are paired.  Sampling goes on until the comparisons of the candidates are decided, or for as many
rounds as are allowed.

What memory looks like in a warm process is the same for all that are forked from it, and can make the same code faster
or slower by several percent, which more rounds do not average out.  So what is not decided at the first look goes on
with new ones from time to time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.measuring.ratios import DECIDED, MARGIN, Measure, Ratio, compare

CONTROL = "(control)"
RENEWED = 4  # rounds that new warm processes serve for


@dataclass(frozen=True)
class Plan:
    """How long to go on: looks are the numbers of rounds after which to see whether that is enough.

    seconds: after this time the next look is the last one.
    """

    looks: Sequence[int]
    seconds: float
    margin: float = MARGIN


FULL = Plan((7, 11, 15, 21, 31, 41, 61), 10.0)
QUICK = Plan((6, 9, 13), 1.5)  # 6 rounds are the fewest that an interval of 95 % can have
LOOKS = (*FULL.looks, 81, 111, 151, 201, 301)  # if there is time for them

# A run that is late gives less time to what is undecided, so that a whole comparison takes less than five minutes.
TIMETABLE = 4.8  # seconds for each measurement
LATE = 30.0  # seconds behind the timetable
IN_A_HURRY = 4.0  # seconds for a measurement


def lasting(plan: Plan, seconds: float) -> Plan:
    """Return *plan* for those who give it another time; if it is longer, with more looks."""
    more = [look for look in LOOKS if look > plan.looks[-1]] if seconds > plan.seconds else []
    return replace(plan, looks=(*plan.looks, *more), seconds=seconds)


def in_time(plan: Plan, elapsed: float, measured: int) -> Plan:
    """Return the plan for the next measurement of a run that has made *measured* of them in *elapsed* seconds."""
    if elapsed <= LATE + TIMETABLE * measured:
        return plan
    return replace(plan, seconds=min(plan.seconds, IN_A_HURRY))


@dataclass
class Samples:
    """What was measured, by row, round by round; *failed*: the rows that could not be, and why."""

    measure: Measure
    series: dict[str, list[float]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        """The number of rounds that all rows have."""
        return min(map(len, self.series.values()), default=0)

    def against(self, row: str, base: str) -> Ratio:
        """Compare *row* with *base*."""
        return compare(self.ratios(row, base))

    def ratios(self, row: str, base: str) -> list[float]:
        """Return how much worse *row* was than *base*, round by round."""
        return self.measure.ratios(self.series[row], self.series[base])


class FailedSample(Exception):
    """A row could not be measured; the message is one line."""


Figures = Mapping[str, float | FailedSample]
Round = Callable[[Sequence[str]], Figures]


def sample(
    rows: Sequence[str],
    take: Round,
    renew: Callable[[], None],
    plan: Plan,
    rng: random.Random,
    measure: Measure,
    judged: Sequence[str] = (),
) -> Samples:
    """Take rounds of *rows* until those *judged* are decided; the first row is compared with, and is the control, too.

    take(rows) returns a figure for each, of rows in an order drawn anew, or why there is none: such a row is left out
    from then on.  If that is the first row, there is nothing left to compare.  renew() ends the warm processes.
    """
    base = rows[0]
    found = Samples(measure, {row: [] for row in (*rows, CONTROL)})
    latest = time.monotonic() + plan.seconds
    first_look, *_ = plan.looks
    for number in range(1, plan.looks[-1] + 1):
        _keep(found, take(rng.sample(list(found.series), len(found.series))))
        if base in found.failed or CONTROL in found.failed:
            return found
        if number in plan.looks and (time.monotonic() > latest or _is_decided(found, base, judged, plan)):
            break
        if number >= first_look and (number - first_look) % RENEWED == 0:
            renew()
    return found


def _keep(found: Samples, figures: Figures) -> None:
    for row, figure in figures.items():
        if isinstance(figure, FailedSample):
            found.failed[row] = str(figure)
            del found.series[row]
        else:
            found.series[row].append(figure)


def _is_decided(found: Samples, base: str, judged: Sequence[str], plan: Plan) -> bool:
    asked = [row for row in judged if row in found.series and row != base] or [CONTROL]
    return all(found.against(row, base).verdict(plan.margin) in DECIDED for row in asked)
