"""Find hooks that were called in another thread than they must.

*names* are those of the hooks to judge, as in ``hook.enter name=NAME``.
"""

from collections.abc import Collection

from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event, Span
from harness.history.history import History

_SERVING = ("serve_forever", "handle_request")


def hooks_outside_request_thread(history: History, names: Collection[str]) -> list[Violation]:
    """Find hooks that were called in a thread in which no handler ran.

    Inconclusive if no handler ran, or one of the hooks was never called.
    Source: the documentation of ThreadingMixIn: the whole request is the thread's.
    """
    handlers = {entered.place for entered in history.of("handler.enter")}
    if not handlers:
        raise Inconclusive("no handler ran")
    return [
        Violation(f"{_name(hook)}() was called outside the thread of a request", (hook,))
        for hook in _hooks(history, names)
        if hook.place not in handlers
    ]


def hooks_outside_serving_thread(history: History, names: Collection[str]) -> list[Violation]:
    """Find hooks that were called otherwise than by serve_forever() or handle_request() in its thread.

    Inconclusive if nobody served, or one of the hooks was never called.
    Source: the documentation of BaseServer.handle_request, which names these hooks.
    """
    serving = [span for span in history.spans("call", "call") if span.enter.details.get("name") in _SERVING]
    if not serving:
        raise Inconclusive("no server was serving")
    return [
        Violation(f"{_name(hook)}() was called outside the thread that was serving", (hook,))
        for hook in _hooks(history, names)
        if not any(_is_within(hook, span) for span in serving)
    ]


def _hooks(history: History, names: Collection[str]) -> list[Event]:
    hooks = [hook for hook in history.of("hook.enter") if _name(hook) in names]
    if missing := set(names) - {_name(hook) for hook in hooks}:
        raise Inconclusive(f"never called: {', '.join(sorted(missing))}")
    return hooks


def _name(hook: Event) -> str:
    return str(hook.details.get("name"))


def _is_within(event: Event, span: Span) -> bool:
    return event.place == span.enter.place and span.is_open_at(event)
