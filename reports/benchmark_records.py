"""Read benchmark records, and refuse those that are not whole.

As for run records, a file is believed only if it is whole and does not contradict itself; else
`RecordError` says in one line what is wrong with it.  `benchmark-record.schema.json` describes the
same format for other readers.
"""

import dataclasses
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Literal

from reports.benchmark_verdicts import Better, Unit, Verdict
from reports.records import Suite
from reports.whole import Format, missing_parts, read_whole

FORMAT = Format("socketserver-benchmark-record", version=1, noun="benchmark record")

Kind = Literal["candidate", "floor", "alternative"]
Place = tuple[str, str, str]

_SIGNED = {"seed", "exponent"}  # what may be below zero; the bounds of an exponent as well


@dataclass(frozen=True)
class Environment:
    """Where it was measured; `busy` is the share of the cores that other work took, 0 to 1."""

    implementation: str
    python: str
    platform: str
    machine: str
    cores: int
    busy: float


@dataclass(frozen=True)
class Row:
    """One thing that was measured, and the interpreter that ran it."""

    name: str
    kind: Kind
    implementation: str
    version: str


@dataclass(frozen=True)
class Series:
    """The samples of one row, one a round, in the unit of the measurement."""

    row: str
    samples: tuple[float, ...]


@dataclass(frozen=True)
class Baseline:
    """A stored record that was compared with."""

    path: str
    started: str

    @property
    def day(self) -> str:
        """The day on which its run began."""
        return self.started.partition("T")[0]


@dataclass(frozen=True)
class Finding:
    """A ratio with its interval, and what was said of it."""

    ratio: float
    low: float
    high: float
    verdict: Verdict


@dataclass(frozen=True)
class Comparison:
    """How `row` stands against another: a ratio above 1 is worse, whatever the quantity."""

    row: str
    against: str
    baseline: Baseline | None
    ratio: float
    low: float
    high: float
    verdict: Verdict
    repeated: Finding | None


@dataclass(frozen=True)
class Control:
    """The first candidate against itself; `false_alarms` is the share of such runs that said "worse"."""

    ratio: float
    low: float
    high: float
    verdict: Verdict
    false_alarms: float
    samples: tuple[float, ...]


@dataclass(frozen=True)
class Ceiling:
    """The load generator, seconds a request: against a minimal server, and of its own processor time."""

    minimal: float
    generator: float


@dataclass(frozen=True)
class Latency:
    """What a share of the requests did not exceed, with its interval."""

    seconds: float
    low: float
    high: float


@dataclass(frozen=True)
class Percentiles:
    """Latencies by percentile, at `rate` requests a second."""

    row: str
    rate: float
    values: Mapping[str, Latency]


@dataclass(frozen=True)
class GrowthLine:
    """Seconds for one more request at each size; without exponent the cost does not grow."""

    row: str
    medians: tuple[float, ...]
    exponent: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Growth:
    """What one more request costs while `sizes` many of what `over` names are held."""

    over: str
    sizes: tuple[int, ...]
    lines: tuple[GrowthLine, ...]


@dataclass(frozen=True)
class Measurement:
    """One scenario with one server class under one load, for all rows.

    `resolution`, in the unit of the measurement, is added to both sides of every ratio: a smaller difference is none.
    `discarded` is the control of a first attempt that was made again, since it differed by more than the margin.
    """

    scenario: str
    server_class: str
    load: str
    says: str
    quantity: str
    unit: Unit
    better: Better
    resolution: float
    rounds: int
    series: tuple[Series, ...]
    comparisons: tuple[Comparison, ...]
    control: Control | None
    discarded: Finding | None
    ceiling: Ceiling | None
    percentiles: tuple[Percentiles, ...] | None
    growth: Growth | None

    @property
    def place(self) -> Place:
        """What tells it from the other measurements: scenario, server class, load."""
        return self.scenario, self.server_class, self.load

    @cached_property
    def samples(self) -> Mapping[str, tuple[float, ...]]:
        """The samples by row."""
        return {series.row: series.samples for series in self.series}

    def median(self, row: str) -> float | None:
        """Return the median of the samples of *row*; None if there are none."""
        samples = self.samples.get(row)
        return median(samples) if samples else None


@dataclass(frozen=True)
class Missing:
    """A row that a measurement does without, and why."""

    scenario: str
    server_class: str
    load: str
    row: str
    reason: str

    @property
    def place(self) -> Place:
        """The measurement: scenario, server class, load."""
        return self.scenario, self.server_class, self.load


@dataclass(frozen=True)
class Footer:
    """What the record must hold to be whole."""

    rows: int
    measurements: int
    samples: int


@dataclass(frozen=True)
class BenchmarkRecord:
    """One run of the benchmarks; `seconds` is how long it took, `started` an ISO 8601 time."""

    suite: Suite
    started: str
    seconds: float
    command: tuple[str, ...]
    environment: Environment
    seed: int
    quick: bool
    margin: float
    confidence: float
    rows: tuple[Row, ...]
    measurements: tuple[Measurement, ...]
    missing: tuple[Missing, ...]
    footer: Footer

    @property
    def first(self) -> Row | None:
        """The candidate that the others are compared with; None if there is none."""
        return next((row for row in self.rows if row.kind == "candidate"), None)


def read_benchmark_record(path: Path) -> BenchmarkRecord:
    """Read and check the benchmark record in *path*.

    Raises RecordError if the file cannot be read or is not a whole record of version 1.
    """
    return read_whole(path, FORMAT, BenchmarkRecord, _contradictions)


def _contradictions(record: BenchmarkRecord) -> Iterator[str]:
    """Yield each place where *record* says what cannot be."""
    yield from _impossible_numbers(record, "")
    yield from _impossible_shares(record)
    yield from _shared(f"row {row.name!r:.80}" for row in record.rows)
    yield from _shared(f"measurement {_named(measurement.place)}" for measurement in record.measurements)
    yield from _shared(f"missing {_named(gap.place)} of {gap.row!r:.80}" for gap in record.missing)
    rows = {row.name for row in record.rows}
    for measurement in record.measurements:
        for problem in _contradictions_of_one(measurement, rows):
            yield f"measurement {_named(measurement.place)}: {problem}"
    yield from _wrong_gaps(record)
    yield from _missing_parts(record)


def _impossible_numbers(value: object, where: str) -> Iterator[str]:
    """Yield each number in *value* that no measurement can have."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            signed = field.name in _SIGNED or (isinstance(value, GrowthLine) and field.name in {"low", "high"})
            inner = f"{where}.{field.name}" if where else field.name
            found = getattr(value, field.name)
            if not signed:
                yield from _impossible_numbers(found, inner)
            elif found is not None and not _is_finite(found):
                yield f"{inner}: expected a finite number, found {str(found)[:40]}"
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _impossible_numbers(item, f"{where}[{place}]")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _impossible_numbers(item, f"{where}.{key}")
    elif isinstance(value, int | float) and not (_is_finite(value) and value >= 0):
        yield f"{where}: expected a number from 0 on, found {str(value)[:40]}"


def _impossible_shares(record: BenchmarkRecord) -> Iterator[str]:
    """Yield each share that is larger than the whole."""
    controls = [measurement.control for measurement in record.measurements if measurement.control]
    shares = [
        ("margin", record.margin),
        ("confidence", record.confidence),
        ("environment.busy", record.environment.busy),
        *(("control.false_alarms", control.false_alarms) for control in controls),
    ]
    for name, share in shares:
        if share > 1:
            yield f"{name}: expected a share from 0 to 1, found {share}"


def _is_finite(value: object) -> bool:
    """Say whether *value* is a number that a float can hold."""
    try:
        return isinstance(value, int | float) and math.isfinite(value)
    except OverflowError:
        return False


def _contradictions_of_one(measurement: Measurement, rows: set[str]) -> Iterator[str]:
    yield from _shared(f"the series of {series.row!r:.80}" for series in measurement.series)
    for row in _rows_named_in(measurement):
        if row not in rows:
            yield f"row {row!r:.80} is not among the rows of the record"
    for series in measurement.series:
        yield from _wrong_count(f"the series of {series.row!r:.80}", series.samples, measurement)
        if measurement.unit == "share" and max(series.samples, default=0) > 1:
            yield f"the series of {series.row!r:.80} has a share above 1"
    yield from _wrong_comparisons(measurement)
    yield from _wrong_control(measurement)
    yield from _wrong_percentiles(measurement.percentiles or ())
    if measurement.growth:
        yield from _wrong_growth(measurement.growth)


def _rows_named_in(measurement: Measurement) -> Iterator[str]:
    yield from (series.row for series in measurement.series)
    for comparison in measurement.comparisons:
        yield comparison.row
        if comparison.baseline is None:
            yield comparison.against
    yield from (percentiles.row for percentiles in measurement.percentiles or ())
    yield from (line.row for line in (measurement.growth.lines if measurement.growth else ()))


def _wrong_comparisons(measurement: Measurement) -> Iterator[str]:
    yield from _shared(
        f"the comparison of {comparison.row!r:.80} with {comparison.against!r:.80}{_of(comparison.baseline)}"
        for comparison in measurement.comparisons
    )
    for comparison in measurement.comparisons:
        yield from _disorder(f"the comparison of {comparison.row!r:.80}", comparison)
        if comparison.repeated:
            yield from _disorder(f"the repeated comparison of {comparison.row!r:.80}", comparison.repeated)
        if comparison.baseline is None:
            for row in (comparison.row, comparison.against):
                if row not in measurement.samples:
                    yield f"row {row!r:.80} is compared, but has no series"


def _wrong_control(measurement: Measurement) -> Iterator[str]:
    if measurement.discarded:
        yield from _disorder("the discarded control", measurement.discarded)
    control = measurement.control
    if control is None:
        return
    yield from _disorder("the control", control)
    yield from _wrong_count("the control", control.samples, measurement)


def _wrong_count(name: str, samples: Sized, measurement: Measurement) -> Iterator[str]:
    if len(samples) != measurement.rounds:
        yield f"{name} has {len(samples)} samples, expected one for each of {measurement.rounds} rounds"


def _of(baseline: Baseline | None) -> str:
    return f" of {baseline.path!r:.80}" if baseline else ""


def _disorder(name: str, found: Comparison | Finding | Control) -> Iterator[str]:
    if not found.low <= found.ratio <= found.high:
        yield f"the ratio {found.ratio} of {name} is not within its interval {found.low} to {found.high}"


def _wrong_percentiles(percentiles: Iterable[Percentiles]) -> Iterator[str]:
    found = list(percentiles)
    yield from _shared(f"the percentiles of {one.row!r:.80} at {one.rate} a second" for one in found)
    for one in found:
        for key, latency in one.values.items():
            if not _is_percentile(key):
                yield f"{key!r:.40} is no percentile, expected a number from 0 to 100"
            if not latency.low <= latency.seconds <= latency.high:
                within = f"is not within its interval {latency.low} to {latency.high}"
                yield f"the percentile {key} of {one.row!r:.80}, {latency.seconds}, {within}"


def _is_percentile(key: str) -> bool:
    try:
        return 0 <= float(key) <= 100
    except ValueError:
        return False


def _wrong_growth(growth: Growth) -> Iterator[str]:
    yield from _shared(f"the growth of {line.row!r:.80}" for line in growth.lines)
    if list(growth.sizes) != sorted(set(growth.sizes)):
        yield "the sizes of its growth do not rise"
    for line in growth.lines:
        if len(line.medians) != len(growth.sizes):
            expected = f"expected one for each of {len(growth.sizes)} sizes"
            yield f"the growth of {line.row!r:.80} has {len(line.medians)} medians, {expected}"
        bounds = (line.low, line.exponent, line.high)
        known = [bound for bound in bounds if bound is not None]
        if known != sorted(known) or len(known) not in {0, len(bounds)}:
            yield f"the exponent of {line.row!r:.80} and its interval do not fit together"


def _wrong_gaps(record: BenchmarkRecord) -> Iterator[str]:
    measured = {(measurement.place, row) for measurement in record.measurements for row in measurement.samples}
    for gap in record.missing:
        if (gap.place, gap.row) in measured:
            yield f"missing {_named(gap.place)}: row {gap.row!r:.80} was measured"


def _missing_parts(record: BenchmarkRecord) -> Iterator[str]:
    """Yield where the footer promises another number of parts than there are."""
    series = [series for measurement in record.measurements for series in measurement.series]
    yield from missing_parts(
        {
            "rows": (record.footer.rows, len(record.rows)),
            "measurements": (record.footer.measurements, len(record.measurements)),
            "samples": (record.footer.samples, sum(len(one.samples) for one in series)),
        }
    )


def _shared(names: Iterable[str]) -> Iterator[str]:
    """Yield each name that is there more than once."""
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{name} is listed {times} times, expected once"


def _named(place: Place) -> str:
    return " / ".join(f"{part!r:.80}" for part in place)
