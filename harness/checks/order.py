"""Find what happened in another order than it must."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event
from harness.history.history import History

REQUEST_HOOKS = (
    "verify_request",
    "process_request",
    "finish_request",
    "handle_error",
    "shutdown_request",
    "close_request",
)

_SERVING = ("serve_forever", "handle_request")


def out_of_order(history: History, kind: str, expected: Sequence[str]) -> list[Violation]:
    """Find clients whose first event of *kind* came before that of a client *expected* earlier.

    Inconclusive if the order is right but one of the *expected* clients, or a second, is missing.
    """
    place = {client: position for position, client in enumerate(expected)}
    firsts = {event.client: event for event in reversed(history.of(kind)) if event.client in place}
    seen = sorted(firsts.values(), key=lambda event: event.index)
    violations = [
        Violation(
            f"{kind} of client {later.client} came after that of client {earlier.client};"
            f" the order expected was {', '.join(expected)}",
            (earlier, later),
        )
        for earlier, later in pairwise(seen)
        if place[earlier.client] > place[later.client]
    ]
    if not violations and (len(seen) < len(place) or len(seen) < 2):
        raise Inconclusive(f"{kind} was seen of {len(seen)} of the {len(place)} clients expected")
    return violations


def handled_out_of_order(history: History) -> list[Violation]:
    """Find connections that a synchronous stream server handled before an older one.

    They were connected one after another by one thread; otherwise nobody knows which is older.
    Source: the documentation of the module, on synchronous servers: one request is done before the
    next begins; and the kernel's queue keeps the order of arrival.
    """
    connects = history.of("client.connect")
    threads = {event.place for event in connects}
    if len(threads) > 1:
        raise Inconclusive(f"clients connected from {len(threads)} threads at once")
    return out_of_order(history, "handler.enter", [event.client for event in connects])


def hooks_out_of_order(history: History, expected: Sequence[str]) -> list[Violation]:
    """Find clients whose request went through other hooks than *expected*, or in another order.

    Judged are the hooks of `REQUEST_HOOKS`, and ``get_request`` (when it returned) and ``handler``
    if *expected* names them.  Each client asks once.  A hook that is not told the client belongs to
    the one that its thread dealt with last.  The history must reach past the last hook: take it
    when the server was closed.  Source: the documentation of BaseServer's methods.
    """
    steps: dict[str, list[Event]] = {}
    for client, event in _steps(history):
        if _step_name(event) in {*REQUEST_HOOKS, *expected}:
            steps.setdefault(client, []).append(event)
    if not steps:
        raise Inconclusive("no hook was called for any client")
    return [
        Violation(
            f"the request of client {client} went through {', '.join(map(_step_name, events))};"
            f" expected was {', '.join(expected)}",
            tuple(events),
        )
        for client, events in steps.items()
        if [_step_name(event) for event in events] != list(expected)
    ]


def hooks_by_side(history: History) -> dict[str, dict[str, list[str]]]:
    """Return for each client the steps of its request: those of who serves, and those of its thread or child, in order.

    The steps are those of `hooks_out_of_order`, ``get_request`` and ``handler`` among them.  Inconclusive if nobody
    served, or no hook was called.
    """
    serving = [span for span in history.spans("call", "call") if span.enter.details.get("name") in _SERVING]
    steps = list(_steps(history)) if serving else []
    if not steps:
        raise Inconclusive("nobody served, or no hook was called")
    sides: dict[str, dict[str, list[str]]] = {}
    for client, event in steps:
        shares = sides.setdefault(client, {"who serves": [], "its own": []})
        is_served = any(event.place == span.enter.place and span.is_open_at(event) for span in serving)
        shares["who serves" if is_served else "its own"].append(_step_name(event))
    return sides


def _steps(history: History) -> Iterator[tuple[str, Event]]:
    """Yield the beginning of each hook and handler (of get_request: the end) with its client."""
    at_work: dict[tuple[int, str], str] = {}
    for event in history:
        name = event.details.get("name")
        ending = "hook.exit" if name == "get_request" else "hook.enter"
        if event.kind not in ("handler.enter", ending):
            continue
        client = event.client or at_work.get(event.place, "")
        if client:
            at_work[event.place] = client
            yield client, event


def _step_name(event: Event) -> str:
    return "handler" if event.kind == "handler.enter" else str(event.details.get("name"))
