"""Waiting: until a request is there, until time is up, or until another thread says otherwise.

A serving loop waits for two things at once: its server's descriptor, and one end of a pair of
sockets.  Whoever wants the loop's attention writes a byte into the other end, so no one has to
wait for the poll interval to pass.

This uses `select` and not `selectors`, because a selector swallows an InterruptedError that a
signal handler raises.
"""

import math
import select
import socket
import time
from contextlib import suppress

TYPE_CHECKING = False  # The import of `typing` takes longer than that of all of this.
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple

    Wait = Callable[[Optional[float]], List[Tuple[int, int]]]

LONGEST_WAIT = 2147483.0
"""Seconds; poll() counts milliseconds in a C int and refuses more."""


def watch(*files: "Any") -> "Wait":
    """Return a function that waits until some of *files* are readable, and says which.

    It takes the seconds to wait at most (None: no limit), and returns a pair for each, the first
    of which is the descriptor.  Raises ValueError if a file is closed already.
    """
    # Asked each time: libraries that replace blocking calls take poll() away or put their own in
    # its place.
    return _watch_by_poll(files) if hasattr(select, "poll") else _watch_by_select(files)


def _watch_by_poll(files: "Any") -> "Wait":
    poll = select.poll()
    for file in files:
        poll.register(file, select.POLLIN)

    def wait(seconds: "Optional[float]") -> "List[Tuple[int, int]]":
        # Rounded up: a wait may take too long, but never ends before its time.
        return poll.poll(None if seconds is None else math.ceil(_clamped(seconds) * 1000))

    return wait


def _watch_by_select(files: "Any") -> "Wait":
    descriptors = [file if isinstance(file, int) else file.fileno() for file in files]
    if min(descriptors, default=0) < 0:
        raise ValueError("cannot wait for a closed file")

    def wait(seconds: "Optional[float]") -> "List[Tuple[int, int]]":
        limit = None if seconds is None else _clamped(seconds)
        return [(descriptor, 0) for descriptor in select.select(descriptors, [], [], limit)[0]]

    return wait


def _clamped(seconds: float) -> float:
    return min(max(seconds, 0), LONGEST_WAIT)


class Deadline:
    """The moment by which something has to happen, or never (*seconds* is None)."""

    def __init__(self, seconds: "Optional[float]") -> None:
        """Count from now."""
        self._at = math.inf if seconds is None else time.monotonic() + seconds

    def seconds_left(self) -> "Optional[float]":
        """Return the time until then, not below 0; None if there is no limit."""
        return None if self._at == math.inf else max(self._at - time.monotonic(), 0)

    def has_passed(self) -> bool:
        """Tell whether it is too late."""
        return time.monotonic() >= self._at


class Alarm:
    """Something to wait for beside the requests; any thread or signal handler may ring it."""

    def __init__(self) -> None:
        """Open a pair of sockets, or do without if the process has no descriptors to spare."""
        self._ends: "Tuple[socket.socket, ...]" = ()
        with suppress(OSError):
            self._ends = socket.socketpair()
        for end in self._ends:
            end.setblocking(False)

    def descriptors(self) -> "List[int]":
        """Return what to watch: one descriptor, or none if there was none to be had."""
        return [end.fileno() for end in self._ends[:1]]

    def ring(self) -> None:
        """End the wait that is going on, and all later ones: whoever rings wants the loop to end."""
        for end in self._ends[1:]:
            # An error means that it rings already, or that no one waits any more.
            with suppress(OSError):
                end.send(b"!")

    def close(self) -> None:
        """Give the descriptors back."""
        for end in self._ends:
            end.close()


class RequestWatch:
    """Waits for the requests of one server; an alarm, if there is one, ends the wait early."""

    def __init__(self, server: "Any", alarm: "Optional[Alarm]" = None) -> None:
        """Raise ValueError if *server* is closed."""
        self._alarms = [] if alarm is None else alarm.descriptors()
        self._wait = watch(server, *self._alarms)
        self._wait_for_alarm = watch(*self._alarms)

    def wait(self, seconds: "Optional[float]") -> bool:
        """Wait for a request, the alarm, or time to pass; tell whether a request is there."""
        for descriptor, _ in self._wait(seconds):  # noqa: SIM110 - a generator would take longer than all else
            if descriptor not in self._alarms:
                return True
        return False

    def pause(self, seconds: float) -> None:
        """Let *seconds* pass, whatever requests there are, unless the alarm rings."""
        self._wait_for_alarm(seconds)
