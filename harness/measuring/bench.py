"""What a benchmark is given: the benchmark says how one sample is taken, and this does everything else."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from harness.measuring import measurements
from harness.measuring.load import PATIENCE, LoadError
from harness.measuring.measurements import Comparison, Measurement, Subject
from harness.measuring.ratios import Measure
from harness.measuring.rows import Row, Rows
from harness.measuring.sampling import CONTROL, FailedSample, Figures, Plan, Round, Samples, sample
from harness.measuring.sites import Cores, Site
from harness.outcomes import Outcome, Raised

ROUND_TAKES = 0.04  # seconds for each row
FEWEST, MOST = 3, 15  # turns in a round
FAILURES = (Outcome, Raised, LoadError, OSError)

Turn = Callable[[], Any]
Prepare = Callable[[Site], Turn]
Note = Callable[[Measurement, str, Any], float]
Course = Callable[[Site], Generator[float, None, float]]


class Bench:
    """Measures the rows of one scenario side by side."""

    def __init__(self, rows: Rows, chosen: Sequence[Row], plan: Plan, rng: random.Random, cores: Cores) -> None:
        self._rows = rows
        self._chosen = {row.name: row for row in chosen}
        self._base = chosen[0].name
        self._plan = plan
        self._rng = rng
        self._cores = cores

    def in_turn(
        self, subject: Subject, measure: Measure, prepare: Prepare, note: Note, turns: int | None = None
    ) -> Measurement:
        """Compare all rows, in rounds in which they take turns of a few milliseconds.

        prepare(site) starts what is needed and returns what takes one sample.  *turns* is how many there are in a
        round, after one that does not count if there is more than one; if None, as many as fit into a round.
        note(measurement, row, value) keeps what a sample returned, and makes one figure of it.
        """

        def rounds(found: Measurement) -> Round:
            keep = partial(note, found)
            paired_with = self._base if subject.unit == "s" else None
            return _InTurn(paired_with, self._site, prepare, keep, found.generator, turns, self._rng)

        return self._compare(subject, measure, rounds)

    def together(self, subject: Subject, measure: Measure, course: Course) -> Measurement:
        """Compare all rows in rounds in which they all run at the same time: for what takes time but no processor.

        course(site) yields whenever some time has to pass, that is how many seconds, and returns the figure.
        """
        return self._compare(subject, measure, lambda _: _Together(self._site, course))

    def _compare(self, subject: Subject, measure: Measure, rounds: Callable[[Measurement], Round]) -> Measurement:
        candidates = [row.name for row in self._chosen.values() if row.kind == "candidate"]

        def attempt(rows: Sequence[str]) -> Measurement:
            judged = [row for row in rows if row in candidates]
            found = Measurement(subject, Samples(measure), self._plan.margin)
            found.samples = sample(rows, rounds(found), self._rows.renew, self._plan, self._rng, measure, judged)
            return found

        def measured(rows: Sequence[str]) -> Measurement:
            found = attempt(rows)
            if discarded := measurements.noise(found.samples, self._base, self._plan.margin):
                self._rows.renew()
                found = attempt(rows)
                found.discarded = discarded
            return found

        def again(row: str) -> Samples:
            self._rows.renew()
            return measured([self._base, row]).samples

        with self._cores.for_the_load():
            found = measured(list(self._chosen))
            measurements.judge(found, list(self._chosen), candidates, again, self._rng)
        return found

    def _site(self, row: str) -> Site:
        name = self._base if row == CONTROL else row
        nursery = self._rows.nursery(self._chosen[name], twin=row == CONTROL)
        return Site(self._chosen[name], nursery, self._cores)


@contextmanager
def _sites(site: Callable[[str], Site], rows: Sequence[str]) -> Iterator[dict[str, Site]]:
    """Give each of *rows* a site for a round."""
    sites = {row: site(row) for row in rows}
    try:
        yield sites
    finally:
        for each in sites.values():
            each.end()


class _InTurn:
    """Rounds in which rows take turns: whatever makes the machine slow for a while makes all of them slow."""

    def __init__(
        self,
        paired_with: str | None,
        site: Callable[[str], Site],
        prepare: Prepare,
        note: Callable[[str, Any], float],
        generator: list[float],
        turns: int | None,
        rng: random.Random,
    ) -> None:
        self._paired_with = paired_with
        self._site = site
        self._prepare = prepare
        self._note = note
        self._generator = generator
        self._turns = turns
        self._rng = rng

    def __call__(self, rows: Sequence[str]) -> Figures:
        failed: dict[str, FailedSample] = {}
        with _sites(self._site, rows) as sites:
            ready = self._begin(sites, failed)
            taken: dict[str, list[float]] = {row: [] for row in ready}
            for _ in range(self._turns or FEWEST):
                for row in self._rng.sample(list(ready), len(ready)):
                    self._take(row, ready, taken, failed)
        for site in sites.values():
            self._generator.extend(site.generator)
        return {**round_figures(taken, self._paired_with), **failed}

    def _begin(self, sites: Mapping[str, Site], failed: dict[str, FailedSample]) -> dict[str, Turn]:
        """Start all rows, and let each take a sample that does not count."""
        ready: dict[str, Turn] = {}
        slowest = 0.0
        for row, site in sites.items():
            try:
                ready[row] = turn = self._prepare(site)
                if self._turns != 1:
                    turn()
                if self._turns is None:
                    begin = time.perf_counter()
                    turn()
                    slowest = max(slowest, time.perf_counter() - begin)
            except FAILURES as error:
                failed[row] = _failed(error)
                ready.pop(row, None)
        if self._turns is None:
            self._turns = max(FEWEST, int(ROUND_TAKES / max(slowest, ROUND_TAKES / MOST)))
        return ready

    def _take(
        self, row: str, ready: dict[str, Turn], taken: dict[str, list[float]], failed: dict[str, FailedSample]
    ) -> None:
        try:
            taken[row].append(self._note(row, ready[row]()))
        except FAILURES as error:
            failed[row] = _failed(error)
            del ready[row], taken[row]


def round_figures(taken: Mapping[str, Sequence[float]], base: str | None) -> dict[str, float]:
    """Make one figure a row of the samples of a round: their median.

    If there is a *base*, the others stand to its median as they did to its samples in the median of the turns: what
    disturbed a turn, disturbed both.
    """
    middles = {row: statistics.median(values) for row, values in taken.items()}
    if base is None or base not in taken or min(taken[base]) <= 0:
        return middles
    return {
        row: middles[base] * statistics.median(ours / theirs for ours, theirs in zip(values, taken[base], strict=True))
        for row, values in taken.items()
    }


class _Together:
    """Rounds in which all rows run at the same time."""

    def __init__(self, site: Callable[[str], Site], course: Course) -> None:
        self._site = site
        self._course = course

    def __call__(self, rows: Sequence[str]) -> Figures:
        figures: dict[str, float | FailedSample] = {}
        with _sites(self._site, rows) as sites:
            under_way = {row: self._course(site) for row, site in sites.items()}
            while under_way:
                pauses = [_go_on(row, course, figures) for row, course in under_way.items()]
                under_way = {row: course for row, course in under_way.items() if row not in figures}
                time.sleep(max(pauses))
        return figures


def _go_on(row: str, course: Generator[float, None, float], figures: dict[str, float | FailedSample]) -> float:
    """Let a course go on; return how long it wants to pause, or put down its figure."""
    try:
        return next(course)
    except StopIteration as stop:
        figures[row] = stop.value
    except FAILURES as error:
        figures[row] = _failed(error)
    return 0.0


def _failed(error: Exception) -> FailedSample:
    if isinstance(error, BlockingIOError):
        return FailedSample(f"no answer came within {PATIENCE} s")
    return FailedSample(" ".join(f"{type(error).__name__}: {error}".split()))


def as_it_is(found: Measurement, row: str, value: float) -> float:  # noqa: ARG001 - nothing more to keep
    """Keep a sample that is a figure already."""
    return value


def latencies(found: Measurement, row: str, value: Sequence[float]) -> float:
    """Keep all latencies of a sample; its figure is their median."""
    if row != CONTROL:
        found.latencies.setdefault(row, []).append(value)
    return statistics.median(value)


def by_size(found: Measurement, row: str, value: Mapping[int, float]) -> float:
    """Keep what one costs by how many there are; the figure is what it costs at the most of them."""
    if row != CONTROL:
        for size, cost in value.items():
            found.sizes.setdefault(row, {}).setdefault(size, []).append(cost)
    return value[max(value)]


class Playback:
    """A clock that shows what samples say, so that pytest-benchmark keeps them as if it had measured them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def show(self, benchmark: Any, subject: Subject, values: Sequence[float]) -> None:
        """Give *values* to pytest-benchmark, whose clock this is."""
        benchmark.group = subject.title
        rest = iter(values)

        def pass_time() -> None:
            with suppress(StopIteration):
                self.now += next(rest)

        benchmark.pedantic(pass_time, rounds=len(values), iterations=1)


def verdict_line(found: Measurement, comparison: Comparison, limit: float) -> str:
    """Say in one line that a candidate is slower than is allowed."""
    ratio = comparison.ratio
    return (
        f"{comparison.row} is worse than {comparison.against} by more than {limit * 100:g}%: {found.subject.quantity}"
        f" × {ratio.ratio:.3f} ({ratio.low:.3f}–{ratio.high:.3f}), and again in fresh processes"
    )
