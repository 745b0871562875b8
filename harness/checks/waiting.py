"""Find calls that did not wait, waited too long, or did not put an end to anything.

*call* is the name of a method of the server, such as ``server_close``.
"""

from collections.abc import Iterator

from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event, Span
from harness.history.history import History

_SERVING = ("serve_forever", "handle_request")
_ATTEMPTS = ("client.connect", "client.refused", "client.send")


def handlers_outliving(call: str, history: History) -> list[Violation]:
    """Find handlers that were still at work when *call* returned.

    Inconclusive if it never returned, or no handler was at work while it ran.
    Source: the documentation of ThreadingMixIn and ForkingMixIn on server_close and block_on_close.
    """
    calls = _calls(call, history)
    handlers = history.spans("handler", "client")
    if not any(span.overlaps(handler) for span in calls for handler in handlers):
        raise Inconclusive(f"{len(handlers)} handlers ran, none while {call}() did")
    return [
        Violation(
            f"{call}() returned while the handler of client {handler.client} was at work",
            _in_order(handler.enter, returned, handler.exit),
        )
        for returned in _returns(call, calls)
        for handler in handlers
        if handler.is_open_at(returned)
    ]


def calls_that_waited(call: str, history: History) -> list[Violation]:
    """Find calls that waited for a handler: seen blocked meanwhile, or returned only after its end.

    The handlers must be held until the call has returned or was seen blocked; one that ends by
    itself would look as if it had been waited for.  Inconclusive if no handler was at work when it
    began, or if one was but the call neither returned nor was seen blocked.
    Source: the documentation of ThreadingMixIn on block_on_close and daemon_threads.
    """
    handlers = history.spans("handler", "client")
    pairs = [
        (span, handler) for span in _calls(call, history) for handler in handlers if handler.is_open_at(span.enter)
    ]
    if not pairs:
        raise Inconclusive(f"{len(handlers)} handlers ran, none when {call}() began")
    violations = [violation for span, handler in pairs for violation in _waits(call, span, handler, history)]
    if not violations and any(span.exit is None for span, _ in pairs):
        raise Inconclusive(f"{call}() was seen neither to return nor to be blocked")
    return violations


def accepted_after(call: str, history: History) -> list[Violation]:
    """Find requests that were handled although they were made after *call* had returned.

    The clients must begin to connect after the return, and the history must reach past a point at
    which a wrong server would have handled them.  What happens after serving was begun again does
    not count.  Inconclusive if the call never returned, or nobody tried afterwards.
    Source: the documentation of BaseServer.shutdown and BaseServer.server_close.
    """
    tried = False
    violations = []
    for returned, quiet in _quiet_times(call, history):
        attempts = _newcomers(history.before(returned), quiet)
        tried = tried or bool(attempts)
        violations += [
            Violation(
                f"client {entered.client} came after {call}() had returned and was handled",
                _in_order(returned, attempts[entered.client], entered),
            )
            for entered in quiet.of("handler.enter")
            if entered.client in attempts
        ]
    if not tried:
        raise Inconclusive(f"no client tried to connect after {call}() had returned")
    return violations


def loop_hooks_after(call: str, history: History) -> list[Violation]:
    """Find hooks that the serving loop called after *call* had returned; those of others may be.

    Inconclusive if the call never returned, or no hook was called at all.
    Source: the documentation of BaseServer.shutdown: it waits until the loop has stopped.
    """
    if not history.of("hook.enter"):
        raise Inconclusive("no hook was called at all")
    loops = [span for span in history.spans("call", "call") if span.enter.details.get("name") in _SERVING]
    return [
        Violation(f"{hook.details.get('name')}() was called after {call}() had returned", (returned, hook))
        for returned, quiet in _quiet_times(call, history)
        for hook in quiet.of("hook.enter")
        if any(_is_within(hook, span) for span in loops)
    ]


def _is_within(event: Event, span: Span) -> bool:
    return event.place == span.enter.place and span.is_open_at(event)


def _calls(call: str, history: History) -> list[Span]:
    calls = [span for span in history.spans("call", "call") if span.enter.details.get("name") == call]
    if not calls:
        raise Inconclusive(f"{call}() was never called")
    return calls


def _returns(call: str, calls: list[Span]) -> list[Event]:
    returns = [span.exit for span in calls if span.exit and span.exit.kind == "call.return"]
    if not returns:
        raise Inconclusive(f"{call}() never returned")
    return returns


def _waits(call: str, span: Span, handler: Span, history: History) -> Iterator[Violation]:
    number = span.enter.details.get("call")
    for blocked in history.of("call.blocked", name=call, call=number):
        if handler.is_open_at(blocked):
            yield Violation(
                f"{call}() was blocked while the handler of client {handler.client} was at work",
                _in_order(handler.enter, span.enter, blocked),
            )
            return
    if span.exit and handler.has_ended_by(span.exit):
        yield Violation(
            f"{call}() returned only after the handler of client {handler.client} had ended",
            _in_order(*handler.events, *span.events),
        )


def _quiet_times(call: str, history: History) -> Iterator[tuple[Event, History]]:
    """Yield each return of *call* with what happened from then until serving began again."""
    for returned in _returns(call, _calls(call, history)):
        rest = history.after(returned)
        resumed = [event for name in _SERVING for event in rest.of("call.enter", name=name)]
        first = min(resumed, key=lambda event: event.index, default=None)
        yield returned, rest if first is None else rest.before(first)


def _newcomers(before: History, quiet: History) -> dict[str, Event]:
    """Return the first attempt of each client of *quiet* that had not made one *before*."""
    known = {event.client for event in before if event.kind in _ATTEMPTS}
    attempts: dict[str, Event] = {}
    for event in quiet:
        if event.kind in _ATTEMPTS and event.client not in known:
            attempts.setdefault(event.client, event)
    return attempts


def _in_order(*events: Event | None) -> tuple[Event, ...]:
    return tuple(sorted((event for event in events if event), key=lambda event: event.index))
