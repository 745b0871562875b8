"""Datagrams: round trips, and bursts of more than anybody can take."""

import pytest

from conformance.benchmarks import rivals
from conformance.benchmarks.behaviours import candidates
from conformance.servers import DATAGRAM
from harness.marks import each_server, scenario
from harness.measuring import load

DATA = b"a datagram"
BURST = 1000  # datagrams; the buffer of a socket holds some 250 small ones
INET = tuple(each for each in DATAGRAM if each.family == "inet")
UNIX = tuple(each for each in DATAGRAM if each.family == "unix" and each.concurrency == "none")


@scenario(
    "datagram-round-trip",
    load="{clients} clients",
    beside=rivals.ALL,
    quick={"clients": []},
)
@pytest.mark.parametrize("clients", [1, 8])
@each_server(INET)
def test_datagrams_there_and_back(scene, row, server_class, clients):
    """A datagram of 10 bytes to the server and back, each client waiting for its answer."""
    scene.time(_round_trips(server_class, clients))


@scenario("datagram-round-trip", load="{clients} clients", beside=["floor"], quick={"clients": []})
@pytest.mark.parametrize("clients", [8])
@each_server(UNIX)
def test_unix_datagrams_there_and_back(scene, row, server_class, clients):
    """A Unix datagram of 10 bytes to the server and back, each client waiting for its answer."""
    scene.time(_round_trips(server_class, clients))


@scenario(
    "datagram-round-trip",
    load="{clients} clients at once",
    beside=rivals.ALL,
    quick={"server_class": ["UDPServer", "ThreadingUDPServer"]},
)
@pytest.mark.parametrize("clients", [64])
@each_server(INET)
def test_many_datagrams_at_once(scene, row, server_class, clients):
    """Datagrams of 10 bytes that wait when the server wakes: the time until all are answered."""

    def sample(site, count):
        server = site.serve(candidates, server_class, "echo")
        ask = (server.paused, server.address, server.client, DATA, clients)
        return site.timed_at_once(lambda: load.datagrams_at_once(*ask), count, clients)

    scene.time(sample)


def _round_trips(server_class, clients):
    def sample(site, count):
        server = site.serve(candidates, server_class, "echo")
        return site.timed(
            lambda number: load.datagrams(server.address, server.client, DATA, clients, number), count, clients
        )

    return sample


@scenario("datagram-burst", load=f"{BURST:,} datagrams", beside=rivals.ALL, quick={"server_class": ["UDPServer"]})
@each_server([each for each in INET if each.concurrency != "processes"])
def test_a_burst_of_datagrams(scene, row, server_class):
    """Datagrams as fast as they can be sent: the share of them that is handled."""

    def sample(site, _):
        server = site.serve(candidates, server_class, "count")
        load.burst(server.address, server.client, DATA, BURST)
        return load.counted(server.address, server.client) / BURST

    scene.figure(sample, "share handled", "share", less_is_better=False)
