"""What came of calls, for tests that judge it as one of several things, and what a check needs before it can judge."""

from harness.checks.verdict import Inconclusive
from harness.hosts import Call
from harness.outcomes import Raised

IT_GOES_ON = "nothing: it goes on"
PATIENCE = 0.1  # seconds that a call must be seen to wait to pass for one that goes on


def error_of(call: Call) -> str | None:
    """Wait for *call* and return the name of the class of what it raised; None if it returned."""
    try:
        call.wait()
    except Raised as error:
        return error.type
    return None


def end_of(call: Call) -> str | None:
    """Return the name of what *call* raised, None if it returned, and `IT_GOES_ON` if it is seen to wait."""
    return IT_GOES_ON if call.is_blocked(PATIENCE) else error_of(call)


def needs(happened: bool, what: str) -> None:
    """Raise Inconclusive, for the lack of *what*, unless it happened: what is at fault is not what is judged."""
    if not happened:
        raise Inconclusive(f"there was no {what}")
