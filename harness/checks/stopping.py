"""Find what was cut short by the end of something, or went on beyond it.

Source of all: the documentation of BaseServer.shutdown and server_close, and of ThreadingMixIn on daemon_threads.
"""

from harness.checks.verdict import Inconclusive, Violation
from harness.history.history import History


def hooks_outliving(call: str, history: History) -> list[Violation]:
    """Find hooks that were still at work when *call* (the name of a method) returned.

    Inconclusive if it never returned, or no hook was at work while it ran.
    """
    calls = [span for span in history.spans("call", "call") if span.enter.details.get("name") == call]
    returned = [span.exit for span in calls if span.exit]
    if not returned:
        raise Inconclusive(f"{call}() never returned")
    hooks = history.spans("hook", "name")
    if not any(span.overlaps(hook) for span in calls for hook in hooks):
        raise Inconclusive(f"no hook was at work while {call}() ran")
    return [
        Violation(f"{call}() returned while {hook.enter.details.get('name')}() was at work", (hook.enter, end))
        for end in returned
        for hook in hooks
        if hook.is_open_at(end)
    ]


def handlers_cut_short(history: History) -> list[Violation]:
    """Find handlers that began and never ended; the history must reach to the end of their process.

    Inconclusive if none began.
    """
    handlers = history.spans("handler", "client")
    if not handlers:
        raise Inconclusive("no handler ran")
    return [
        Violation(f"the handler of client {handler.client} was cut short", (handler.enter,))
        for handler in handlers
        if handler.exit is None
    ]
