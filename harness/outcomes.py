"""What can end a test besides a failed assertion; each has a verdict of its own."""

from __future__ import annotations


class Outcome(Exception):
    """Base of what the harness raises in a test; the message says what was seen."""


class HostDied(Outcome):
    """The host ended although nobody had told it to: verdict crash."""


class Stalled(Outcome):
    """The test waits for something, and everything in the host sleeps: verdict hang."""


class DeadlinePassed(Outcome):
    """The test's time is over: verdict hang."""


class LeftBehind(Outcome):
    """The test is over and something of it was still there: verdict leak.

    left: a line for each process that had to be removed.
    """

    def __init__(self, message: str, left: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.left = left


class Missing(Outcome):
    """The candidate has no class that the check is about: verdict missing."""


class Unsupported(Outcome):
    """The platform lacks what the check needs: verdict unsupported."""


class HarnessError(Outcome):
    """The harness itself does not work; says nothing about the candidate."""


class Raised(Exception):
    """A call in the host raised.

    type: the name of the exception's class. bases: the names of all classes it is an instance of.
    message: str() of it. traceback: the host's traceback as text.
    """

    def __init__(self, kind: str, bases: list[str], message: str, traceback: str) -> None:
        super().__init__(f"in the host: {kind}: {message}")
        self.type = kind
        self.bases = tuple(bases)
        self.message = message
        self.traceback = traceback
