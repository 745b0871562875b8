"""Samples from real hosts: in turn, at the same time, and when they cannot be taken."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Generator, Iterator
from types import SimpleNamespace

import pytest

from harness import candidates
from harness.host import proving
from harness.measuring import bench
from harness.measuring.bench import Bench, Playback
from harness.measuring.load import LoadError
from harness.measuring.measurements import Measurement, Subject
from harness.measuring.ratios import Measure, Verdict
from harness.measuring.rows import Rival, Row, Rows
from harness.measuring.sampling import CONTROL, Plan
from harness.measuring.sites import Cores, Site

SUBJECT = Subject("nothing", "", "", "Does nothing.", "time", "s")
RIVALS = (
    Rival("floor", "floor", "harness.host.proving", None, ("none",)),
    Rival("lacking", "alternative", "harness.host.proving", "surely_not_installed", ("none",)),
)


@pytest.fixture(scope="module")
def rows() -> Iterator[Rows]:
    found = Rows([candidates.resolve("stdlib"), candidates.resolve("reference_impl")], RIVALS, fresh=False)
    yield found
    found.renew()


@pytest.fixture
def two(rows: Rows) -> Bench:
    chosen = [rows.all["stdlib"], rows.all["reference_impl"]]
    return Bench(rows, chosen, Plan((3, 5), 60.0), random.Random(1), Cores())


def test_a_rival_whose_module_is_not_installed_is_lacking(rows: Rows) -> None:
    assert list(rows.all) == ["stdlib", "reference_impl", "floor"]
    assert "surely_not_installed is not installed" in rows.lacking["lacking"]


def test_a_rival_stands_beside_the_classes_that_it_can_stand_for(rows: Rows) -> None:
    threading, plain = SimpleNamespace(concurrency="threads"), SimpleNamespace(concurrency="none")

    assert rows.all["floor"].stands_beside(plain)
    assert not rows.all["floor"].stands_beside(threading)
    assert rows.all["stdlib"].stands_beside(threading)


def test_every_sample_has_a_process_of_its_own(two: Bench) -> None:
    seen: list[int] = []

    def sample(site: Site, count: int) -> float:
        host = site.host()
        host.call(proving.open_a_pipe)
        seen.append(host.pid)
        return 1.0

    found = two.compare(SUBJECT, Measure(), sample, bench.as_it_is, 7)

    assert found.samples.rounds == 3
    assert len(seen) == len(set(seen)) == 9
    assert found.comparisons[0].verdict is Verdict.SAME


def test_what_looks_worse_is_measured_again_in_new_processes(two: Bench) -> None:
    nurseries: set[object] = set()

    def sample(site: Site, count: int) -> float:
        nurseries.add(site._nursery)
        return 2.0 if site.row.name == "reference_impl" else 1.0

    [comparison] = two.compare(SUBJECT, Measure(), sample, bench.as_it_is, 7).comparisons

    assert comparison.verdict is Verdict.WORSE
    assert comparison.repeated is not None
    assert len(nurseries) == 6  # of both rows and the control, twice


@pytest.mark.parametrize(
    ("seconds", "requests"), [(bench.SAMPLE_TAKES / 500, 500), (1e-9, bench.MOST), (1.0, bench.FEWEST)]
)
def test_a_sample_has_as_many_requests_as_make_it_long_enough(two: Bench, seconds: float, requests: int) -> None:
    counts: list[int] = []

    def sample(site: Site, count: int) -> float:
        counts.append(count)
        return seconds

    two.compare(SUBJECT, Measure(), sample, bench.as_it_is, None)

    assert counts[0] == bench.PILOT
    assert set(counts[1:]) <= {requests, requests - 1}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (LoadError("a reply of 2 bytes came"), "LoadError: a reply of 2 bytes came"),
        (ConnectionRefusedError(111, "Connection refused"), "ConnectionRefusedError: [Errno 111] Connection refused"),
        (BlockingIOError(11, "unavailable"), "no answer came within 10 s"),
    ],
)
def test_a_row_that_fails_says_why_in_one_line(two: Bench, error: Exception, reason: str) -> None:
    def sample(site: Site, count: int) -> float:
        if site.row.name == "reference_impl":
            raise error
        return 1.0

    found = two.compare(SUBJECT, Measure(), sample, bench.as_it_is, 7)

    assert found.samples.failed == {"reference_impl": reason}
    assert found.comparisons == []


def test_samples_that_are_taken_together_go_on_together(two: Bench) -> None:
    steps: list[str] = []

    def sample(site: Site) -> Generator[float, None, float]:
        steps.append("begin")
        yield 0.0
        steps.append("go on")
        yield 0.0
        steps.append("end")
        return 1.0

    found = two.compare_together(SUBJECT, Measure(), sample)

    assert steps[:9] == ["begin"] * 3 + ["go on"] * 3 + ["end"] * 3
    assert found.samples.rounds == 3


def test_a_sample_that_fails_among_others_does_not_hold_them_up(two: Bench) -> None:
    def sample(site: Site) -> Generator[float, None, float]:
        yield 0.0
        if site.row.name == "reference_impl":
            raise LoadError("it broke")
        yield 0.0
        return 1.0

    found = two.compare_together(SUBJECT, Measure(), sample)

    assert found.samples.failed == {"reference_impl": "LoadError: it broke"}
    assert sorted(found.samples.series) == sorted(["stdlib", CONTROL])
    assert found.samples.rounds == 3


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_site_sees_what_its_host_does_and_holds(rows: Rows) -> None:
    site = Site(rows.all["stdlib"], rows.nursery(rows.all["stdlib"], twin=False), Cores())
    try:
        host = site.host()
        before = site.activity()
        waits = host.start(proving.hold_and_record, thread=False).is_blocked(0.05)
        after = site.activity()
        held = site.memory()
    finally:
        site.end()

    assert waits
    assert after.wake_ups > before.wake_ups
    assert after.seconds > before.seconds
    assert held > 0


def test_the_import_of_a_module_takes_time(rows: Rows) -> None:
    row: Row = rows.all["reference_impl"]

    assert Site(row, rows.nursery(row, twin=False), Cores()).import_seconds() > 0


@pytest.mark.parametrize(
    ("note", "value", "figure"),
    [(bench.latencies, [1.0, 5.0, 3.0], 3.0), (bench.by_size, {0: 1.0, 10: 4.0}, 4.0)],
)
def test_what_is_kept_of_a_sample_is_kept_for_the_rows_only(
    two: Bench, note: Callable[..., float], value: object, figure: float
) -> None:
    found: Measurement = two.compare(SUBJECT, Measure(), lambda site, count: value, note, 1)

    assert set(found.samples.series["stdlib"]) == {figure}
    assert set(found.latencies or found.sizes) == {"stdlib", "reference_impl"}


def test_the_clock_shows_what_the_samples_say() -> None:
    clock, shown = Playback(), []

    def pedantic(target: Callable[[], None], rounds: int, iterations: int) -> None:
        for _ in range(rounds):
            before = clock()
            target()
            shown.append(clock() - before)

    benchmark = SimpleNamespace(pedantic=pedantic, group=None)
    clock.show(benchmark, Subject("waving", "TCPServer", "8 clients", "", "", "s"), [0.5, 0.25])

    assert shown == [0.5, 0.25]
    assert benchmark.group == "waving TCPServer 8 clients"
