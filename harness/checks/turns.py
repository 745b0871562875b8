"""Find turns of the serving loop in which something was left out."""

from itertools import pairwise

from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event
from harness.history.history import History


def turns_without_service_actions(history: History) -> list[Violation]:
    """Find requests of a synchronous server between which the loop did not call service_actions().

    Only calls in the thread that handles the requests count.  Inconclusive if no two requests were
    handled in one loop.  Source: the documentation of BaseServer.service_actions.
    """
    pairs = [pair for loop in _handlers_by_loop(history) for pair in pairwise(loop)]
    if not pairs:
        raise Inconclusive("no two requests were handled in one loop")
    return [
        Violation(
            f"service_actions() was not called between the requests of clients {earlier.client} and {later.client}",
            (earlier, later),
        )
        for earlier, later in pairs
        if not any(
            hook.place == later.place
            for hook in history.between(earlier, later).of("hook.enter", name="service_actions")
        )
    ]


def _handlers_by_loop(history: History) -> list[list[Event]]:
    loops = [span for span in history.spans("call", "call") if span.enter.details.get("name") == "serve_forever"]
    handlers = history.of("handler.enter")
    return [
        [entered for entered in handlers if entered.place == loop.enter.place and loop.is_open_at(entered)]
        for loop in loops
    ]
