"""What one row of a benchmark record has to say about one measurement, as plain values."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from reports.benchmark_records import (
    BenchmarkRecord,
    Comparison,
    Control,
    Finding,
    GrowthLine,
    Measurement,
    Percentiles,
    Place,
    Row,
)
from reports.benchmark_verdicts import Direction, Verdict, direction, word
from reports.quantities import power, ratio, shown

LIMITED_BELOW = 1.25  # a median under so many times of what the generator needs says little


@dataclass(frozen=True)
class Source:
    """A record and the name that tells it from the others of the same report."""

    label: str
    record: BenchmarkRecord

    @property
    def command(self) -> str:
        """The command line of the run, quoted for a shell."""
        return shlex.join(self.record.command)

    @cached_property
    def measurements(self) -> Mapping[Place, Measurement]:
        """The measurements of the record, by what tells them apart."""
        return {measurement.place: measurement for measurement in self.record.measurements}


@dataclass(frozen=True)
class Column:
    """One row of one record; `number` counts from 1, `title` is unique in the table."""

    number: int
    title: str
    row: Row
    source: Source

    @property
    def is_first(self) -> bool:
        """Whether it is the candidate that its record compares the others with."""
        return self.row is self.source.record.first

    @property
    def anchor(self) -> str:
        """A class name for its marks that is unique in the table."""
        return f"c{self.number}"


@dataclass(frozen=True)
class Statement:
    """A comparison of a measurement, in words; `against` is what it was compared with.

    `is_usual` says whether that is the first candidate of the same run.
    """

    comparison: Comparison
    measurement: Measurement
    against: str
    is_usual: bool

    @property
    def ratio(self) -> str:
        """The ratio and its interval."""
        return ratio(self.comparison.ratio, self.comparison.low, self.comparison.high)

    @property
    def word(self) -> str:
        """What people say for the verdict."""
        return word(self.comparison.verdict, self.measurement.unit, self.measurement.better)

    @property
    def direction(self) -> Direction:
        """To which side the verdict leans."""
        return direction(self.comparison.verdict)

    @property
    def aside(self) -> str:
        """What it was compared with, in few words; empty if that is the first candidate of the same run."""
        baseline = self.comparison.baseline
        if baseline is None:
            return "" if self.is_usual else f"against {self.comparison.against}"
        other = "" if self.comparison.against == self.comparison.row else f"{self.comparison.against} "
        return f"since {other}{baseline.day}"

    @property
    def again(self) -> str:
        """What the comparison in fresh processes said; empty if there was none."""
        repeated = self.comparison.repeated
        if repeated is None:
            return ""
        return _told(repeated, self.measurement)

    @property
    def is_unconfirmed(self) -> bool:
        """Whether fresh processes did not lean to the same side."""
        repeated = self.comparison.repeated
        return repeated is not None and direction(repeated.verdict) != self.direction


@dataclass(frozen=True)
class Cell:
    """What one column has for one line; no measurement: its record does not have it."""

    column: Column
    measurement: Measurement | None
    reason: str
    statements: tuple[Statement, ...]

    @property
    def median(self) -> float | None:
        """The median of its samples, in the unit of the measurement."""
        return self.measurement.median(self.column.row.name) if self.measurement else None

    @property
    def shown(self) -> str:
        """The median with its unit."""
        return shown(self.median, self.measurement.unit if self.measurement else "s")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show, not even why."""
        return self.median is None and not self.statements and not self.reason

    @property
    def is_limited(self) -> bool:
        """Whether the load generator, and not the row, may have set the pace."""
        if self.measurement is None or self.measurement.ceiling is None or self.median is None:
            return False
        return self.measurement.unit == "s" and self.median < LIMITED_BELOW * self.measurement.ceiling.generator

    @property
    def side_by_side(self) -> tuple[Statement, ...]:
        """The comparisons with rows of the same run."""
        return tuple(said for said in self.statements if said.comparison.baseline is None)

    @property
    def with_baseline(self) -> tuple[Statement, ...]:
        """The comparisons with stored records."""
        return tuple(said for said in self.statements if said.comparison.baseline is not None)

    @property
    def percentiles(self) -> tuple[Percentiles, ...]:
        """Its latencies, one for each rate."""
        found = self.measurement.percentiles if self.measurement else None
        return tuple(one for one in found or () if one.row == self.column.row.name)

    @property
    def growth(self) -> GrowthLine | None:
        """What one more request costs it at each size."""
        growth = self.measurement.growth if self.measurement else None
        return next((line for line in (growth.lines if growth else ()) if line.row == self.column.row.name), None)

    @property
    def power(self) -> str:
        """How its cost grows."""
        return power(self.growth.exponent, self.growth.low, self.growth.high) if self.growth else ""


@dataclass(frozen=True)
class Panel:
    """One measurement of one record, with the cells of that record."""

    number: int
    source: Source
    measurement: Measurement
    cells: tuple[Cell, ...]

    @property
    def repeated(self) -> tuple[Statement, ...]:
        """The comparisons with rows of the same run that were measured again."""
        return tuple(said for cell in self.cells for said in cell.side_by_side if said.again)

    @property
    def stored(self) -> tuple[Statement, ...]:
        """The comparisons with stored records."""
        return tuple(said for cell in self.cells for said in cell.with_baseline)

    @property
    def percentile_names(self) -> tuple[str, ...]:
        """Every percentile that some row has, the smallest first."""
        return tuple(sorted({name for one in self.measurement.percentiles or () for name in one.values}, key=float))

    @property
    def first(self) -> str:
        """The name of the candidate that the others are compared with."""
        first = self.source.record.first
        return first.name if first else "nothing"

    @property
    def control(self) -> str:
        """What the first candidate against itself gave, in words."""
        control = self.measurement.control
        if control is None:
            return "none"
        return _told(control, self.measurement)

    @property
    def discarded(self) -> str:
        """What the control of a first attempt gave, in words; empty if none was discarded."""
        found = self.measurement.discarded
        return _told(found, self.measurement) if found else ""

    def word(self, verdict: Verdict) -> str:
        """Return what people say for *verdict* on this measurement."""
        return word(verdict, self.measurement.unit, self.measurement.better)


def _told(found: Finding | Control, measurement: Measurement) -> str:
    """Return a ratio with its interval, and what people say for its verdict."""
    return f"{ratio(found.ratio, found.low, found.high)} {word(found.verdict, measurement.unit, measurement.better)}"
