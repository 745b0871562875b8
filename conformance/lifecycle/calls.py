"""What came of a call, for tests that judge the error as one of several things."""

from harness.hosts import Call
from harness.outcomes import Raised


def error_of(call: Call) -> str | None:
    """Wait for *call* and return the name of the class of what it raised; None if it returned."""
    try:
        call.wait()
    except Raised as error:
        return error.type
    return None
