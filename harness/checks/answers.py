"""Find requests without an answer, and answers that are not those to the request.

Where contents are compared, the handlers echo.
"""

from collections import defaultdict
from collections.abc import Iterator

from harness.checks.payloads import Payload, payload_of
from harness.checks.requests import requests_of
from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event
from harness.history.history import History

_LOOKS = ("client.receive", "client.end", "client.reset", "client.fail")


def altered_answers(history: History) -> list[Violation]:
    """Find clients to which something else came back than they sent.

    What a connection received may be cut while it has not seen the end.  Of datagrams each one must
    be one of those sent.  Inconclusive if nobody received anything.
    Source: the documentation of StreamRequestHandler and DatagramRequestHandler.
    """
    sends, receives = _by_client(history.of("client.send")), _by_client(_received(history))
    if any(event.kind == "client.send" for event in requests_of(history)):
        return [
            violation
            for client, received in receives.items()
            for violation in _altered_datagrams(client, sends[client], received)
        ]
    ended = {event.client for event in history.of("client.end")}
    return [
        Violation(
            f"client {client} sent {payload_of(sends[client]).size} bytes"
            f" and received {payload_of(received).size}, not the same",
            (*sends[client], *received),
        )
        for client, received in receives.items()
        if not _is_echo(payload_of(sends[client]), payload_of(received), whole=client in ended)
    ]


def answered_by_another(history: History) -> list[Violation]:
    """Find answers that carry what another client sent.

    Inconclusive unless two clients sent different things and one of them received something.
    Source: the documentation of the module: a handler for each request.
    """
    sends, receives = _by_client(history.of("client.send")), _by_client(_received(history))
    sent = {client: payload_of(events) for client, events in sends.items()}
    if len(set(sent.values())) < 2:
        raise Inconclusive("no two clients sent different things")
    received = {client: payload_of(events) for client, events in receives.items()}
    return [
        Violation(
            f"client {client} received what client {other} had sent",
            tuple(sorted([*sends[other], *receives[client]], key=_index)),
        )
        for client in received
        for other in sent
        if _carries(received[client], sent[other], own=sent.get(client))
    ]


def handled_more_than_once(history: History) -> list[Violation]:
    """Find clients that have more handlers than they made requests.

    Inconclusive if nobody made a request, or no handler ran.
    Source: the documentation of BaseServer.RequestHandlerClass: an instance for each request.
    """
    requests, handlers = _requests_and_handlers(history)
    if not handlers:
        raise Inconclusive("no handler ran")
    return [
        Violation(
            f"client {client} made {_count(requests[client], 'request')} and had {_count(entered, 'handler')}",
            tuple(sorted([*requests[client], *entered], key=_index)),
        )
        for client, entered in handlers.items()
        if len(entered) > max(1, len(requests[client]))
    ]


def never_handled(history: History) -> list[Violation]:
    """Find clients that have fewer handlers than they made requests.

    Inconclusive if nobody made a request.  Source: as for `handled_more_than_once`.
    """
    requests, handlers = _requests_and_handlers(history)
    return [
        Violation(
            f"client {client} made {_count(made, 'request')} and had {_count(handlers[client], 'handler')}",
            tuple(sorted([*made, *handlers[client]], key=_index)),
        )
        for client, made in list(requests.items())
        if len(handlers[client]) < len(made)
    ]


def _requests_and_handlers(
    history: History,
) -> tuple[defaultdict[str, list[Event]], defaultdict[str, list[Event]]]:
    requests = _by_client(requests_of(history))
    if not requests:
        raise Inconclusive("no client made a request")
    return requests, _by_client(history.of("handler.enter"))


def _is_echo(sent: Payload, received: Payload, *, whole: bool) -> bool:
    """Tell whether *received* is what was *sent*, or, if that is not the *whole*, its beginning."""
    long_enough = received.size == sent.size if whole else received.size <= sent.size
    return long_enough and received.begins_like(sent)


def _altered_datagrams(client: str, sends: list[Event], receives: list[Event]) -> Iterator[Violation]:
    sent = {payload_of([event]) for event in sends}
    for event in receives:
        if payload_of([event]) not in sent:
            says = f"client {client} received a datagram that is none of those it sent"
            yield Violation(says, (*sends, event))


def _carries(received: Payload, sent: Payload, own: Payload | None) -> bool:
    """Tell whether *sent* is part of *received* and not of the client's *own* sending."""
    known = sent.beginning
    return bool(known) and known in received.beginning and (not own or known not in own.beginning)


def _received(history: History) -> list[Event]:
    received = [event for event in history.of("client.receive") if payload_of([event]).size]
    if not received:
        raise Inconclusive("no client received anything")
    return received


def _by_client(events: list[Event]) -> defaultdict[str, list[Event]]:
    found: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.client].append(event)
    return found


def _count(events: list[Event], noun: str) -> str:
    return f"{len(events)} {noun}" if len(events) == 1 else f"{len(events)} {noun}s"


def _index(event: Event) -> int:
    return event.index
