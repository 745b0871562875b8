"""Samples from real hosts: in turn, at the same time, and when they cannot be taken."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Generator, Iterator
from itertools import cycle
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


def test_every_round_has_new_processes_that_take_turns(two: Bench) -> None:
    pids: list[int] = []
    turns: list[str] = []

    def prepare(site: Site) -> Callable[[], float]:
        host = site.host()
        pids.append(host.pid)

        def turn() -> float:
            host.call(proving.open_a_pipe)
            turns.append(site.row.name)
            return 1.0

        return turn

    found = two.in_turn(SUBJECT, Measure(), prepare, bench.as_it_is, turns=4)

    assert found.samples.rounds == 3
    assert len(pids) == len(set(pids)) == 9
    assert len(turns) == 3 * 3 * (1 + 4)
    assert {turns[start : start + 3].count("reference_impl") for start in range(0, 15, 3)} == {1}
    assert found.comparisons[0].verdict is Verdict.SAME


def test_what_looks_worse_is_measured_again_in_new_processes(two: Bench) -> None:
    nurseries: set[object] = set()

    def prepare(site: Site) -> Callable[[], float]:
        nurseries.add(site._nursery)
        return lambda: 2.0 if site.row.name == "reference_impl" else 1.0

    [comparison] = two.in_turn(SUBJECT, Measure(), prepare, bench.as_it_is).comparisons

    assert comparison.verdict is Verdict.WORSE
    assert comparison.repeated is not None
    assert len(nurseries) == 6  # of both rows and the control, twice


def test_what_is_undecided_goes_on_in_new_processes(two: Bench) -> None:
    nurseries: list[object] = []
    figures = cycle([1.0, 3.0])

    def prepare(site: Site) -> Callable[[], float]:
        nurseries.append(site._nursery)
        return lambda: next(figures) if site.row.name == "reference_impl" else 1.0

    found = two.in_turn(SUBJECT, Measure(), prepare, bench.as_it_is, turns=1)

    assert found.samples.rounds == 5
    assert len(set(nurseries[: 3 * 3])) == len(set(nurseries[3 * 3 :])) == 3  # both rows and the control
    assert not set(nurseries[: 3 * 3]) & set(nurseries[3 * 3 :])


@pytest.mark.parametrize(("lasting", "verdict"), [(False, Verdict.SAME), (True, Verdict.UNDECIDED)])
def test_what_differs_from_itself_is_measured_again_in_new_processes(
    two: Bench, lasting: bool, verdict: Verdict
) -> None:
    controls: set[object] = set()

    def prepare(site: Site) -> Callable[[], float]:
        control = two._rows.nursery(two._chosen["stdlib"], twin=True)
        controls.add(control)
        is_odd = site._nursery is control and (lasting or len(controls) == 1)
        return lambda: 2.0 if is_odd else 1.0

    found = two.in_turn(SUBJECT, Measure(), prepare, bench.as_it_is)

    assert found.discarded is not None
    assert found.discarded.ratio == 2.0
    assert found.comparisons[0].verdict is verdict
    assert len(controls) == 2


def test_what_a_measurement_keeps_is_not_mixed_with_its_repetition(two: Bench) -> None:
    def prepare(site: Site) -> Callable[[], dict[int, float]]:
        return lambda: {0: 1.0, 10: 2.0 if site.row.name == "reference_impl" else 1.0}

    found = two.in_turn(SUBJECT, Measure(), prepare, bench.by_size, turns=1)

    assert found.comparisons[0].repeated is not None
    assert found.sizes["reference_impl"] == {0: [1.0] * 3, 10: [2.0] * 3}


def test_a_round_has_no_more_turns_than_fit_into_its_time(two: Bench) -> None:
    turns: list[str] = []

    def prepare(site: Site) -> Callable[[], float]:
        def turn() -> float:
            turns.append(site.row.name)
            return 1.0

        return turn

    two.in_turn(SUBJECT, Measure(), prepare, bench.as_it_is)

    # The first round has one more to see how long one takes, and each has one that does not count.
    assert len(turns) == 3 * (3 * (bench.MOST + 1) + 1)


def test_what_disturbs_a_turn_disturbs_all_rows_alike() -> None:
    taken = {"one": [1.0, 9.0, 1.0], "two": [2.0, 18.0, 2.0], "three": [1.0, 1.0, 1.0]}

    assert bench.round_figures(taken, "one") == {"one": 1.0, "two": 2.0, "three": 1.0}
    assert (
        bench.round_figures(taken, None)
        == bench.round_figures(taken, "another")
        == {"one": 1.0, "two": 2.0, "three": 1.0}
    )


def test_figures_that_may_be_nothing_are_medians() -> None:
    assert bench.round_figures({"one": [0.0, 1.0, 0.0], "two": [3.0, 5.0, 4.0]}, "one") == {"one": 0.0, "two": 4.0}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (LoadError("a reply of 2 bytes came"), "LoadError: a reply of 2 bytes came"),
        (ConnectionRefusedError(111, "Connection refused"), "ConnectionRefusedError: [Errno 111] Connection refused"),
        (BlockingIOError(11, "unavailable"), "no answer came within 10 s"),
    ],
)
@pytest.mark.parametrize("when", ["prepare", "first turn", "later turn"])
def test_a_row_that_fails_says_why_in_one_line(two: Bench, error: Exception, reason: str, when: str) -> None:
    def prepare(site: Site) -> Callable[[], float]:
        calls = iter(["prepare", "first turn", *["later turn"] * 9])

        def step() -> float:
            if next(calls) == when and site.row.name == "reference_impl":
                raise error
            return 1.0

        step()
        return step

    found = two.in_turn(SUBJECT, Measure(), prepare, bench.as_it_is, turns=3)

    assert found.samples.failed == {"reference_impl": reason}
    assert found.samples.rounds == 3
    assert found.comparisons == []


def test_samples_that_are_taken_together_go_on_together(two: Bench) -> None:
    steps: list[str] = []

    def course(site: Site) -> Generator[float, None, float]:
        steps.append("begin")
        yield 0.0
        steps.append("go on")
        yield 0.0
        steps.append("end")
        return 1.0

    found = two.together(SUBJECT, Measure(), course)

    assert steps[:9] == ["begin"] * 3 + ["go on"] * 3 + ["end"] * 3
    assert found.samples.rounds == 3


def test_a_sample_that_fails_among_others_does_not_hold_them_up(two: Bench) -> None:
    def course(site: Site) -> Generator[float, None, float]:
        yield 0.0
        if site.row.name == "reference_impl":
            raise LoadError("it broke")
        yield 0.0
        return 1.0

    found = two.together(SUBJECT, Measure(), course)

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
    found: Measurement = two.in_turn(SUBJECT, Measure(), lambda site: lambda: value, note, turns=1)

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
