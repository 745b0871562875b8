"""What a benchmark is given: the benchmark says how one sample is taken, and this does everything else."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import pytest

from harness.measuring import measurements
from harness.measuring.load import PATIENCE, LoadError
from harness.measuring.measurements import Comparison, Measurement, Subject
from harness.measuring.ratios import Measure, Verdict
from harness.measuring.rows import Row, Rows
from harness.measuring.sampling import CONTROL, FailedSample, Plan, Samples, Take
from harness.measuring.sites import Cores, Site
from harness.outcomes import Outcome, Raised

PILOT = 100  # requests by which is estimated how many a sample needs
SAMPLE_TAKES = 0.03  # seconds
FAILURES = (Outcome, Raised, LoadError, OSError)
FEWEST, MOST = 10, 2000  # requests a sample

Value = TypeVar("Value")
Note = Callable[[Measurement, str, Any], float]


class Bench:
    """Measures the rows of one scenario side by side."""

    def __init__(self, rows: Rows, chosen: Sequence[Row], plan: Plan, rng: random.Random, cores: Cores) -> None:
        self._rows = rows
        self._chosen = {row.name: row for row in chosen}
        self._plan = plan
        self._rng = rng
        self._cores = cores

    def compare(
        self,
        subject: Subject,
        measure: Measure,
        sample: Callable[[Site, int], Value],
        note: Note,
        requests: int | None,
    ) -> Measurement:
        """Take samples of all rows in turn and compare them.

        sample(site, count) takes one over *count* requests; how many is found out if *requests* is None.
        note(measurement, row, value) keeps what it returned, and makes one figure of it.
        """

        def taking(found: Measurement, rows: Sequence[str]) -> Take:
            count = requests if requests is not None else self._requests(rows[0], sample)
            return lambda row: note(found, row, self._once(row, lambda site: sample(site, count), found))

        return self._compare(subject, measure, taking)

    def compare_together(
        self, subject: Subject, measure: Measure, sample: Callable[[Site], Generator[float, None, float]]
    ) -> Measurement:
        """Take the samples of a round at the same time: for what needs time and hardly any processor.

        sample(site) yields whenever some time has to pass, that is how many seconds, and returns the figure.
        """

        def taking(_: Measurement, rows: Sequence[str]) -> Take:
            return _Together([*rows, CONTROL], self._site, sample)

        return self._compare(subject, measure, taking)

    def _compare(
        self, subject: Subject, measure: Measure, taking: Callable[[Measurement, Sequence[str]], Take]
    ) -> Measurement:
        candidates = [row.name for row in self._chosen.values() if row.kind == "candidate"]
        base = next(iter(self._chosen))
        found = Measurement(subject, Samples(measure))

        def measured(rows: Sequence[str]) -> Samples:
            take = taking(found, rows)
            return measurements.take_all(rows, take, self._plan, self._rng, measure, candidates)

        def again(row: str) -> Samples:
            self._rows.renew()
            return measured([base, row])

        with self._cores.for_the_load():
            found.samples = measured(list(self._chosen))
            measurements.judge(found, list(self._chosen), candidates, self._plan.margin, again, self._rng)
        return found

    def _requests(self, row: str, sample: Callable[[Site, int], Any]) -> int:
        """Return how many requests make a sample long enough; for samples that are seconds for a request."""
        try:
            seconds = float(self._once(row, lambda site: sample(site, PILOT)))
        except FailedSample:
            return PILOT  # the first round will say so again
        return max(FEWEST, min(MOST, int(SAMPLE_TAKES / seconds)))

    def _site(self, row: str) -> Site:
        name = next(iter(self._chosen)) if row == CONTROL else row
        nursery = self._rows.nursery(self._chosen[name], twin=row == CONTROL)
        return Site(self._chosen[name], nursery, self._cores)

    def _once(self, row: str, take: Callable[[Site], Value], found: Measurement | None = None) -> Value:
        """Take one sample of *row*; FailedSample, one line, if that cannot be done."""
        site = self._site(row)
        try:
            value = take(site)
        except FAILURES as error:
            raise _failed(error) from error
        finally:
            site.end()
        if found is not None and site.generator is not None:
            found.generator.setdefault(row, []).append(site.generator)
        return value


class _Together:
    """Takes the samples of all rows of a round when the first is asked for."""

    def __init__(
        self,
        rows: Sequence[str],
        site: Callable[[str], Site],
        sample: Callable[[Site], Generator[float, None, float]],
    ) -> None:
        self._rows = list(rows)
        self._site = site
        self._sample = sample
        self._taken: dict[str, float | FailedSample] = {}

    def __call__(self, row: str) -> float:
        if row not in self._taken:
            self._take()
        value = self._taken.pop(row)
        if isinstance(value, FailedSample):
            self._rows.remove(row)
            raise value
        return value

    def _take(self) -> None:
        sites = {row: self._site(row) for row in self._rows}
        under_way = {row: self._sample(site) for row, site in sites.items()}
        try:
            while under_way:
                pauses = [self._go_on(row, sampling) for row, sampling in under_way.items()]
                under_way = {row: sampling for row, sampling in under_way.items() if row not in self._taken}
                time.sleep(max(pauses))
        finally:
            for site in sites.values():
                site.end()

    def _go_on(self, row: str, sampling: Generator[float, None, float]) -> float:
        """Let a sample go on; return how long it wants to pause, or keep its figure."""
        try:
            return next(sampling)
        except StopIteration as stop:
            self._taken[row] = stop.value
        except FAILURES as error:
            self._taken[row] = _failed(error)
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
        found.latencies.setdefault(row, []).extend(value)
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
        benchmark.group = " ".join(filter(None, [subject.scenario, subject.server_class, subject.load]))
        rest = iter(values)

        def pass_time() -> None:
            with suppress(StopIteration):
                self.now += next(rest)

        benchmark.pedantic(pass_time, rounds=len(values), iterations=1)


def verdict_line(found: Measurement, comparison: Comparison, limit: float) -> str:
    """Say in one line that a candidate is slower than is allowed."""
    ratio = comparison.ratio
    return (
        f"{comparison.row} is worse than {comparison.against} by more than {limit:.0%}: {found.subject.quantity}"
        f" × {ratio.ratio:.3f} ({ratio.low:.3f}–{ratio.high:.3f}), and again in fresh processes"
    )


def fail_if_worse(found: Measurement, row: str, limit: float) -> None:
    """Fail the test if *row* was found worse, twice."""
    for each in found.comparisons:
        if each.row == row and each.verdict is Verdict.WORSE:
            pytest.fail(verdict_line(found, each, limit), pytrace=False)
