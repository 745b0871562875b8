"""Waiting ends when it is useless, and not before: neither work nor a busy machine is taken for sleep."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from harness import deadlines, processes
from harness.deadlines import ChanceWatch, Deadline, SleepWatch, StallWatch
from harness.hosts import Host
from harness.outcomes import DeadlinePassed, Stalled
from harness.processes import Look
from harness.tests.test_host import acts


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(deadlines, "time", clock)
    return clock


def seen(monkeypatch: pytest.MonkeyPatch, looks: Iterator[dict[int, Look]]) -> None:
    """Let each look at the threads see the next of *looks*."""
    monkeypatch.setattr(processes, "look_at_threads", lambda pids: next(looks))


def asleep(switches: int = 0) -> Look:
    return Look(asleep=True, switches=switches)


def awake(switches: int = 0) -> Look:
    return Look(asleep=False, switches=switches)


# -- the deadline ------------------------------------------------------------------------------------------------------


def test_a_deadline_counts_down_and_then_says_what_did_not_come(clock: Clock) -> None:
    deadline = Deadline(15)
    clock.now += 14
    deadline.check("the answer")
    assert deadline.remaining() == 1

    clock.now += 2
    assert deadline.remaining() == 0
    with pytest.raises(DeadlinePassed, match=r"^the answer did not come within the 15 s of the test$"):
        deadline.check("the answer")


# -- nobody works any more ---------------------------------------------------------------------------------------------


def looks_until_stalled(watch: StallWatch, clock: Clock, most: int) -> int | None:
    """Look every 1/16 s; return how many looks it took to find a stall, None when *most* found none."""
    for number in range(1, most + 1):
        clock.now += 1 / 16
        try:
            watch.look("it")
        except Stalled:
            return number
    return None


def stall_watch(patience: float = 1.0, least_looks: int = 10, progress: Callable[[], int] | None = None) -> StallWatch:
    return StallWatch(lambda: [1], Stalled, progress or (lambda: 0), patience, least_looks)


def test_a_stall_needs_enough_time_and_enough_looks(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({1: asleep()} for _ in range(200)))

    assert looks_until_stalled(stall_watch(patience=1.0, least_looks=1), clock, 100) == 16
    assert looks_until_stalled(stall_watch(patience=0.0, least_looks=30), clock, 100) == 30


def test_one_thread_that_works_prevents_a_stall(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({1: asleep(), 2: awake()} for _ in range(100)))

    assert looks_until_stalled(stall_watch(), clock, 100) is None


def spins(number: int) -> Look:
    """Return the look after *number* sixteenths of a second at a thread that never rests."""
    return Look(asleep=False, switches=0, ran=int(number / 16 * 1e9))


def test_a_thread_that_works_for_long_and_brings_nothing_about_only_spins(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, ({1: asleep(), 2: spins(number)} for number in range(200)))

    assert looks_until_stalled(stall_watch(), clock, 199) == 16 * (deadlines.STALL_SPIN + 1)


def test_a_thread_that_works_for_long_and_brings_something_about_does_not_spin(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, ({1: asleep(), 2: spins(number)} for number in range(200)))
    news = itertools.count()

    assert looks_until_stalled(stall_watch(progress=lambda: next(news) // 40), clock, 199) is None


def test_threads_that_are_seldom_awake_only_poll(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({1: awake() if number % 10 == 0 else asleep()} for number in range(100)))

    assert looks_until_stalled(stall_watch(), clock, 100) == 16


def test_many_who_are_seldom_awake_are_not_one_who_works(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(number: int) -> dict[int, Look]:
        return {thread: awake() if (number + thread) % 10 == 0 else asleep() for thread in range(10)}

    seen(monkeypatch, (look(number) for number in range(99)))

    assert looks_until_stalled(stall_watch(), clock, 99) == 16


def test_who_has_worked_gets_the_whole_patience_again(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({1: awake() if number < 15 else asleep()} for number in range(100)))

    assert looks_until_stalled(stall_watch(), clock, 100) == 32


def test_where_threads_cannot_be_seen_nothing_stalls(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({} for _ in range(100)))

    assert looks_until_stalled(stall_watch(), clock, 100) is None


# -- one thread waits --------------------------------------------------------------------------------------------------


def looks_until_waiting(
    clock: Clock, most: int, patience: float = 0.5, progress: Callable[[], int] | None = None
) -> int | None:
    """Look every 1/8 s at thread 1; return how many looks it took to see that it waits."""
    watch = SleepWatch(1, patience, progress or (lambda: 0))
    for number in range(1, most + 1):
        clock.now += 1 / 8
        if watch.is_waiting([1]):
            return number
    return None


def test_a_thread_that_sleeps_all_the_time_waits(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({1: asleep(7)} for _ in range(100)))

    assert looks_until_waiting(clock, 50) == 1 + deadlines.SLEEP_LOOKS
    assert looks_until_waiting(clock, 50, patience=2.0) == 1 + 16


def polls(number: int, share: float = 0.01) -> Look:
    """Return the look after *number* eighths of a second at a thread that is awake for a *share* of the time."""
    return Look(asleep=True, switches=number, ran=int(number / 8 * share * 1e9))


def test_a_thread_that_works_between_two_looks_does_not_wait(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({1: polls(number, share=0.2)} for number in range(100)))

    assert looks_until_waiting(clock, 50) is None


def test_a_thread_that_only_polls_waits(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({1: polls(number), 2: polls(number)} for number in range(100)))

    assert looks_until_waiting(clock, 50) == deadlines.POLL_LOOKS
    assert looks_until_waiting(clock, 50, patience=2.0) == 2.0 * deadlines.POLL_PATIENCE * 8


def test_a_thread_that_polls_while_something_happens_does_not_wait(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, ({1: polls(number)} for number in range(100)))
    news = itertools.count()

    assert looks_until_waiting(clock, 50, progress=lambda: next(news) // 8) is None


def test_a_thread_that_polls_beside_one_that_wants_to_work_does_not_wait(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, ({1: polls(number), 2: awake(switches=number)} for number in range(100)))

    assert looks_until_waiting(clock, 50) is None


def test_a_thread_that_is_awake_or_gone_does_not_wait(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({1: awake()} if number % 2 else {} for number in range(100)))

    assert looks_until_waiting(clock, 50) is None


def test_another_thread_that_gets_no_processor_might_be_the_one_to_wake_it(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, ({1: asleep(), 2: awake(5)} for _ in range(100)))

    assert looks_until_waiting(clock, 50) is None


def test_another_thread_that_has_begun_meanwhile_and_gets_no_processor_might_be_the_one_to_wake_it(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = [{1: asleep()}] * 4
    seen(monkeypatch, iter([*alone, *({1: asleep(), 2: awake(5)} for _ in range(96))]))

    assert looks_until_waiting(clock, 50) is None


def test_another_thread_that_works_all_the_time_is_not_about_to_wake_it(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, ({1: asleep(), 2: awake(switches=number)} for number in range(100)))

    assert looks_until_waiting(clock, 50) == 1 + deadlines.SLEEP_LOOKS


# -- everybody had the chance ------------------------------------------------------------------------------------------


def looks_until_all_had_the_chance(clock: Clock, most: int) -> int | None:
    """Look every 1/8 s; return how many looks it took until each thread had slept in five, and a second had passed."""
    watch = ChanceWatch(1.0, 5)
    for number in range(1, most + 1):
        clock.now += 1 / 8
        if watch.has_passed([1]):
            return number
    return None


def test_who_sleeps_or_polls_has_the_chance_for_the_whole_time(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({1: asleep(), 2: awake() if number % 2 else asleep()} for number in range(99)))

    assert looks_until_all_had_the_chance(clock, 99) == 9


def test_who_gets_no_processor_has_no_chance_yet(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({1: asleep(), 2: awake() if number < 30 else asleep()} for number in range(99)))

    assert looks_until_all_had_the_chance(clock, 99) == 35


def test_where_threads_cannot_be_seen_the_time_decides(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, ({} for _ in range(99)))

    assert looks_until_all_had_the_chance(clock, 99) == 8


# -- and in a real host ------------------------------------------------------------------------------------------------


def test_a_call_that_waits_is_seen_asleep_although_another_thread_works(host: Host) -> None:
    call = host.start(acts.sleep_and_spin)
    host.wait_for("spins")

    assert call.is_blocked(patience=0.05)
    assert len(host.history().of("call.blocked", name="sleep_and_spin")) == 1


def test_a_call_that_works_is_not_seen_asleep_until_it_has_returned(host: Host) -> None:
    call = host.start(acts.pass_gate, "one")
    assert call.is_blocked(patience=0.05)
    host.release("one", count=1)

    assert not call.is_blocked(patience=0.05)


def test_a_call_that_polls_is_seen_to_wait(host: Host) -> None:
    call = host.start(acts.poll, 0.005)
    host.wait_for("call.enter", name="poll")

    assert call.is_blocked(patience=0.05)


def test_a_host_that_only_polls_stalls_and_one_that_works_does_not(host: Host) -> None:
    host.start(acts.poll, 0.05)
    assert not host.comes("what never comes")

    host.start(acts.spin)
    host.wait_for("spins")
    watch = host.watch(patience=0.0, least_looks=10)
    for _ in range(50):
        watch.look("the end of work")
