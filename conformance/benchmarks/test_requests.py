"""Requests on connections: one on each, many on one, large ones, and ones that keep to a timetable."""

import pytest

from conformance.benchmarks import rivals
from conformance.benchmarks.behaviours import candidates, workloads
from conformance.servers import FORKING, INET_STREAM, INET_STREAM_IN_ONE_PROCESS, STREAM
from harness.marks import each_server, scenario
from harness.measuring import load

REQUEST = b"sixteen bytes...\n"
AT_ONCE = {"none": 64, "threads": 16, "processes": 8}  # clients; for a sample of a few milliseconds
EACH = {"none": 4, "threads": 4, "processes": 2}  # requests of each client; likewise
REQUESTS = (10, 128)  # of all clients together in a sample: no fewer, no more
RATE = 800  # requests a second: so few that nobody need queue
PUNCTUAL = 20  # requests a sample that keep to the timetable


@scenario("connect-request-reply-close", load="{clients} at a time", beside=rivals.ALL, quick={"clients": []})
@pytest.mark.parametrize("clients", [1, 8])
@each_server(INET_STREAM)
def test_a_connection_for_each_request(scene, row, server_class, clients):
    """A connection for each request: connect, send 17 bytes, read the reply to its end, close."""
    scene.time(_connections(server_class, clients))


@scenario("connect-request-reply-close", load="{clients} at a time", beside=rivals.ALL, quick={"clients": []})
@pytest.mark.parametrize("clients", [64])
@each_server(INET_STREAM_IN_ONE_PROCESS)
def test_a_connection_for_each_request_of_many_clients(scene, row, server_class, clients):
    """A connection for each request of 64 clients: connect, send 17 bytes, read the reply to its end, close."""
    scene.time(_connections(server_class, clients))


@scenario(
    "connect-request-reply-close",
    load="many at once",
    beside=rivals.ALL,
    quick={"server_class": ["TCPServer", "ThreadingTCPServer", "ForkingTCPServer"]},
)
@each_server(STREAM)
def test_many_connections_at_once(scene, row, server_class):
    """64 connections (16 for threads, 8 for children) that wait with their requests when the server wakes."""

    def prepare(site):
        server = site.serve(candidates, server_class, "reply")
        clients = AT_ONCE[server_class.concurrency]
        ask = (server.paused, server.address, server.family, REQUEST, clients)
        return lambda: site.timed(lambda _: load.at_once(*ask), clients)

    scene.time(prepare)


@scenario(
    "children-at-the-maximum",
    load="{clients} at a time, max_children {most}",
    beside=["floor"],
    quick={"clients": []},
)
@pytest.mark.parametrize(("clients", "most"), [(8, 2)])
@each_server([each for each in INET_STREAM if each in FORKING])
def test_more_clients_than_children_are_allowed(scene, row, server_class, clients, most):
    """More clients than there may be children, so that requests have to wait for children to end."""
    scene.time(_connections(server_class, clients, max_children=most))


def _connections(server_class, clients, **attributes):
    def prepare(site):
        server = site.serve(candidates, server_class, "reply", **attributes)

        def drive(count):
            return load.connections(server.address, server.family, REQUEST, clients, count)

        fewest, most = REQUESTS
        count = min(max(EACH[server_class.concurrency] * clients, fewest), most)
        return lambda: site.timed(drive, count)

    return prepare


@scenario(
    "requests-on-one-connection",
    beside=rivals.ALL,
    quick={"server_class": ["TCPServer"]},
)
@each_server(INET_STREAM)
def test_many_requests_on_one_connection(scene, row, server_class):
    """A dialogue by lines of 17 bytes on one connection, through the stream handler's files."""

    def prepare(site):
        server = site.serve(candidates, server_class, "lines")
        dialogue = site.entered(load.dialogue(server.address, server.family, REQUEST))
        return lambda: site.timed(dialogue, 40)

    scene.time(prepare)


@scenario("large-replies", load="4 MB", beside=rivals.ALL, quick={"server_class": ["ThreadingTCPServer"]})
@each_server(INET_STREAM)
def test_large_replies(scene, row, server_class):
    """A reply of 4 MB, written through the stream handler's file, on a connection of its own."""

    def prepare(site):
        server = site.serve(candidates, server_class, "download")
        ask = (server.address, server.family, REQUEST, workloads.LARGE_REPLY)
        return lambda: site.timed(lambda count: load.downloads(*ask, count), 1)

    scene.time(prepare)


@scenario(
    "latency-by-timetable",
    load=f"{RATE} requests a second",
    beside=rivals.ALL,
    quick={"server_class": ["ThreadingTCPServer"]},
)
@each_server(INET_STREAM_IN_ONE_PROCESS)
def test_requests_that_keep_to_a_timetable(scene, row, server_class):
    """Connections that begin at set times, whatever became of those before; counted from these times."""

    def prepare(site):
        server = site.serve(candidates, server_class, "reply")
        return lambda: load.timetable(server.address, server.family, REQUEST, RATE, PUNCTUAL)

    scene.latency(prepare, RATE)
