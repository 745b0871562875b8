"""Find changes of shared state that got lost."""

from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event
from harness.history.history import History


def lost_updates(history: History) -> list[Violation]:
    """Find additions to one shared total that came to the same result, so that one was lost.

    Each handler adds one to the total and then says ``update.done total=#N`` with its result.
    Inconclusive if no update was lost but no two handlers that made one were at work at once.
    Source: the documentation of the module, on locks where threads share data.
    """
    updates = history.of("update.done")
    results: dict[object, list[Event]] = {}
    for update in updates:
        results.setdefault(update.details.get("total"), []).append(update)
    violations = [
        Violation(
            f"{len(alike)} updates made the total {total}; {len(alike) - 1} of them got lost",
            tuple(alike),
        )
        for total, alike in results.items()
        if len(alike) > 1
    ]
    if not violations and not _were_made_at_once(updates, history):
        raise Inconclusive(f"{len(updates)} updates were made, no two by handlers at work at once")
    return violations


def _were_made_at_once(updates: list[Event], history: History) -> bool:
    updating = [
        span
        for span in history.spans("handler", "client")
        if any(span.enter.place == each.place and span.is_open_at(each) for each in updates)
    ]
    return any(one.overlaps(other) for one in updating for other in updating)
