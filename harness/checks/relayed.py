"""Judge a server behind a relay that loses, repeats, delays and damages datagrams."""

from collections import Counter
from collections.abc import Sequence

from harness.checks.payloads import Payload, payload_of
from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event
from harness.history.history import History

_IMPAIRMENTS = ("relay.drop", "relay.repeat", "relay.hold", "relay.swap", "relay.cut")


def handled_otherwise_than_delivered(history: History) -> list[Violation]:
    """Find datagrams that were handled more often, or less often, than the relay delivered them.

    Inconclusive unless the relay has impaired a request in each way that it knows.
    Source: the documentation of UDPServer: datagrams "may arrive out of order or be lost while in transit".
    """
    _impairments(history, ["request"])
    delivered = history.of("relay.deliver", way="request")
    handled = history.of("handler.enter")
    times_delivered, times_handled = _times(delivered), _times(handled)
    return [
        Violation(
            f"a datagram was delivered {times_delivered[data]} times and handled {times_handled[data]} times",
            tuple(event for event in history if event in _like(data, delivered, handled)),
        )
        for data in dict.fromkeys([*times_delivered, *times_handled])
        if times_delivered[data] != times_handled[data]
    ]


def questions_never_answered(history: History) -> list[Violation]:
    """Find questions of an `Asker` that were not answered, however often it asked.

    Inconclusive unless the relay has impaired requests and replies in each way that it knows, and a question was
    answered meanwhile.  Source: as above; who can lose datagrams asks again.
    """
    impairments = _impairments(history, ["request", "reply"])
    answered = history.of("asker.answered")
    meanwhile = history.between(impairments[0], impairments[-1])
    if answered and not meanwhile.of("asker.answered"):
        raise Inconclusive("nothing was answered while the relay impaired datagrams")
    times_answered = _times(answered)
    return [
        Violation("a question was never answered", (asked,))
        for data, asked in _latest(history.of("asker.ask")).items()
        if times_answered[data] == 0
    ]


def _impairments(history: History, ways: Sequence[str]) -> list[Event]:
    """Return what the relay did to datagrams that went these ways, in order."""
    missing = [f"{kind} of a {way}" for way in ways for kind in _IMPAIRMENTS if not history.of(kind, way=way)]
    if missing:
        raise Inconclusive(f"the relay impaired nothing in this way: {', '.join(missing)}")
    return [event for event in history.of("relay.*") if event.kind in _IMPAIRMENTS]


def _times(events: list[Event]) -> Counter[Payload]:
    return Counter(payload_of([event]) for event in events)


def _latest(events: list[Event]) -> dict[Payload, Event]:
    return {payload_of([event]): event for event in events}


def _like(data: Payload, *groups: list[Event]) -> list[Event]:
    return [event for events in groups for event in events if payload_of([event]) == data]
