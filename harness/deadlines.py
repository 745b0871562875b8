"""One span of patience for a whole test, and a way to see that waiting is useless."""

from __future__ import annotations

import time
from collections.abc import Callable

from harness import processes
from harness.outcomes import DeadlinePassed, Stalled

LOOKS = 40  # as many looks at least, and
STALL_PATIENCE = 2.0  # as many seconds without anyone awake make a stall


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
            raise DeadlinePassed(
                f"{waiting_for} did not come within the {self.seconds:g} s of the test"
            )


class StallWatch:
    """Finds out that nobody in a host will do anything any more.

    A busy machine cannot deceive it: a thread that wants to run and is not given a processor is not asleep.
    """

    def __init__(self, pids: Callable[[], list[int]]) -> None:
        self._pids = pids
        self.reset()

    def reset(self) -> None:
        """Begin anew: something has happened."""
        self._looks = 0
        self._since = time.monotonic()

    def look(self, waiting_for: str) -> None:
        """Look once; raise Stalled when all threads have been asleep in every look for long enough."""
        nap = processes.look_at_threads(self._pids())
        if nap is None or not nap.asleep:
            self.reset()
            return
        self._looks += 1
        slept = time.monotonic() - self._since
        if self._looks >= LOOKS and slept >= STALL_PATIENCE:
            raise Stalled(
                f"{waiting_for} does not come: everything in the host has been asleep for {slept:.1f} s"
            )
