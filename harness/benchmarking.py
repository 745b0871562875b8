"""Where pytest meets the measuring: which benchmarks run, what they get, what a user sees of them.

Benchmarks run with ``--benchmark-only``, one after the other.  The first item of a scenario measures all rows of it in
turn; each item then gives the samples of its own row to pytest-benchmark, whose options and files work as always.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness import commands, records
from harness.candidates import Candidate
from harness.measuring import baselines, bench, measurements, sampling, summary
from harness.measuring.bench import Bench, Course, Playback, Prepare
from harness.measuring.measurements import Measurement, Subject
from harness.measuring.ratios import CONFIDENCE, MARGIN, Measure, Verdict
from harness.measuring.rows import Rival, Row, Rows
from harness.measuring.sampling import Plan
from harness.measuring.sites import Cores
from harness.run import CONFORMANCE, RUN, named_paths

BENCHMARKS = CONFORMANCE / "benchmarks"
BENCHMARKING = pytest.StashKey["Benchmarking"]()


def is_asked_for(config: pytest.Config) -> bool:
    """Return whether this is a run of benchmarks."""
    return bool(config.getoption("benchmark_only", default=False))


def configure(config: pytest.Config) -> None:
    """Refuse what makes no sense, in one line, and take part in a run of benchmarks."""
    _check_options(config)
    if is_asked_for(config):
        config.stash[BENCHMARKING] = found = Benchmarking(config)
        config.pluginmanager.register(found, "socketserver-benchmarking")


def _check_options(config: pytest.Config) -> None:
    if not is_asked_for(config):
        for option in ("quick", "fail_if_slower", "baseline", "sampling_time"):
            if config.getoption(option):
                raise pytest.UsageError(f"--{option.replace('_', '-')} is for benchmarks: give --benchmark-only, too")
        if any(path.is_relative_to(BENCHMARKS) for path in named_paths(config)):
            raise pytest.UsageError("benchmarks run with --benchmark-only")
        return
    for option in ("defects", "requirement"):
        if config.getoption(option):
            raise pytest.UsageError(f"--{option} is for checks: leave out --benchmark-only")
    workers = config.getoption("numprocesses", default=None)
    if workers or hasattr(config, "workerinput"):
        raise pytest.UsageError(f"benchmarks do not run in parallel: leave out -n {workers}")
    if config.getoption("fail_if_slower") and len(config.getoption("impl") or ()) < 2:
        raise pytest.UsageError("--fail-if-slower compares with the first candidate: give --impl at least twice")
    path = Path(config.getoption("benchmark_record"))
    if path.is_dir() or not path.resolve().parent.is_dir():
        raise pytest.UsageError(f"--benchmark-record={path}: a file in a folder that exists was expected")


def ignores(path: Path, config: pytest.Config) -> bool | None:
    """Return True for what is not collected: benchmarks in a run of checks, checks in a run of benchmarks."""
    if path.parent != CONFORMANCE or not path.is_dir():
        return None
    return True if (path == BENCHMARKS) != is_asked_for(config) else None


@dataclass(eq=False)  # pytest keeps its plugins in sets
class Benchmarking:
    """A run of benchmarks."""

    config: pytest.Config
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    measured: dict[str, Measurement] = field(default_factory=dict)
    missing: list[dict[str, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    rows: Rows | None = None
    selected: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.cores = Cores()
        self.rng = random.Random(self.config.getoption("seed"))  # noqa: S311 - it has to be repeatable
        self.quick = bool(self.config.getoption("quick"))
        self.limit: float | None = self.config.getoption("fail_if_slower")
        self.margin = self.limit or MARGIN
        self.plan = replace(sampling.QUICK if self.quick else sampling.FULL, margin=self.margin)
        self.seconds: float | None = self.config.getoption("sampling_time")
        self.baseline = baselines.read(self.config.getoption("baseline"))

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Return the candidates of the run."""
        return self.config.stash[RUN].candidates

    def find_rows(self, rivals: tuple[Rival, ...]) -> Rows:
        """Return the rows of the run, found when first asked for."""
        if self.rows is None:
            self.rows = Rows(self.candidates, rivals, fresh=self.config.getoption("fresh"))
            self.config.add_cleanup(self.rows.renew)
        return self.rows

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out rows that do not belong beside a server class and, in a quick run, what is not telling enough."""
        ours = [item for item in items if _subject(item)]
        kept = [item for item in ours if not self._is_left_out(item)]
        judged = {_key(item) for item in kept if _row(item).kind == "candidate"}
        out = set(ours) - {item for item in kept if _key(item) in judged}
        if out:
            self.config.hook.pytest_deselected(items=[item for item in items if item in out])
            items[:] = [item for item in items if item not in out]

    def _is_left_out(self, item: pytest.Item) -> bool:
        return not _belongs(item) or self._is_too_new(item) or (self.quick and not _is_quick(item))

    def _is_too_new(self, item: pytest.Item) -> bool:
        row = _row(item)
        server_class = _parameters(item).get("server_class")
        return row.kind == "candidate" and self.config.stash[RUN].is_too_new(server_class, row.candidate)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """See which rows of each scenario were selected: they are measured together."""
        for item in session.items:
            if _subject(item):
                self.selected.setdefault(_key(item), []).append(_row(item))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the record."""
        if not self.measured:
            return
        record = self._record()
        path = Path(self.config.getoption("benchmark_record"))
        self.lines += summary.lines(record)
        if self.limit:
            self.lines.append(summary.gate(record, self.limit))
        try:
            records.write(record, path)
        except OSError as error:
            self.lines.append(f"the benchmark record was not written: {error}")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            return
        self.lines.append(f"benchmark record: {path}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Let pytest-benchmark's clock show our samples."""
        if _subject(item):
            item.add_marker(pytest.mark.benchmark(timer=Playback()))

    def measured_by(self, item: pytest.Item, make: Callable[[Bench], Measurement]) -> Measurement:
        """Return the measurement that *item* is a part of; make(bench) makes it when it is first asked for."""
        key = _key(item)
        if key not in self.measured:
            assert self.rows is not None
            self.measured[key] = make(Bench(self.rows, self.selected[key], self._next_plan(), self.rng, self.cores))
        return self.measured[key]

    def _next_plan(self) -> Plan:
        if self.seconds:
            return sampling.lasting(self.plan, self.seconds)
        return sampling.in_time(self.plan, time.monotonic() - self.began, len(self.measured))

    def miss(self, subject: Subject, row: str, reason: str) -> None:
        """Remember that a row could not be measured."""
        where = {"scenario": subject.scenario, "server_class": subject.server_class, "load": subject.load}
        self.missing.append({**where, "row": row, "reason": reason})

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print what came out."""
        if self.lines:
            terminalreporter.section("socketserver benchmarks")
            for line in self.lines:
                terminalreporter.write_line(line)

    def _record(self) -> dict[str, Any]:
        assert self.rows is not None
        found = [measurements.as_json(each, self.rng) for each in self.measured.values()]
        shown = {series["row"] for each in found for series in each["series"]}
        rows = [row for name, row in self.rows.all.items() if name in shown]
        for each in found:
            each["comparisons"] += baselines.compare(each, self.baseline, self.margin)
        if self.baseline and not any(other["baseline"] for each in found for other in each["comparisons"]):
            self.lines.append(f"--baseline={self.baseline.path}: it has nothing of what was measured now")
        return {
            **records.head(
                records.BENCHMARK_FORMAT,
                records.BENCHMARK_VERSION,
                self.started,
                commands.typed(self.config),
                records.machine_environment(),
                self.config.getoption("seed"),
            ),
            "quick": self.quick,
            "margin": self.margin,
            "confidence": CONFIDENCE,
            "rows": [_row_as_json(row) for row in rows],
            "measurements": found,
            "missing": self.missing,
            "footer": {
                "rows": len(rows),
                "measurements": len(found),
                "samples": sum(len(series["samples"]) for each in found for series in each["series"]),
            },
        }


class Scene:
    """What a benchmark is given: it says how to take one sample of one row, and the rest is done for all rows at once.

    prepare(site), for all methods but one, starts what is needed with a `Site`, and returns what takes one sample.
    """

    def __init__(self, run: Benchmarking, item: pytest.Function, benchmark: Any) -> None:
        self._run = run
        self._item = item
        self._benchmark = benchmark

    def time(self, prepare: Prepare) -> None:
        """Compare the time for a request, in seconds; a sample should take about two milliseconds."""
        self.figure(prepare, "time for a request")

    def latency(self, prepare: Prepare, rate: float) -> None:
        """Compare the median of latencies, in seconds; a sample is a list of them, at *rate* requests a second."""

        def make(it: Bench, what: Subject) -> Measurement:
            found = it.in_turn(what, Measure(), prepare, bench.latencies)
            found.rate = rate
            return found

        self._show(make, "median latency")

    def growth(self, prepare: Prepare, over: str) -> None:
        """Compare what one more request costs in seconds when most are there, of what *over* says; and how that grows.

        A sample is what it costs, by how many are there, first of all none.
        """

        def make(it: Bench, what: Subject) -> Measurement:
            found = it.in_turn(what, Measure(), prepare, bench.by_size, turns=1)
            found.over = over
            return found

        self._show(make, "time for one more request")

    def figure(
        self,
        prepare: Prepare,
        quantity: str,
        unit: str = "s",
        *,
        less_is_better: bool = True,
        resolution: float = 0.0,
        turns: int | None = None,
    ) -> None:
        """Compare any figure; a difference below *resolution* is none.  turns: see `Bench.in_turn`."""
        measure = Measure(less_is_better, resolution)
        self._show(lambda it, what: it.in_turn(what, measure, prepare, bench.as_it_is, turns), quantity, unit)

    def together(self, course: Course, quantity: str, unit: str = "s", *, resolution: float = 0.0) -> None:
        """Compare a figure that takes time to see, but no processor: see `Bench.together`."""
        measure = Measure(resolution=resolution)
        self._show(lambda it, what: it.together(what, measure, course), quantity, unit)

    def _show(self, make: Callable[[Bench, Subject], Measurement], quantity: str, unit: str = "s") -> None:
        found = self._run.measured_by(self._item, lambda it: make(it, _described(self._item, quantity, unit)))
        row = _row(self._item)
        if row.name in found.samples.failed:
            self._miss(found, row, found.samples.failed[row.name])
        values = found.samples.series.get(row.name)
        if not values:
            pytest.skip("what it would be compared with could not be measured")
        self._benchmark._timer.show(self._benchmark, found.subject, values)  # noqa: SLF001 - the clock is ours
        for each in found.comparisons:
            if each.row == row.name:
                self._benchmark.extra_info.update(measurements.comparison_as_json(each))
                if self._run.limit and row.kind == "candidate" and each.verdict is Verdict.WORSE:
                    pytest.fail(bench.verdict_line(found, each, self._run.limit), pytrace=False)

    def _miss(self, found: Measurement, row: Row, reason: str) -> None:
        self._run.miss(found.subject, row.name, reason)
        if row.kind == "candidate":
            pytest.fail(f"{row.name} could not be measured: {reason}", pytrace=False)
        pytest.skip(reason)


@pytest.fixture
def scene(request: pytest.FixtureRequest, benchmark: Any) -> Scene:
    """What takes the samples of a benchmark, of all its rows in turn."""
    return Scene(request.config.stash[BENCHMARKING], request.node, benchmark)


def _subject(item: pytest.Item) -> pytest.Mark | None:
    return item.get_closest_marker("scenario")


def _parameters(item: pytest.Item) -> Mapping[str, Any]:
    assert isinstance(item, pytest.Function)
    return item.callspec.params


def _row(item: pytest.Item) -> Row:
    found: Row = _parameters(item)["row"]
    return found


def _key(item: pytest.Item) -> str:
    others = (f"{name}={getattr(value, 'name', value)}" for name, value in _parameters(item).items() if name != "row")
    return "|".join([item.nodeid.partition("[")[0], *others])


def _described(item: pytest.Function, quantity: str, unit: str) -> Subject:
    marker = _subject(item)
    assert marker is not None
    parameters = _parameters(item)
    return Subject(
        scenario=marker.args[0],
        server_class=getattr(parameters.get("server_class"), "name", ""),
        load=marker.kwargs["load"].format_map(parameters),
        says=" ".join((item.function.__doc__ or "").split()),
        quantity=quantity,
        unit=unit,
    )


def _belongs(item: pytest.Item) -> bool:
    marker = _subject(item)
    assert marker is not None
    row, server_class = _row(item), _parameters(item).get("server_class")
    return row.kind == "candidate" or (
        row.name in marker.kwargs["beside"] and (server_class is None or row.stands_beside(server_class))
    )


def _is_quick(item: pytest.Item) -> bool:
    marker = _subject(item)
    assert marker is not None
    parameters = _parameters(item)
    return all(
        getattr(parameters[name], "name", parameters[name]) in values for name, values in marker.kwargs["quick"].items()
    )


def _row_as_json(row: Row) -> dict[str, str]:
    facts = row.candidate.facts
    return {"name": row.name, "kind": row.kind, "implementation": facts.implementation, "version": facts.version}
