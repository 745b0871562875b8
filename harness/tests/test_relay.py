"""The relay that loses, repeats and delays datagrams."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from harness.deadlines import Deadline, StallWatch
from harness.hosts import Host
from harness.outcomes import Stalled
from harness.relay import Fate, Relay, fate

COUNT = 20


class QuietHost:
    """As much of a host as clients need, without a process."""

    def __init__(self) -> None:
        self.deadline = Deadline(5)
        self.events: list[tuple[str, dict[str, object]]] = []
        self._closing: list[Callable[[], None]] = []

    def at_end(self, close: Callable[[], None]) -> None:
        """Remember what to close."""
        self._closing.append(close)

    def watch(self) -> StallWatch:
        """Watch nobody."""
        return StallWatch(list, Stalled)

    def record(self, kind: str, **details: object) -> None:
        """Remember the event."""
        self.events.append((kind, details))

    def counts(self) -> Counter[str]:
        """Return how many events of each kind there were."""
        return Counter(kind for kind, _ in self.events)

    def close(self) -> None:
        """Close what was opened."""
        for close in self._closing:
            close()


@pytest.fixture
def host() -> Iterator[QuietHost]:
    """A host that only remembers."""
    quiet = QuietHost()
    yield quiet
    quiet.close()


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Where datagrams end up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(5)
        yield bound


def carried(host: QuietHost, server: socket.socket, seed: int) -> list[bytes]:
    """Return what arrives at *server* of COUNT datagrams that carry their numbers."""
    with Relay(cast("Host", host), server.getsockname(), socket.AF_INET, seed) as relay:
        client = relay.client()
        for number in range(COUNT):
            client.send(b"%d" % number)
        relay.carry(COUNT)
        relay.send_what_is_held()
        return [server.recv(100) for _ in range(host.counts()["relay.deliver"])]


def numbers(what: Fate, seed: int) -> list[int]:
    """Return the numbers of the datagrams that have the fate *what*."""
    return [number for number in range(COUNT) if fate(seed, number) is what]


@pytest.mark.parametrize("seed", range(3))
def test_each_datagram_meets_its_fate(host: QuietHost, server: socket.socket, seed: int) -> None:
    arrived = Counter(int(data) for data in carried(host, server, seed))

    expected = {number: 1 for what in (Fate.DELIVER, Fate.HOLD) for number in numbers(what, seed)}
    expected |= dict.fromkeys(numbers(Fate.REPEAT, seed), 2)
    assert arrived == expected


@pytest.mark.parametrize("seed", range(3))
def test_every_impairment_is_an_event(host: QuietHost, server: socket.socket, seed: int) -> None:
    arrived = carried(host, server, seed)

    counts = host.counts()
    assert counts["relay.deliver"] == len(arrived)
    for what in (Fate.DROP, Fate.REPEAT, Fate.HOLD):
        assert counts[f"relay.{what.value}"] == len(numbers(what, seed))


@pytest.mark.parametrize("seed", range(3))
def test_what_is_held_back_is_overtaken(host: QuietHost, server: socket.socket, seed: int) -> None:
    arrived = [int(data) for data in carried(host, server, seed)]

    held = numbers(Fate.HOLD, seed)
    assert held
    assert arrived != sorted(arrived)


def test_the_same_seed_gives_the_same_network(host: QuietHost, server: socket.socket) -> None:
    assert carried(host, server, seed=1) == carried_again(server, seed=1)


def test_another_seed_gives_another_network() -> None:
    fates: list[list[Any]] = [[fate(seed, number) for number in range(COUNT)] for seed in range(5)]

    assert len({tuple(each) for each in fates}) == len(fates)


def carried_again(server: socket.socket, seed: int) -> list[bytes]:
    """Return what arrives when another host does the same."""
    host = QuietHost()
    try:
        return carried(host, server, seed)
    finally:
        host.close()
