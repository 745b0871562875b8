"""Logarithmic axes: where a value stands, and which values get a tick."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_SMALLEST = 1e-15  # an axis goes no further, nor beyond its reciprocal


@dataclass(frozen=True)
class LogAxis:
    """The values `low` to `high`, both above zero, drawn from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return where *value* stands; what is beyond an end stands at that end."""
        within = min(max(value, self.low), self.high)
        share = math.log(within / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Say whether *value* is within both ends."""
        return self.low <= value <= self.high

    def choose(self, candidates: Iterable[float], gap: float) -> list[float]:
        """Return those of *candidates* that fit, at least *gap* apart; earlier ones come first."""
        chosen: list[float] = []
        for value in candidates:
            if self.holds(value) and all(abs(self.place(value) - self.place(other)) >= gap for other in chosen):
                chosen.append(value)
        return sorted(chosen)


def spanning(values: Iterable[float], room: float, start: float, end: float) -> LogAxis:
    """Return an axis for all *values* above zero, with *room* (1.1: a tenth) beyond the outermost."""
    found = [min(max(value, _SMALLEST), 1 / _SMALLEST) for value in values if value > 0]
    low, high = (min(found), max(found)) if found else (1.0, 1.0)
    return LogAxis(low / room, high * room, start, end)


def ratio_ticks() -> Iterator[float]:
    """Yield round ratios, those that a reader needs most first."""
    yield 1.0
    for pair in ((0.5, 2), (0.1, 10), (0.2, 5), (0.01, 100), (0.001, 1000), (0.8, 1.25), (0.9, 1.1), (0.7, 1.5)):
        yield from pair
    yield from (0.95, 1.05, 0.98, 1.02, 0.99, 1.01)


def value_ticks(axis: LogAxis) -> Iterator[float]:
    """Yield round values on *axis*: powers of ten, then their halves and doubles, then what is between."""
    decades = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1)
    for steps in ((1,), (2, 5), (3, 7), (1.5, 4, 6, 8, 9), (1.2, 2.5, 3.5, 4.5)):
        for decade in decades:
            yield from (step * 10.0**decade for step in steps)
