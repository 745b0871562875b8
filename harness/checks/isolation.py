"""Find what should have stayed in a process of its own, and what should not.

Source of all: the documentation of ForkingMixIn and the module's notes on processes and threads.
"""

from itertools import combinations

from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event
from harness.history.history import History


def state_seen_outside(history: History) -> list[Violation]:
    """Find state that one process changed and that another one then saw changed.

    A handler says ``state.change name=NAME value=VALUE`` after changing, and others say
    ``state.seen`` with the same details when they look; no change restores a value that was seen
    before.  Inconclusive if nobody looked in another process after a change.
    """
    looks = [
        (change, seen)
        for change in history.of("state.change")
        for seen in history.after(change).of("state.seen", name=change.details.get("name"))
        if seen.pid != change.pid
    ]
    if not looks:
        raise Inconclusive("no process looked at state that another had changed")
    return [
        Violation(
            f"process {seen.pid} saw {seen.details.get('name')} as process {change.pid} changed it",
            (change, seen),
        )
        for change, seen in looks
        if seen.details.get("value") == change.details.get("value")
    ]


def children_that_came_back(history: History) -> list[Violation]:
    """Find children that returned into the code that had called the server.

    Inconclusive if none did but no handler ran in a child.
    """
    returned = history.of("child.returned")
    callers = {event.pid for event in history.of("call.enter")}
    if not returned and all(event.pid in callers for event in _handlers(history)):
        raise Inconclusive("no handler ran in a child")
    return [Violation(f"child {event.pid} came back into its parent's code", (event,)) for event in returned]


def handlers_in_the_server_process(history: History, server_pid: int) -> list[Violation]:
    """Find handlers that ran in the process *server_pid*; Inconclusive if none ran at all."""
    return [
        Violation(f"the handler of client {event.client} ran in the server's process", (event,))
        for event in _handlers(history)
        if event.pid == server_pid
    ]


def handlers_in_same_process(history: History) -> list[Violation]:
    """Find handlers that shared a process; Inconclusive unless two ran."""
    handlers = _handlers(history)
    if len(handlers) < 2:
        raise Inconclusive("only one handler ran")
    return [
        Violation(
            f"the handlers of clients {one.client} and {other.client} ran in process {one.pid}",
            (one, other),
        )
        for one, other in combinations(handlers, 2)
        if one.pid == other.pid
    ]


def _handlers(history: History) -> list[Event]:
    handlers = history.of("handler.enter")
    if not handlers:
        raise Inconclusive("no handler ran")
    return handlers
