"""Find datagrams that reached a handler otherwise than they were sent.

Compared is what a client sent (client.send) with what its handlers were given (handler.enter, with
``data``).  That one is lost on the way is no violation here; `never_handled` finds those.
Source of all: the documentation of UDPServer and of BaseRequestHandler.request for datagrams.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from harness.checks.payloads import Payload, payload_of
from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event
from harness.history.history import History


@dataclass(frozen=True)
class _Mail:
    """The datagrams of one client: as sent, and as handled."""

    client: str
    sent: list[Event]
    handled: list[Event]

    @property
    def unknown(self) -> list[Event]:
        """Those handled that are like none of those sent."""
        return _unlike(self.handled, self.sent)

    @property
    def missing(self) -> list[Event]:
        """Those sent that are like none of those handled."""
        return _unlike(self.sent, self.handled)

    @cached_property
    def pieced(self) -> list[tuple[Event, list[Event]]]:
        """Whole datagrams, each with the two or more of the other side that it was made of."""
        merged = [(event, _run_like(event, self.sent)) for event in self.unknown]
        split = [(event, _run_like(event, self.handled)) for event in self.missing]
        return [(whole, pieces) for whole, pieces in (*merged, *split) if pieces]

    @cached_property
    def unexplained(self) -> tuple[list[Event], list[Event]]:
        """Those missing and those unknown that merging and splitting do not explain."""
        explained = {event for whole, pieces in self.pieced for event in (whole, *pieces)}
        return (
            [event for event in self.missing if event not in explained],
            [event for event in self.unknown if event not in explained],
        )


def altered_datagrams(history: History) -> list[Violation]:
    """Find datagrams that were handled with other contents than any that their client sent."""
    return [
        Violation(
            f"a datagram of client {mail.client} was sent with {_size(sent)} bytes"
            f" and handled with {_size(handled)}, not the same",
            (sent, handled),
        )
        for mail in _mails(history)
        for sent, handled in zip(*mail.unexplained, strict=False)
    ]


def merged_or_split_datagrams(history: History) -> list[Violation]:
    """Find datagrams that were handled as one, or one that was handled as several."""
    return [
        Violation(
            f"{len(pieces)} datagrams of client {mail.client} were handled as one"
            if whole in mail.handled
            else f"a datagram of client {mail.client} was handled as {len(pieces)}",
            tuple(sorted([whole, *pieces], key=_index)),
        )
        for mail in _mails(history)
        for whole, pieces in mail.pieced
    ]


def invented_datagrams(history: History) -> list[Violation]:
    """Find datagrams that were handled although none was sent that could have become them."""
    return [
        Violation(f"client {mail.client} never sent what was handled as its own", (handled,))
        for mail in _mails(history)
        for missing, unknown in [mail.unexplained]
        for handled in unknown[len(missing) :]
    ]


def repeated_datagrams(history: History) -> list[Violation]:
    """Find datagrams that were handled more often than they were sent."""
    return [
        Violation(
            f"a datagram of client {mail.client} was sent {_times(sent)} and handled {_times(handled)}",
            (*sent, *handled),
        )
        for mail in _mails(history)
        for sent, handled in _copies(mail)
        if len(handled) > len(sent)
    ]


def reordered_datagrams(history: History) -> list[Violation]:
    """Find datagrams of one client that a synchronous server handled before an older one.

    Inconclusive if no client has two datagrams that were sent and handled.
    """
    ordered = [(mail, _handled_as_sent(mail)) for mail in _mails(history)]
    if all(len(pairs) < 2 for _, pairs in ordered):
        raise Inconclusive("no client had two of its datagrams handled")
    return [
        Violation(
            f"two datagrams of client {mail.client} were handled in the other order",
            tuple(sorted([*earlier, *later], key=_index)),
        )
        for mail, pairs in ordered
        for earlier, later in pairwise(pairs)
        if earlier[0].index > later[0].index
    ]


def _mails(history: History) -> list[_Mail]:
    sent = history.of("client.send")
    handled = [event for event in history.of("handler.enter") if "data" in event.details]
    if not sent or not handled:
        raise Inconclusive(f"{len(sent)} datagrams were sent and {len(handled)} handled")
    clients = dict.fromkeys(event.client for event in (*sent, *handled))
    return [
        _Mail(
            client,
            [event for event in sent if event.client == client],
            [event for event in handled if event.client == client],
        )
        for client in clients
    ]


def _copies(mail: _Mail) -> Iterator[tuple[list[Event], list[Event]]]:
    """Yield those sent that are alike with those handled that are like them."""
    handled = _by_data(mail.handled)
    for data, sent in _by_data(mail.sent).items():
        yield sent, handled.get(data, [])


def _handled_as_sent(mail: _Mail) -> list[tuple[Event, Event]]:
    """Return each datagram as sent and as handled, in the order of handling; copies keep theirs."""
    pairs = [pair for sent, handled in _copies(mail) for pair in zip(sent, handled, strict=False)]
    return sorted(pairs, key=lambda pair: pair[1].index)


def _run_like(whole: Event, events: list[Event]) -> list[Event]:
    """Return two or more neighbours of *events* whose data, joined, is that of *whole*."""
    wanted = payload_of([whole])
    for start in range(len(events)):
        size = _size(events[start])
        for stop in range(start + 1, len(events)):
            size += _size(events[stop])
            if size == wanted.size and payload_of(events[start : stop + 1]).begins_like(wanted):
                return events[start : stop + 1]
            if size > wanted.size:
                break
    return []


def _unlike(events: list[Event], others: list[Event]) -> list[Event]:
    known = _by_data(others)
    return [event for event in events if payload_of([event]) not in known]


def _by_data(events: list[Event]) -> dict[Payload, list[Event]]:
    """Return the *events* by their data; both sides cut what is long at the same place."""
    alike: dict[Payload, list[Event]] = {}
    for event in events:
        alike.setdefault(payload_of([event]), []).append(event)
    return alike


def _size(event: Event) -> int:
    return payload_of([event]).size


def _times(events: list[Event]) -> str:
    return "once" if len(events) == 1 else f"{len(events)} times"


def _index(event: Event) -> int:
    return event.index
