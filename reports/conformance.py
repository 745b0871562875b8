"""Run records -> one table of requirements and candidates, as plain values.

Every candidate of every record is a column, every requirement of any catalogue a row.  Renderers
read this table and decide nothing but looks.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import get_args

from reports.records import (
    Candidate,
    Check,
    Deviation,
    Evidence,
    Level,
    Outcome,
    Record,
    Requirement,
)
from reports.titles import labels, titles
from reports.verdicts import ORDER, UNKNOWN, Standing, Tally, standing_of, tally, was_judged

LEVELS: tuple[str, ...] = get_args(Level)


@dataclass(frozen=True)
class Source:
    """A record and the name that tells it from the others of the same report."""

    label: str
    record: Record

    @property
    def command(self) -> str:
        """The command line of the run, quoted for a shell."""
        return shlex.join(self.record.command)


@dataclass(frozen=True)
class Column:
    """One candidate of one record; `number` counts from 1, `title` is unique in the table."""

    number: int
    title: str
    candidate: Candidate
    source: Source


@dataclass(frozen=True)
class Finding:
    """The checks of one requirement that saw the same fault; the first one's evidence stands."""

    checks: tuple[Check, ...]

    @property
    def verdict(self) -> str:
        """The verdict that these checks share."""
        return self.checks[0].verdict

    @property
    def evidence(self) -> Evidence | None:
        """What the first check saw; None if it had nothing to show."""
        return self.checks[0].evidence

    @property
    def objections(self) -> tuple[str, ...]:
        """Why no declared deviation excuses these checks, a line for each."""
        declared = self.checks[0].declared or ""
        return () if self.verdict == "known deviation" else tuple(declared.splitlines())


@dataclass(frozen=True)
class Cell:
    """What became of a requirement in one column; no outcome: that record does not know it."""

    column: Column
    requirement: Requirement
    outcome: Outcome | None

    @property
    def verdict(self) -> str:
        """The verdict, or `UNKNOWN`."""
        return self.outcome.verdict if self.outcome else UNKNOWN

    @property
    def is_noteworthy(self) -> bool:
        """Whether it was judged and is not simply a pass."""
        return was_judged(self.verdict) and self.verdict != "pass"

    @property
    def standing(self) -> Standing:
        """What the verdict says about the candidate."""
        return standing_of(self.verdict)

    @property
    def anchor(self) -> str:
        """A name for this cell that is unique in the table and stays the same between runs."""
        return f"{self.requirement.id}@{self.column.number}"

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """What was declared for it beside the candidate."""
        return self.outcome.deviations if self.outcome else ()

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks that ran."""
        return self.outcome.checks if self.outcome else ()

    @property
    def seconds(self) -> float:
        """How long these checks took together."""
        return sum(check.seconds for check in self.checks)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The checks that did not simply pass, those with the same fingerprint together."""
        alike: dict[tuple[str, str], list[Check]] = {}
        for check in self.checks:
            if check.verdict != "pass":
                fingerprint = check.evidence.fingerprint if check.evidence else ""
                alike.setdefault((check.verdict, fingerprint), []).append(check)
        return tuple(Finding(tuple(checks)) for checks in alike.values())


@dataclass(frozen=True)
class Row:
    """One requirement and what became of it in every column."""

    requirement: Requirement
    cells: tuple[Cell, ...]

    @cached_property
    def is_noteworthy(self) -> bool:
        """Whether any column was judged and is not simply a pass."""
        return any(cell.is_noteworthy for cell in self.cells)

    @cached_property
    def differs(self) -> bool:
        """Whether two columns that were judged got different verdicts."""
        return len({cell.verdict for cell in self.cells if was_judged(cell.verdict)}) > 1

    @cached_property
    def badness(self) -> int:
        """The worst verdict's place in the order of badness."""
        return max(ORDER.index(cell.verdict) for cell in self.cells if was_judged(cell.verdict))


@dataclass(frozen=True)
class Area:
    """The rows of one area, in the catalogue's order."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class SummaryRow:
    """The verdicts of one level, one tally a column."""

    level: str
    tallies: tuple[Tally, ...]


@dataclass(frozen=True)
class Summary:
    """The verdicts of one area, level by level; no area: all areas together."""

    area: str | None
    rows: tuple[SummaryRow, ...]


@dataclass(frozen=True)
class Table:
    """Everything that a conformance report shows."""

    sources: tuple[Source, ...]
    columns: tuple[Column, ...]
    areas: tuple[Area, ...]
    notices: tuple[str, ...]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All rows, area by area."""
        return tuple(row for area in self.areas for row in area.rows)

    @cached_property
    def noteworthy(self) -> tuple[Row, ...]:
        """The rows with something other than a pass: `must` first, then the worst first."""
        found = [row for row in self.rows if row.is_noteworthy]
        return tuple(sorted(found, key=lambda row: (LEVELS.index(row.requirement.level), -row.badness)))

    @cached_property
    def differences(self) -> tuple[Row, ...]:
        """The rows in which the candidates were judged differently."""
        return tuple(row for row in self.rows if row.differs)

    @cached_property
    def summaries(self) -> tuple[Summary, ...]:
        """Areas by levels; the first summary is that of all areas together."""
        return (
            Summary(None, self._summary_rows(self.rows)),
            *(Summary(area.name, self._summary_rows(area.rows)) for area in self.areas),
        )

    @cached_property
    def totals(self) -> tuple[Tally, ...]:
        """One tally a column over all rows; each adds up to the number of rows."""
        return self._tallies(self.rows)

    @cached_property
    def verdicts(self) -> tuple[str, ...]:
        """The verdicts to list: those that were given, and those whose absence is news."""
        always = {"pass", "fail", "unsupported", "not selected", "not in contract"}
        given = {verdict for total in self.totals for verdict in total.counts}
        return tuple(verdict for verdict in ORDER if verdict in always | given)

    def level_tallies(self, column: Column) -> Mapping[str, Tally]:
        """Return the verdicts of *column*, one tally a level."""
        return {row.level: row.tallies[column.number - 1] for row in self.summaries[0].rows}

    def unjudged(self, column: Column) -> Mapping[str, tuple[str, ...]]:
        """Return the ids of the requirements that no check of *column* ran for, by verdict."""
        cells = [row.cells[column.number - 1] for row in self.rows]
        ids = {
            verdict: tuple(cell.requirement.id for cell in cells if cell.verdict == verdict)
            for verdict in ORDER
            if not was_judged(verdict)
        }
        return {verdict: found for verdict, found in ids.items() if found}

    def conclusion(self, column: Column) -> str:
        """Say in a few words where *column* stands."""
        total = self.totals[column.number - 1]
        unproven = total.standing("unproven")
        if unproven == total.in_contract:
            return "nothing was judged"
        broken = {level: tally.standing("broken") for level, tally in self.level_tallies(column).items()}
        like_cpython = broken.pop("compatibility", 0)
        parts = [f"{count} {level}" for level, count in broken.items() if count]
        if like_cpython:
            aside = f"{like_cpython} of CPython's insides differ"
            return f"{self._in_words(parts, total)}; {aside}"
        return self._in_words(parts, total)

    @staticmethod
    def _in_words(parts: Sequence[str], total: Tally) -> str:
        unproven = total.standing("unproven")
        if parts:
            said = f"breaks {', '.join(parts)}"
        elif unproven:
            said = f"keeps {total.kept} of {total.kept} judged"
        else:
            said = f"keeps all {total.kept} requirements"
        return f"{said}; {unproven} unproven" if unproven else said

    def _summary_rows(self, rows: Sequence[Row]) -> tuple[SummaryRow, ...]:
        by_level = {level: [row for row in rows if row.requirement.level == level] for level in LEVELS}
        return tuple(SummaryRow(level, self._tallies(found)) for level, found in by_level.items() if found)

    def _tallies(self, rows: Sequence[Row]) -> tuple[Tally, ...]:
        return tuple(tally(row.cells[place].verdict for row in rows) for place in range(len(self.columns)))


def tabulate(records: Sequence[tuple[Path, Record]]) -> Table:
    """Put *records*, each with the path it was read from, side by side."""
    names = labels([path for path, _ in records])
    sources = tuple(Source(label, record) for label, (_, record) in zip(names, records, strict=True))
    columns = _columns(sources)
    catalogue = _merged_catalogue(sources)
    outcomes = {column.number: {outcome.id: outcome for outcome in column.candidate.requirements} for column in columns}
    rows = [
        Row(
            requirement,
            tuple(Cell(column, requirement, outcomes[column.number].get(requirement.id)) for column in columns),
        )
        for requirement in catalogue.values()
    ]
    return Table(sources, columns, _areas(rows), _notices(sources, catalogue))


def _columns(sources: Sequence[Source]) -> tuple[Column, ...]:
    pairs = [(candidate, source) for source in sources for candidate in source.record.candidates]
    found = titles([(candidate.name, source.label) for candidate, source in pairs])
    return tuple(
        Column(number, title, candidate, source)
        for number, (title, (candidate, source)) in enumerate(zip(found, pairs, strict=True), 1)
    )


def _merged_catalogue(sources: Iterable[Source]) -> Mapping[str, Requirement]:
    """Merge the catalogues by id; the first record that has a requirement words it."""
    merged: dict[str, Requirement] = {}
    for source in sources:
        for requirement in source.record.catalogue:
            merged.setdefault(requirement.id, requirement)
    return merged


def _areas(rows: Iterable[Row]) -> tuple[Area, ...]:
    by_area: dict[str, list[Row]] = {}
    for row in rows:
        by_area.setdefault(row.requirement.area, []).append(row)
    return tuple(Area(name, tuple(found)) for name, found in by_area.items())


def _notices(sources: Sequence[Source], catalogue: Mapping[str, Requirement]) -> tuple[str, ...]:
    """Say what keeps the records from being compared without a second thought."""
    notices = []
    versions = sorted({f"{s.record.suite.name} {s.record.suite.version}" for s in sources})
    if len(versions) > 1:
        notices.append(f"The records were written by different suites: {', '.join(versions)}.")
    levels = sorted({source.record.level for source in sources}, key=LEVELS.index)
    if len(levels) > 1:
        notices.append(f"The runs went up to different levels: {', '.join(levels)}.")
    for source in sources:
        changed = [r.id for r in source.record.catalogue if r != catalogue[r.id]]
        if changed:
            notices.append(
                f"{source.label} describes these requirements differently from a record before it, "
                f"whose description is shown: {', '.join(changed)}."
            )
    return tuple(notices)
