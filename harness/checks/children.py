"""Find what is wrong with the number of requests that are handled at once.

Source of all: the documentation of ForkingMixIn on max_children.
"""

from harness.checks.verdict import Inconclusive, Violation
from harness.history.history import History


def more_at_once_than(limit: int, history: History) -> list[Violation]:
    """Find handlers that began while *limit* others were at work.

    The handlers must be held until the one too many has had its chance.  Inconclusive unless more than *limit* ran
    and once there were as many as that at work.
    """
    handlers = history.spans("handler", "client")
    most = 0
    violations = []
    for latest in handlers:
        others = [span for span in handlers if span.is_open_at(latest.enter)]
        most = max(most, len(others) + 1)
        if len(others) >= limit:
            violations.append(
                Violation(
                    f"the handler of client {latest.client} began while {len(others)} others were at work",
                    (*(span.enter for span in others), latest.enter),
                )
            )
    if len(handlers) <= limit or most < limit:
        raise Inconclusive(f"{len(handlers)} handlers ran, at most {most} at once; the limit is {limit}")
    return violations
