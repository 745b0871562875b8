"""One span of patience for a whole test, and a way to see that waiting is useless."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from harness import processes
from harness.outcomes import DeadlinePassed
from harness.processes import Look

STALL_LOOKS = 40  # as many looks at least, over
STALL_PATIENCE = 2.0  # as many seconds, in which
STALL_AWAKE = 0.25  # no thread was awake in more than this share of the looks: polling is not working
STALL_SPIN = 5.0  # seconds on a processor in which a thread brought nothing about: it only spins
SLEEP_LOOKS = 5  # as many looks at least show that a thread waits
POLL_LOOKS = 10  # as many looks that find each thread asleep show that they do nothing but poll, over
POLL_PATIENCE = 2  # times the patience for a thread that does not wake, and with
POLL_WORK = 0.1  # no more than this share of the time spent on a processor by any of them


class Deadline:
    """The moment, *seconds* from now, by which a test must be over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Return the seconds left, 0.0 when there are none."""
        return max(0.0, self._end - time.monotonic())

    def check(self, waiting_for: str) -> None:
        """Raise DeadlinePassed when no time is left."""
        if self.remaining() == 0.0:
            raise DeadlinePassed(f"{waiting_for} did not come within the {self.seconds:g} s of the test")


class StallWatch:
    """Finds out that nobody in a host will bring about anything any more: all threads sleep, or spin.

    A busy machine cannot deceive it: a thread that wants to run and is not given a processor is not asleep, and for how
    long one has spun is measured by the time that it was given.
    """

    def __init__(
        self,
        pids: Callable[[], list[int]],
        stalled: Callable[[str], Exception],
        progress: Callable[[], int],
        patience: float = STALL_PATIENCE,
        least_looks: int = STALL_LOOKS,
        spin: float = STALL_SPIN,
    ) -> None:
        self._pids = pids
        self._stalled = stalled
        self._progress = progress
        self._patience = patience
        self._least_looks = least_looks
        self._spin = spin
        self._spun: dict[int, int] = {}
        self._made = progress()
        self._begin()

    def _begin(self) -> None:
        self._since = time.monotonic()
        self._looks = 0
        self._awake: Counter[int] = Counter()

    def look(self, waiting_for: str) -> None:
        """Look once; raise what `stalled` makes of it when nobody has worked for long enough."""
        looks = processes.look_at_threads(self._pids())
        self._looks += 1
        self._awake.update(thread for thread, look in looks.items() if not look.asleep)
        spinning = self._spinning(looks)
        lasted = time.monotonic() - self._since
        if not looks or self._looks < self._least_looks or lasted < self._patience:
            return
        working = {thread for thread, count in self._awake.items() if count > STALL_AWAKE * self._looks}
        if not working:
            raise self._stalled(f"{waiting_for} does not come: nothing in the host has worked for {lasted:.1f} s")
        if working <= spinning:
            raise self._stalled(
                f"{waiting_for} does not come: what works in the host has brought nothing about in {self._spin:g} s"
            )
        self._begin()

    def _spinning(self, looks: dict[int, Look]) -> set[int]:
        """Return the threads that have run for so long since anything came of it."""
        made = self._progress()
        if made != self._made:
            self._made, self._spun = made, {}
        first = {thread: self._spun.setdefault(thread, look.ran) for thread, look in looks.items()}
        return {thread for thread, look in looks.items() if look.ran - first[thread] >= self._spin * 1e9}


class SleepWatch:
    """Finds out that one thread waits for something which nobody is about to give it.

    It waits when it does not wake, whatever the others do, or when it wakes only to look and to sleep again: then
    nobody else may work either, and nothing may happen, as `progress` counts it.
    """

    def __init__(self, thread: int, patience: float, progress: Callable[[], int]) -> None:
        self._thread = thread
        self._patience = patience
        self._polling = _PollWatch(thread, patience * POLL_PATIENCE, progress)
        self._begin({})

    def _begin(self, looks: dict[int, Look]) -> None:
        self._since = time.monotonic()
        self._count = 0
        self._first = looks
        self._rested: set[int] = set()

    def is_waiting(self, pids: list[int]) -> bool:
        """Look once; tell whether the thread is seen to wait."""
        looks = processes.look_at_threads(pids)
        polls = self._polling.only_polls(looks)
        return self._sleeps(looks) or polls

    def _sleeps(self, looks: dict[int, Look]) -> bool:
        """Tell whether the thread slept through all looks of the last *patience* seconds.

        In that time every other thread must have slept or run at least once since it was first seen: one that is kept
        from running, or has only begun to be, might be the one that would wake it.
        """
        watched = looks.get(self._thread)
        if watched is None or not watched.asleep or self._first.get(self._thread) != watched:
            self._begin(looks)
            return False
        self._count += 1
        for number, look in looks.items():
            if look.asleep or look != self._first.setdefault(number, look):
                self._rested.add(number)
        slept_enough = time.monotonic() - self._since >= self._patience
        return self._count >= SLEEP_LOOKS and slept_enough and looks.keys() <= self._rested


class _PollWatch:
    """Finds out that all that a thread, and every other one, has done for a while is to wake, look and sleep again."""

    def __init__(self, thread: int, patience: float, progress: Callable[[], int]) -> None:
        self._thread = thread
        self._patience = patience
        self._progress = progress
        self._begin()

    def _begin(self) -> None:
        self._since = time.monotonic()
        self._made = self._progress()
        self._first: dict[int, Look] = {}
        self._naps: Counter[int] = Counter()

    def only_polls(self, looks: dict[int, Look]) -> bool:
        """Take in a look at all threads; tell whether enough of them have found nobody at work."""
        if self._thread not in looks or self._progress() != self._made:
            self._begin()
            return False
        self._naps.update(number for number, look in looks.items() if look.asleep)
        lasted = time.monotonic() - self._since
        may_have_worked = lasted * POLL_WORK * 1e9  # nanoseconds
        spent = [look.ran - self._first.setdefault(number, look).ran for number, look in looks.items()]
        napped = all(self._naps[number] >= POLL_LOOKS for number in looks)
        if lasted < self._patience or not napped:
            return False
        if max(spent) > may_have_worked:
            self._begin()
            return False
        return True


class ChanceWatch:
    """Finds out that everybody in a host had the chance to do something, be it that they sleep or poll.

    They had it when every thread was seen asleep *naps* times, and *patience* seconds have passed.
    """

    def __init__(self, patience: float, naps: int) -> None:
        self._end = time.monotonic() + patience
        self._least = naps
        self._naps: Counter[int] = Counter()

    def has_passed(self, pids: list[int]) -> bool:
        """Look once; tell whether nobody is left of whom anything is to be expected; where nobody is seen, by time."""
        looks = processes.look_at_threads(pids)
        self._naps.update(thread for thread, look in looks.items() if look.asleep)
        rested = all(self._naps[thread] >= self._least for thread in looks)
        return rested and time.monotonic() >= self._end
