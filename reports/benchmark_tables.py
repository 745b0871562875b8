"""Benchmark records -> one table of measurements and rows, as plain values.

Every row of every record is a column, every measurement of any record a line.  Comparisons stay
within their record.  Renderers read this table and decide nothing but looks.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reports.benchmark_cells import Cell, Column, Panel, Source, Statement
from reports.benchmark_records import BenchmarkRecord, Comparison, Control, Place
from reports.benchmark_verdicts import Tally, claims_difference, tally
from reports.quantities import percent
from reports.titles import labels, titles


@dataclass(frozen=True)
class Line:
    """One scenario with one server class under one load, in every column."""

    number: int
    place: Place
    cells: tuple[Cell, ...]
    panels: tuple[Panel, ...]

    @property
    def anchor(self) -> str:
        """A name for this line that is unique in the table."""
        return f"measurement-{self.number}"


@dataclass(frozen=True)
class Scenario:
    """The lines of one scenario."""

    number: int
    name: str
    lines: tuple[Line, ...]

    @property
    def anchor(self) -> str:
        """A name for this scenario that is unique in the table."""
        return f"scenario-{self.number}"


@dataclass(frozen=True)
class Pairing:
    """All comparisons of one column with one other, or with one stored record."""

    column: Column
    against: str
    statements: tuple[Statement, ...]

    @property
    def is_headline(self) -> bool:
        """Whether it compares candidates, not a floor or an alternative."""
        return self.column.row.kind == "candidate"

    @property
    def is_stored(self) -> bool:
        """Whether it compares with a stored record."""
        return any(said.comparison.baseline for said in self.statements)

    @cached_property
    def tally(self) -> Tally:
        """How often each word was said."""
        return tally((said.comparison.verdict, said.word) for said in self.statements)

    @property
    def unconfirmed(self) -> int:
        """How many verdicts fresh processes did not confirm."""
        return sum(said.is_unconfirmed for said in self.statements)

    @property
    def conclusion(self) -> str:
        """Of how many measurements each word was said."""
        of = f" of {self.tally.total} {_measurements(self.tally.total)}"
        said = [f"{spoken} in {count}" for spoken, count in self.tally.counts.items()]
        doubts = f"; {self.unconfirmed} not confirmed when measured again" if self.unconfirmed else ""
        return f"{', '.join([said[0] + of, *said[1:]])}{doubts}"


@dataclass(frozen=True)
class Controls:
    """The first candidate of a record against itself, in all its measurements."""

    source: Source
    controls: tuple[Control, ...]
    discarded: int

    @property
    def fired(self) -> int:
        """How many claimed a difference, however slight, where there is none."""
        return sum(claims_difference(control.verdict) for control in self.controls)

    @property
    def conclusion(self) -> str:
        """How many fired, and how often chance alone would say "worse"."""
        if not self.controls:
            return "there is none: nothing shows how often chance alone makes a difference"
        highest = max(control.false_alarms for control in self.controls)
        anew = f"; {self.discarded} discarded and measured anew" if self.discarded else ""
        return f"{self.fired} of {len(self.controls)} fired; highest rate of false alarms {percent(highest)}{anew}"


@dataclass(frozen=True)
class Gap:
    """Measurements that a row of a record is missing from for the same reason."""

    source: Source
    row: str
    reason: str
    places: tuple[Place, ...]

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios of these measurements, each once."""
        return tuple(dict.fromkeys(place[0] for place in self.places))


@dataclass(frozen=True)
class Table:
    """Everything that a benchmark report shows."""

    sources: tuple[Source, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notices: tuple[str, ...]

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """All panels, line by line."""
        return tuple(panel for line in self.lines for panel in line.panels)

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The lines by scenario, in the order of the records."""
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.place[0], []).append(line)
        return tuple(Scenario(number, name, tuple(lines)) for number, (name, lines) in enumerate(found.items(), 1))

    @cached_property
    def pairings(self) -> tuple[Pairing, ...]:
        """All comparisons, those of the same two together; candidates first."""
        found: dict[tuple[int, str], list[Statement]] = {}
        for panel in self.panels:
            for cell in panel.cells:
                for said in cell.statements:
                    found.setdefault((cell.column.number, said.against), []).append(said)
        pairs = [Pairing(self.columns[number - 1], against, tuple(said)) for (number, against), said in found.items()]
        return tuple(sorted(pairs, key=lambda pair: (not pair.is_headline, pair.is_stored)))

    @cached_property
    def controls(self) -> tuple[Controls, ...]:
        """The controls of each record."""
        return tuple(
            Controls(
                source,
                tuple(m.control for m in source.record.measurements if m.control),
                sum(m.discarded is not None for m in source.record.measurements),
            )
            for source in self.sources
        )

    @cached_property
    def limited(self) -> tuple[tuple[Line, Cell], ...]:
        """The cells in which the load generator may have set the pace."""
        return tuple((line, cell) for line in self.lines for cell in line.cells if cell.is_limited)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What is missing, the same reason once."""
        gaps = []
        for source in self.sources:
            found: dict[tuple[str, str], list[Place]] = {}
            for missing in source.record.missing:
                found.setdefault((missing.row, missing.reason), []).append(missing.place)
            gaps += [Gap(source, row, reason, tuple(places)) for (row, reason), places in found.items()]
        return tuple(gaps)


def tabulate(records: Sequence[tuple[Path, BenchmarkRecord]]) -> Table:
    """Put *records*, each with the path it was read from, side by side."""
    names = labels([path for path, _ in records])
    sources = tuple(Source(label, record) for label, (_, record) in zip(names, records, strict=True))
    columns = _columns(sources)
    places = dict.fromkeys(m.place for source in sources for m in source.record.measurements)
    panels = itertools.count(1)
    lines = tuple(_line(number, place, columns, panels) for number, place in enumerate(places, 1))
    return Table(sources, columns, lines, _notices(sources))


def _columns(sources: Sequence[Source]) -> tuple[Column, ...]:
    pairs = [(row, source) for source in sources for row in source.record.rows]
    found = titles([(row.name, source.label) for row, source in pairs])
    return tuple(
        Column(number, title, row, source)
        for number, (title, (row, source)) in enumerate(zip(found, pairs, strict=True), 1)
    )


def _line(number: int, place: Place, columns: Sequence[Column], panels: Iterator[int]) -> Line:
    cells = tuple(_cell(column, place, columns) for column in columns)
    by_source: dict[str, list[Cell]] = {}
    for cell in cells:
        by_source.setdefault(cell.column.source.label, []).append(cell)
    return Line(
        number,
        place,
        cells,
        tuple(
            Panel(next(panels), found[0].column.source, found[0].measurement, tuple(found))
            for found in by_source.values()
            if found[0].measurement
        ),
    )


def _cell(column: Column, place: Place, columns: Sequence[Column]) -> Cell:
    name, source = column.row.name, column.source
    measurement = source.measurements.get(place)
    gaps = (gap for gap in source.record.missing if gap.place == place and gap.row == name)
    reason = next((gap.reason for gap in gaps), "")
    known = {other.row.name: other.title for other in columns if other.source is source}
    found = [comparison for comparison in (measurement.comparisons if measurement else ()) if comparison.row == name]
    first = source.record.first.name if source.record.first else None
    statements = tuple(
        Statement(
            comparison,
            measurement,
            _against(comparison, known),
            comparison.baseline is None and comparison.against == first,
        )
        for comparison in found
        if measurement
    )
    return Cell(column, measurement, reason, statements)


def _against(comparison: Comparison, known: Mapping[str, str]) -> str:
    baseline = comparison.baseline
    if baseline is None:
        return known[comparison.against]
    return f"{comparison.against} in {baseline.path} of {baseline.day}"


def _notices(sources: Iterable[Source]) -> tuple[str, ...]:
    """Say what keeps the records from being believed, or compared, without a second thought."""
    found = list(sources)
    notices = []
    quick = [source.label for source in found if source.record.quick]
    if quick:
        notices.append(f"Few rounds, so that more stays too noisy to tell, in a quick run: {', '.join(quick)}.")
    suites = sorted({f"{s.record.suite.name} {s.record.suite.version}" for s in found})
    if len(suites) > 1:
        notices.append(f"The records were written by different suites: {', '.join(suites)}.")
    if len({(s.record.margin, s.record.confidence) for s in found}) > 1:
        notices.append("The records were judged by different margins or confidences.")
    if len({(s.record.environment.platform, s.record.environment.machine) for s in found}) > 1:
        notices.append("The records come from different machines: their times cannot be compared with each other.")
    return tuple(notices)


def _measurements(count: int) -> str:
    return "measurement" if count == 1 else "measurements"
