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


def unanswered(history: History) -> list[Violation]:
    """Find clients that sent something and looked for an answer, and received not one byte.

    Who broke off (client.break) or never looked is not judged; Inconclusive if nobody is left.
    Source: the documentation of BaseServer.finish_request.
    """
    judged = 0
    violations = []
    for client, events in _by_client(history.of("client.*")).items():
        kinds = {event.kind for event in events}
        if "client.send" not in kinds or "client.break" in kinds or kinds.isdisjoint(_LOOKS):
            continue
        judged += 1
        if payload_of([event for event in events if event.kind == "client.receive"]).size == 0:
            violations.append(Violation(f"client {client} received no answer", tuple(events)))
    if not judged:
        raise Inconclusive("no client sent something and looked for an answer")
    return violations


def altered_answers(history: History) -> list[Violation]:
    """Find clients to which something else came back than they sent.

    What a connection received may be cut while it has not seen the end.  Of datagrams each one must
    be one of those sent.  Inconclusive if nobody received anything.
    Source: the documentation of StreamRequestHandler and DatagramRequestHandler.
    """
    datagrams = any(event.kind == "client.send" for event in requests_of(history))
    judge = _altered_datagram_answers if datagrams else _altered_stream_answers
    received = _by_client(_received(history))
    return [
        violation
        for client, receives in received.items()
        for violation in judge(client, history.of("client.send", client=client), receives, history)
    ]


def answered_by_another(history: History) -> list[Violation]:
    """Find answers that carry what another client sent.

    Inconclusive unless two clients sent different things and one of them received something.
    Source: the documentation of the module: a handler for each request.
    """
    sends = {client: payload_of(sent) for client, sent in _by_client(_sent(history)).items()}
    receives = _by_client(_received(history))
    if len(set(sends.values())) < 2:
        raise Inconclusive("no two clients sent different things")
    return [
        Violation(
            f"client {client} received what client {other} had sent",
            tuple(sorted({*history.of("client.send", client=other), *received}, key=_index)),
        )
        for client, received in receives.items()
        for other, sent in sends.items()
        if _carries(payload_of(received), sent, own=sends.get(client))
    ]


def handled_more_than_once(history: History) -> list[Violation]:
    """Find clients that have more handlers than they made requests.

    Inconclusive if nobody made a request, or no handler ran.
    Source: the documentation of RequestHandlerClass: "an instance of this class is created for each
    request".
    """
    requests, handlers = _requests_and_handlers(history)
    if not handlers:
        raise Inconclusive("no handler ran")
    return [
        Violation(
            f"client {client} made {_count(requests[client], 'request')}"
            f" and had {_count(entered, 'handler')}",
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
            f"client {client} made {_count(made, 'request')}"
            f" and had {_count(handlers[client], 'handler')}",
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


def _altered_stream_answers(
    client: str, sends: list[Event], receives: list[Event], history: History
) -> Iterator[Violation]:
    sent, received = payload_of(sends), payload_of(receives)
    whole = history.first("client.end", client=client) is not None or received.size > sent.size
    if not received.begins_like(sent) or (whole and received.size != sent.size):
        yield Violation(
            f"client {client} sent {sent.size} bytes and received {received.size}, not the same",
            (*sends, *receives),
        )


def _altered_datagram_answers(
    client: str, sends: list[Event], receives: list[Event], history: History
) -> Iterator[Violation]:
    del history  # a datagram has no end that one could wait for
    sent = [payload_of([event]) for event in sends]
    for event in receives:
        if not any(payload_of([event]).agrees_with(each) for each in sent):
            yield Violation(
                f"client {client} received a datagram that is none of those it sent",
                (*sends, event),
            )


def _carries(received: Payload, sent: Payload, own: Payload | None) -> bool:
    """Tell whether *sent* is part of *received* and not of the client's *own* sending."""
    known = sent.beginning
    return bool(known) and known in received.beginning and (not own or known not in own.beginning)


def _sent(history: History) -> list[Event]:
    return history.of("client.send")


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
