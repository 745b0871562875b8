"""Find handlers that were at work at once and must not be, or were not and must."""

from bisect import bisect_left
from collections.abc import Iterator

from harness.checks.requests import requests_of
from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event, Span
from harness.history.history import History

NEVER_SERVED = "no handler ran during serve_forever() or handle_request()"


def overlapping_handlers(history: History) -> list[Violation]:
    """Find handlers that began while another one was still at work.

    Inconclusive if none overlapped but nobody else was waiting while a handler was at work.
    Source: the documentation of the module: TCPServer and its like are synchronous, one request is
    done before the next begins.
    """
    handlers = history.spans("handler", "client")
    violations = [
        Violation(
            f"the handler of client {later.client} began while that of client {earlier.client} was at work",
            _in_order(earlier, later),
        )
        for earlier, later in _overlapping_pairs(handlers)
    ]
    if not violations and not _somebody_waited(history, handlers):
        raise Inconclusive(f"{len(handlers)} handlers ran, none while another request was waiting")
    return violations


def never_overlapping(history: History, at_least: int) -> list[Violation]:
    """Find that requests were waiting, *at_least* so many at once, and were never handled at once.

    The handlers must be held until all are at work; one that ends by itself proves nothing.
    Inconclusive if so many requests never waited at once.  Source: the documentation of
    ForkingMixIn and ThreadingMixIn: asynchronous behaviour.
    """
    handlers = history.spans("handler", "client")
    most = max((len(crowd) for crowd in _crowds(handlers)), default=0)
    if most >= at_least:
        return []
    waiting = _waiting_at_once(history, handlers, at_least)
    if not waiting:
        raise Inconclusive(f"there were never {at_least} requests at once")
    return [
        Violation(
            f"{at_least} requests were there at once, but at most {most} handlers at work together",
            waiting,
        )
    ]


def handlers_in_same_thread(history: History) -> list[Violation]:
    """Find handlers that were at work at once and in the same thread.

    Only then must the threads differ: a new thread may get the name of one that has ended.
    Inconclusive if no two handlers were at work at once.
    Source: the documentation of ThreadingMixIn: a thread for each request.
    """
    pairs = _overlapping_pairs(history.spans("handler", "client"))
    if not pairs:
        raise Inconclusive("no two handlers were at work at once")
    return [
        Violation(
            f"the handlers of clients {earlier.client} and {later.client} ran in one thread",
            _in_order(earlier, later),
        )
        for earlier, later in pairs
        if earlier.enter.place == later.enter.place
    ]


def handlers_in_server_thread(history: History) -> list[Violation]:
    """Find handlers that ran in the very thread that was serving.

    Inconclusive if no handler ran while a server was serving.
    Source: the documentation of ThreadingMixIn and ForkingMixIn.
    """
    during = _during_serving(history)
    if not during:
        raise Inconclusive(NEVER_SERVED)
    return [
        Violation(
            f"the handler of client {entered.client} ran in the thread that was serving",
            (serving.enter, entered),
        )
        for entered, serving in during
        if entered.place == serving.enter.place
    ]


def handlers_outside_server_thread(history: History) -> list[Violation]:
    """Find handlers of a synchronous server that ran elsewhere than in the thread that was serving.

    Also those that began only when nobody was serving any more: a slow thread must not hide that it is another one.
    Inconclusive if no handler ran while a server was serving, or after that.
    Source: the documentation of BaseServer.process_request.
    """
    during, after = _during_serving(history), _after_serving(history)
    if not during and not after:
        raise Inconclusive(NEVER_SERVED)
    outside = [
        Violation(
            f"the handler of client {entered.client} ran outside the thread that was serving",
            (serving.enter, entered),
        )
        for entered, serving in during
        if entered.place != serving.enter.place
    ]
    late = [
        Violation(
            f"the handler of client {entered.client} began when nobody was serving any more",
            (*serving.events, entered),
        )
        for entered, serving in after
    ]
    return outside + late


def _during_serving(history: History) -> list[tuple[Event, Span]]:
    """Return the beginning of each handler with the serving call during which it happened."""
    serving = _serving(history)
    return [(entered, span) for entered in history.of("handler.enter") for span in serving if span.is_open_at(entered)]


def _after_serving(history: History) -> list[tuple[Event, Span]]:
    """Return the beginning of each handler that came after the serving calls, with the last of them."""
    found = []
    for entered in history.of("handler.enter"):
        begun = [span for span in _serving(history) if span.enter.index < entered.index]
        if begun and all(span.has_ended_by(entered) for span in begun):
            found.append((entered, begun[-1]))
    return found


def _serving(history: History) -> list[Span]:
    return [
        span
        for span in history.spans("call", "call")
        if span.enter.details.get("name") in ("serve_forever", "handle_request")
    ]


def _overlapping_pairs(handlers: list[Span]) -> list[tuple[Span, Span]]:
    """Return each handler that began while others were open, with the last of them that began."""
    return [(crowd[-2], crowd[-1]) for crowd in _crowds(handlers) if len(crowd) > 1]


def _crowds(handlers: list[Span]) -> Iterator[list[Span]]:
    """Yield, as each handler begins, those that are open then; the new one is the last."""
    crowd: list[Span] = []
    for later in handlers:
        crowd = [*(span for span in crowd if span.is_open_at(later.enter)), later]
        yield crowd


def _in_order(*spans: Span) -> tuple[Event, ...]:
    events = [event for span in spans for event in span.events]
    return tuple(sorted(events, key=lambda event: event.index))


def _somebody_waited(history: History, handlers: list[Span]) -> bool:
    """Tell whether, when some handler ended, more requests had been made than handlers begun."""
    requests = [event.index for event in requests_of(history)]
    begun = [span.enter.index for span in handlers]
    ends = [span.exit.index if span.exit else history[-1].index + 1 for span in handlers]
    return any(bisect_left(requests, end) > bisect_left(begun, end) for end in ends)


def _waiting_at_once(history: History, handlers: list[Span], size: int) -> tuple[Event, ...]:
    """Return the requests made and not done with when first there were *size*; () if never."""
    requests = requests_of(history)
    for position, request in enumerate(requests):
        done = sum(span.has_ended_by(request) for span in handlers)
        if position + 1 - done >= size:
            return tuple(requests[done : position + 1])
    return ()
