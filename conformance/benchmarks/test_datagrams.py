"""Datagrams: round trips, and bursts of more than anybody can take."""

import pytest

from conformance.benchmarks import rivals
from conformance.benchmarks.behaviours import candidates
from conformance.servers import INET_DATAGRAM, INET_DATAGRAM_IN_ONE_PROCESS, SYNCHRONOUS_DATAGRAM, UNIX
from harness.marks import each_server, scenario
from harness.measuring import load

DATA = b"a datagram"
AT_ONCE = {"none": 128, "threads": 16, "processes": 8}  # clients; for a sample of a few milliseconds
EACH = {"none": 16, "threads": 4, "processes": 2}  # requests of each client; likewise
BURST = 1000  # datagrams; the buffer of a socket holds some 250 small ones


@scenario(
    "datagram-round-trip",
    load="{clients} at a time",
    beside=rivals.ALL,
    quick={"clients": []},
)
@pytest.mark.parametrize("clients", [1, 8])
@each_server(INET_DATAGRAM)
def test_datagrams_there_and_back(scene, row, server_class, clients):
    """A datagram of 10 bytes to the server and back, each client waiting for its answer."""
    scene.time(_round_trips(server_class, clients))


@scenario("datagram-round-trip", load="{clients} at a time", beside=["floor"], quick={"clients": []})
@pytest.mark.parametrize("clients", [8])
@each_server([each for each in SYNCHRONOUS_DATAGRAM if each in UNIX])
def test_unix_datagrams_there_and_back(scene, row, server_class, clients):
    """A Unix datagram of 10 bytes to the server and back, each client waiting for its answer."""
    scene.time(_round_trips(server_class, clients))


@scenario(
    "datagram-round-trip",
    load="many at once",
    beside=rivals.ALL,
    quick={"server_class": ["UDPServer", "ThreadingUDPServer"]},
)
@each_server(INET_DATAGRAM)
def test_many_datagrams_at_once(scene, row, server_class):
    """128 datagrams of 10 bytes (16 for threads, 8 for children) that wait when the server wakes."""

    def prepare(site):
        server = site.serve(candidates, server_class, "echo")
        clients = AT_ONCE[server_class.concurrency]
        ask = (server.paused, server.address, site.entered(load.all_of(server.client, clients)), DATA)
        return lambda: site.timed(lambda _: load.datagrams_at_once(*ask), clients)

    scene.time(prepare)


def _round_trips(server_class, clients):
    def prepare(site):
        server = site.serve(candidates, server_class, "echo")
        sockets = site.entered(load.all_of(server.client, clients))
        return lambda: site.timed(
            lambda count: load.datagrams(server.address, sockets, DATA, count), EACH[server_class.concurrency] * clients
        )

    return prepare


@scenario("datagram-burst", load=f"{BURST:,} datagrams", beside=rivals.ALL, quick={"server_class": ["UDPServer"]})
@each_server(INET_DATAGRAM_IN_ONE_PROCESS)
def test_a_burst_of_datagrams(scene, row, server_class):
    """Datagrams as fast as they can be sent: the share of them that is handled."""

    def prepare(site):
        server = site.serve(candidates, server_class, "count")
        return lambda: load.burst(server.address, server.client, DATA, BURST) / BURST

    scene.figure(prepare, "share handled", "share", less_is_better=False, resolution=1 / BURST, turns=2)
