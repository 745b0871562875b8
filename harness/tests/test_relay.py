"""The relay that loses, repeats, delays and damages datagrams."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from harness.deadlines import Deadline
from harness.hosts import Host
from harness.outcomes import Stalled
from harness.relay import DECK, Asker, Fate, Relay, Way, fate

COUNT = 20
Carry = Callable[[Any, socket.socket, int], list[bytes]]


class Impatient:
    """A watch that has seen enough after some *looks*, because there is nobody to be seen."""

    def __init__(self, looks: int) -> None:
        self._looks = looks

    def look(self, waiting_for: str) -> None:
        """Look once, and give up if that was the last time."""
        self._looks -= 1
        if not self._looks:
            raise Stalled(waiting_for)


class QuietHost:
    """As much of a host as clients need, without a process."""

    def __init__(self) -> None:
        self.deadline = Deadline(5)
        self.events: list[tuple[str, dict[str, object]]] = []
        self._closing: list[Callable[[], None]] = []

    def at_end(self, close: Callable[[], None]) -> None:
        """Remember what to close."""
        self._closing.append(close)

    def watch(self, _patience: float = 0, looks: int = 100, _spin: float = 0) -> Impatient:
        """Watch nobody."""
        return Impatient(looks)

    def check(self, waiting_for: str) -> None:
        """Look at the time; there is nothing else that could end a wait."""
        self.deadline.check(waiting_for)

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
            client.send(b"%04d" % number)
        relay.carry(COUNT)
        relay.send_what_is_held()
        return [server.recv(100) for _ in range(host.counts()["relay.deliver"])]


def carried_back(host: QuietHost, server: socket.socket, seed: int) -> list[bytes]:
    """Return what comes back to a client of COUNT replies that carry their numbers."""
    with Relay(cast("Host", host), server.getsockname(), socket.AF_INET, seed) as relay:
        client = relay.client()
        client.send(b"ask")
        while not relay.carry(1):
            client.send(b"ask")
        outlet = server.recvfrom(100)[1]
        for number in range(COUNT):
            server.sendto(b"%04d" % number, outlet)
        return [client.socket.recv(100) for _ in relay.carry_replies(COUNT)]


def numbers(what: Fate, seed: int, way: Way = Way.REQUEST) -> list[int]:
    """Return the numbers of the datagrams that have the fate *what*."""
    return [number for number in range(COUNT) if fate(seed, number, way) is what]


def arrivals(seed: int, way: Way) -> Counter[bytes]:
    """Return how often each of COUNT datagrams arrives, as far as their fates say when none is held back any more."""
    whole = {
        b"%04d" % number: 1 for what in (Fate.DELIVER, Fate.HOLD, Fate.SWAP) for number in numbers(what, seed, way)
    }
    twice = dict.fromkeys((b"%04d" % number for number in numbers(Fate.REPEAT, seed, way)), 2)
    halves = Counter((b"%04d" % number)[:2] for number in numbers(Fate.CUT, seed, way))
    return Counter(whole) + Counter(twice) + halves


@pytest.mark.parametrize("seed", range(3))
def test_each_request_meets_its_fate(host: QuietHost, server: socket.socket, seed: int) -> None:
    arrived = carried(host, server, seed)

    assert Counter(arrived) == arrivals(seed, Way.REQUEST)


@pytest.mark.parametrize("seed", range(3))
def test_each_reply_meets_its_fate(host: QuietHost, server: socket.socket, seed: int) -> None:
    arrived = carried_back(host, server, seed)

    late = set(numbers(Fate.HOLD, seed, Way.REPLY)[-2:] + numbers(Fate.SWAP, seed, Way.REPLY)[-1:])
    missing = arrivals(seed, Way.REPLY) - Counter(arrived)
    assert Counter(arrived) - arrivals(seed, Way.REPLY) == Counter()
    assert set(missing) <= {b"%04d" % number for number in late}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("carry", "way"), [(carried, Way.REQUEST), (carried_back, Way.REPLY)])
def test_every_impairment_is_an_event(
    host: QuietHost, server: socket.socket, carry: Carry, way: Way, seed: int
) -> None:
    arrived = carry(host, server, seed)

    counts = Counter(kind for kind, details in host.events if details.get("way") == way.value)
    assert counts["relay.deliver"] == len(arrived)
    for what in (Fate.DROP, Fate.REPEAT, Fate.HOLD, Fate.SWAP, Fate.CUT):
        assert counts[f"relay.{what.value}"] == len(numbers(what, seed, way))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("what", "by"), [(Fate.SWAP, 1), (Fate.HOLD, 2)])
def test_what_is_held_back_is_overtaken(host: QuietHost, server: socket.socket, what: Fate, by: int, seed: int) -> None:
    arrived = carried(host, server, seed)

    first = numbers(what, seed)[0]
    overtakers = [first + 1 + place for place in range(by)]
    delivered = [number for number in overtakers if fate(seed, number) in (Fate.DELIVER, Fate.REPEAT)]
    assert all(arrived.index(b"%04d" % number) < arrived.index(b"%04d" % first) for number in delivered)


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("seed", range(5))
def test_of_a_dozen_every_fate_befalls_some(seed: int, way: Way) -> None:
    for deal in range(3):
        dealt = [fate(seed, deal * len(DECK) + place, way) for place in range(len(DECK))]
        assert Counter(dealt) == Counter(DECK)


def test_the_same_seed_gives_the_same_network(host: QuietHost, server: socket.socket) -> None:
    assert carried(host, server, seed=1) == carried_again(server, seed=1)


def test_another_seed_gives_another_network() -> None:
    fates: list[list[Any]] = [[fate(seed, number) for number in range(COUNT)] for seed in range(5)]

    assert len({tuple(each) for each in fates}) == len(fates)


def test_both_ways_have_fates_of_their_own() -> None:
    assert [fate(1, number, Way.REQUEST) for number in range(COUNT)] != [
        fate(1, number, Way.REPLY) for number in range(COUNT)
    ]


def test_the_server_sees_an_address_for_each_client(host: QuietHost, server: socket.socket) -> None:
    with Relay(cast("Host", host), server.getsockname(), socket.AF_INET, 1) as relay:
        clients = [relay.client(), relay.client()]
        for _ in range(COUNT):
            for client in clients:
                client.send(client.name.encode())
            relay.carry(2)
        seen = {server.recvfrom(100) for _ in range(host.counts()["relay.deliver"])}

    names = [client.name.encode() for client in clients]
    outlets = [{address for data, address in seen if data == name} for name in names]
    assert [len(each) for each in outlets] == [1, 1]
    assert outlets[0] != outlets[1]


# -- who asks through the relay --------------------------------------------------------------------------------------


@contextmanager
def answering(server: socket.socket, answer: Callable[[bytes], bytes | None]) -> Iterator[None]:
    """Answer what arrives at *server*, in a thread, until something empty arrives."""

    def serve() -> None:
        while True:
            data, client = server.recvfrom(100)
            if not data:
                return
            if (reply := answer(data)) is not None:
                server.sendto(reply, client)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"", server.getsockname())
        thread.join()


@pytest.mark.parametrize("seed", range(3))
def test_who_asks_often_enough_is_answered(host: QuietHost, server: socket.socket, seed: int) -> None:
    questions = [b"question %d;" % number for number in range(COUNT)]
    with (
        answering(server, lambda data: b"re: " + data),
        Relay(cast("Host", host), server.getsockname(), socket.AF_INET, seed) as relay,
    ):
        asker = Asker(cast("Host", host), relay)
        answers = [asker.ask(question, (b"re: " + question).__eq__) for question in questions]

    assert answers == [b"re: " + question for question in questions]
    assert host.counts()["asker.answered"] == host.counts()["asker.ask"] == COUNT


def test_who_is_not_answered_at_all_does_not_ask_for_ever(host: QuietHost, server: socket.socket) -> None:
    with (
        answering(server, lambda _: None),
        Relay(cast("Host", host), server.getsockname(), socket.AF_INET, 1) as relay,
    ):
        assert Asker(cast("Host", host), relay).ask(b"anybody there?", lambda _: True) is None

    assert host.counts()["asker.ask"] == 1
    assert host.counts()["asker.answered"] == 0


def carried_again(server: socket.socket, seed: int) -> list[bytes]:
    """Return what arrives when another host does the same."""
    host = QuietHost()
    try:
        return carried(host, server, seed)
    finally:
        host.close()
