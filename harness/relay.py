"""A network in between that loses, repeats, delays and damages datagrams, the same ones each time.

What befalls a datagram depends on the seed, on its direction and on its number alone, so a test can be repeated.  The
relay has no thread of its own: the test says when it carries on, and everything that it does is in the history.
"""

from __future__ import annotations

import random
import select
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Self

from harness.clients import Address, DatagramClient, Postbox
from harness.host.recorder import excerpt
from harness.hosts import RESTING, TURN, Host
from harness.outcomes import Stalled

Deliver = Callable[[bytes], None]


class Fate(Enum):
    """What becomes of a datagram."""

    DELIVER = "deliver"
    DROP = "drop"
    REPEAT = "repeat"
    HOLD = "hold"  # back until two others have overtaken it
    SWAP = "swap"  # with the next one
    CUT = "cut"  # to its first half


class Way(Enum):
    """In which direction a datagram goes."""

    REQUEST = "request"
    REPLY = "reply"


DECK = (Fate.DELIVER,) * 4 + (Fate.DROP, Fate.REPEAT, Fate.HOLD) * 2 + (Fate.SWAP, Fate.CUT)
_OVERTAKEN_BY = {Fate.HOLD: 2, Fate.SWAP: 1}
_COPIES = {Fate.DELIVER: 1, Fate.REPEAT: 2, Fate.CUT: 1}


def fate(seed: int, number: int, way: Way = Way.REQUEST) -> Fate:
    """Return what becomes of datagram *number* (from 0) on its *way* under *seed*.

    Fates are dealt like cards: of each dozen in a row, every fate befalls some.
    """
    deal, place = divmod(number, len(DECK))
    shuffled = random.Random(f"{seed} {way.value} {deal}").sample(DECK, len(DECK))  # noqa: S311 - to be repeatable
    return shuffled[place]


@dataclass(frozen=True)
class _Held:
    """A datagram that waits until its lane has carried another one that has number *until*."""

    data: bytes
    deliver: Deliver
    until: int


class _Lane:
    """One direction of the relay."""

    def __init__(self, host: Host, seed: int, way: Way) -> None:
        self._host = host
        self._seed = seed
        self._way = way
        self._held: list[_Held] = []
        self.carried = 0
        self.delivered = 0

    def carry(self, data: bytes, deliver: Deliver) -> None:
        """Do to *data* what is the fate of the next datagram; deliver(data) takes it where it was going."""
        what = fate(self._seed, self.carried, self._way)
        if what is not Fate.DELIVER:
            self._record(what, data, number=self.carried)
        if what is Fate.CUT:
            data = data[: len(data) // 2]
        if what in _OVERTAKEN_BY:
            self._held.append(_Held(data, deliver, until=self.carried + _OVERTAKEN_BY[what]))
        for _ in range(_COPIES.get(what, 0)):
            self.deliver(data, deliver)
        self.carried += 1
        self._release([held for held in self._held if held.until < self.carried])

    def send_what_is_held(self) -> None:
        """Deliver the datagrams that nobody can overtake any more."""
        self._release(list(self._held))

    def deliver(self, data: bytes, deliver: Deliver) -> None:
        """Pass on one datagram, whatever its fate would be."""
        self._record(Fate.DELIVER, data)
        self.delivered += 1
        deliver(data)

    def _record(self, what: Fate, data: bytes, **details: object) -> None:
        kind, way = f"relay.{what.value}", self._way.value
        self._host.record(kind, way=way, data=excerpt(data), size=len(data), **details)

    def _release(self, held: list[_Held]) -> None:
        for each in held:
            self._held.remove(each)
            self.deliver(each.data, each.deliver)


class Relay:
    """Stands between clients and one datagram server, and passes on what they send to each other.

    The server sees an address of its own for each client.

    Events: relay.drop, relay.repeat, relay.hold, relay.swap and relay.cut say what befell a datagram, and
    relay.deliver, with its data and the number of the delivery, that it was sent on.  Their detail *way* is "request"
    towards the server and "reply" back.
    """

    def __init__(self, host: Host, server: Address, family: int, seed: int) -> None:
        self._host = host
        self._server = server
        self._family = family
        self._requests = _Lane(host, seed, Way.REQUEST)
        self._replies = _Lane(host, seed, Way.REPLY)
        self._inlet = Postbox(host, None, family)
        self._outlets: dict[Address, DatagramClient] = {}
        self._sent_back: list[Address] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._inlet.close()
        for outlet in self._outlets.values():
            outlet.close()

    def client(self) -> DatagramClient:
        """Return a client that takes the relay for the server."""
        return DatagramClient(self._host, self._inlet.socket.getsockname(), self._family)

    def carry(self, count: int) -> int:
        """Take the next *count* requests, do to each what is its fate, and return how many reached the server."""
        before = self._requests.delivered
        for _ in range(count):
            received = self._inlet.receive()
            if received is not None:
                data, client = received
                self._requests.carry(data, partial(self._send_on, client))
        return self._requests.delivered - before

    def carry_replies(self, count: int) -> list[Address]:
        """Take the next *count* replies, or as many as come; do to each what is its fate.

        Return to whom something was sent, a client as often as it was.
        """
        before = len(self._sent_back)
        for _ in range(count):
            client, data = self._next_reply()
            if data is None:
                break
            self._replies.carry(data, partial(self._send_back, client))
        return self._sent_back[before:]

    @property
    def unanswered(self) -> int:
        """How many more requests have reached the server than replies have been taken from it."""
        return self._requests.delivered - self._replies.carried

    def send_what_is_held(self) -> None:
        """Deliver the requests that nobody can overtake any more."""
        self._requests.send_what_is_held()

    def deliver(self, data: bytes) -> None:
        """Send one datagram of nobody's to the server, whatever its fate would be."""
        self._requests.deliver(data, partial(self._send_on, None))

    def _send_on(self, client: Address, data: bytes) -> None:
        if client not in self._outlets:
            self._outlets[client] = DatagramClient(self._host, self._server, self._family)
        self._outlets[client].pass_on(data)

    def _next_reply(self) -> tuple[Address, bytes | None]:
        """Return the next reply and whose it is; no reply when nothing in the host works any more."""
        outlets = {outlet.socket: (client, outlet) for client, outlet in self._outlets.items()}
        watch = self._host.watch(*RESTING)
        while not (ready := select.select(list(outlets), [], [], TURN)[0]):
            self._host.check("a reply for the relay")
            try:
                watch.look("a reply for the relay")
            except Stalled:
                return None, None
        client, outlet = outlets[ready[0]]
        return client, outlet.receive()

    def _send_back(self, client: Address, data: bytes) -> None:
        if self._inlet.pass_on(data, client):
            self._sent_back.append(client)


class Asker:
    """A client behind a relay that asks again until it is answered, as whoever sends datagrams has to.

    Events: asker.ask and asker.answered, with the question.
    """

    def __init__(self, host: Host, relay: Relay) -> None:
        self._host = host
        self._relay = relay
        self._client = relay.client()
        self._address = self._client.socket.getsockname()

    def ask(self, question: bytes, is_answer: Callable[[bytes], bool]) -> bytes | None:
        """Ask until something comes for which is_answer() is true, and return that.

        None when the server leaves something unanswered that has reached it, or when a hundred attempts were in vain.
        Each datagram that reaches the server has to be answered by one.
        """
        self._host.record("asker.ask", data=excerpt(question))
        for _ in range(100):
            self._client.send(question)
            reached = self._relay.carry_replies(self._relay.carry(1))
            if self._relay.unanswered:
                return None
            received = [self._client.receive() or b"" for client in reached if client == self._address]
            for answer in filter(is_answer, received):
                self._host.record("asker.answered", data=excerpt(question))
                return answer
        return None
