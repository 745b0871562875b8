"""A network in between that loses, repeats and delays datagrams, the same ones each time.

What befalls a datagram depends on the seed and on its number alone, so a test can be repeated.  The relay has no
thread of its own: the test says when it carries on, and everything that it does is in the history.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

from harness.clients import Address, DatagramClient, Postbox
from harness.host.recorder import excerpt
from harness.hosts import Host


class Fate(Enum):
    """What becomes of a datagram."""

    DELIVER = "deliver"
    DROP = "drop"
    REPEAT = "repeat"
    HOLD = "hold"  # back until others have overtaken it


ODDS = {Fate.DELIVER: 4, Fate.DROP: 2, Fate.REPEAT: 2, Fate.HOLD: 2}


def fate(seed: int, number: int) -> Fate:
    """Return what becomes of datagram *number* (from 0) under *seed*."""
    drawn = random.Random(f"{seed} {number}").choices(  # noqa: S311 - it has to be repeatable
        list(ODDS), list(ODDS.values())
    )
    return drawn[0]


@dataclass(frozen=True)
class _Held:
    """A datagram that waits until the relay has carried another one that has number *until*."""

    data: bytes
    until: int


class Relay:
    """Stands between clients and one datagram server, and passes on what the clients send.

    Events: relay.drop, relay.repeat and relay.hold say what befell a datagram, and relay.deliver, with its data and
    the number of the delivery, that it was sent to the server.
    """

    def __init__(self, host: Host, server: Address, family: int, seed: int) -> None:
        self._host = host
        self._family = family
        self._seed = seed
        self._inlet = Postbox(host, None, family)
        self._outlet = DatagramClient(host, server, family)
        self._held: list[_Held] = []
        self._carried = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._inlet.close()
        self._outlet.close()

    def client(self) -> DatagramClient:
        """Return a client that takes the relay for the server."""
        return DatagramClient(self._host, self._inlet.socket.getsockname(), self._family)

    def carry(self, count: int) -> None:
        """Take the next *count* datagrams, and do to each what is its fate."""
        for _ in range(count):
            received: Any = self._inlet.receive()
            self._do(fate(self._seed, self._carried), received[0])
            self._carried += 1
            self._release([held for held in self._held if held.until < self._carried])

    def send_what_is_held(self) -> None:
        """Deliver the datagrams that nobody can overtake any more."""
        self._release(list(self._held))

    def deliver(self, data: bytes) -> None:
        """Send one datagram to the server, whatever its fate would be."""
        self._host.record("relay.deliver", data=excerpt(data), size=len(data))
        self._outlet.socket.send(data)

    def _do(self, what: Fate, data: bytes) -> None:
        if what is not Fate.DELIVER:
            self._host.record(f"relay.{what.value}", data=excerpt(data), number=self._carried)
        if what is Fate.HOLD:
            self._held.append(_Held(data, until=self._carried + 2))
        for _ in range({Fate.DELIVER: 1, Fate.REPEAT: 2}.get(what, 0)):
            self.deliver(data)

    def _release(self, held: list[_Held]) -> None:
        for each in held:
            self._held.remove(each)
            self.deliver(each.data)
