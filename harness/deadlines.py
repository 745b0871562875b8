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
SLEEP_LOOKS = 5  # as many looks at least show that a thread waits


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
    """Finds out that nobody in a host will do anything any more.

    A busy machine cannot deceive it: a thread that wants to run and is not given a processor is not asleep.
    """

    def __init__(
        self,
        pids: Callable[[], list[int]],
        stalled: Callable[[str], Exception],
        patience: float = STALL_PATIENCE,
        least_looks: int = STALL_LOOKS,
    ) -> None:
        self._pids = pids
        self._stalled = stalled
        self._patience = patience
        self._least_looks = least_looks
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
        lasted = time.monotonic() - self._since
        if not looks or self._looks < self._least_looks or lasted < self._patience:
            return
        if max(self._awake.values(), default=0) <= STALL_AWAKE * self._looks:
            raise self._stalled(f"{waiting_for} does not come: nothing in the host has worked for {lasted:.1f} s")
        self._begin()


class SleepWatch:
    """Finds out that one thread waits for something which nobody is about to give it."""

    def __init__(self, thread: int, patience: float) -> None:
        self._thread = thread
        self._patience = patience
        self._begin({})

    def _begin(self, looks: dict[int, Look]) -> None:
        self._since = time.monotonic()
        self._count = 0
        self._first = looks
        self._rested: set[int] = set()

    def is_waiting(self, pids: list[int]) -> bool:
        """Look once; tell whether the thread slept through all looks of the last *patience* seconds.

        In that time every other thread must have slept or run at least once since it was first seen: one that is kept
        from running, or has only begun to be, might be the one that would wake it.
        """
        looks = processes.look_at_threads(pids)
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
