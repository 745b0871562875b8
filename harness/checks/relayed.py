"""Judge a server behind a relay that loses, repeats and delays datagrams."""

from collections import Counter

from harness.checks.payloads import Payload, payload_of
from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event
from harness.history.history import History

_IMPAIRMENTS = ("relay.drop", "relay.repeat", "relay.hold")


def handled_otherwise_than_delivered(history: History) -> list[Violation]:
    """Find datagrams that were handled more often, or less often, than the relay delivered them.

    Inconclusive unless the relay has lost, repeated and held back at least one datagram each.
    Source: the documentation of UDPServer: datagrams "may arrive out of order or be lost while in transit".
    """
    missing = [kind for kind in _IMPAIRMENTS if history.first(kind) is None]
    if missing:
        raise Inconclusive(f"the relay impaired nothing in this way: {', '.join(missing)}")
    delivered = history.of("relay.deliver")
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


def _times(events: list[Event]) -> Counter[Payload]:
    return Counter(payload_of([event]) for event in events)


def _like(data: Payload, *groups: list[Event]) -> list[Event]:
    return [event for events in groups for event in events if payload_of([event]) == data]
