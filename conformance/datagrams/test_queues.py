"""Unix sockets do not lose datagrams: who sends waits while the queue of who receives is full."""

from conformance.datagrams import behaviours
from conformance.servers import DATAGRAM, UNIX
from harness.checks.verdict import Inconclusive
from harness.clients import Postbox
from harness.hosts import TURN
from harness.marks import each_server, requirement

UNIX_DATAGRAM = [each for each in DATAGRAM if each in UNIX]
ENOUGH = 10_000  # datagrams; more than any system lets wait


@requirement("datagrams.unix-senders-wait")
def test_all_that_a_full_queue_has_taken_is_handled_in_order(serve):
    server = serve("UnixDatagramServer", behaviours.note, loop=False)
    with server.datagrams() as client:
        taken = fill(client.socket.send, client)
        server.host.call(behaviours.handle_all_that_wait)
        client.send(b"there is room again")
        server.host.call(behaviours.handle_all_that_wait)

    assert data_handled(server) == [*taken, "there is room again"]


@requirement("datagrams.unix-senders-wait")
def test_threads_handle_all_that_a_full_queue_has_taken(serve):
    server = serve("ThreadingUnixDatagramServer", behaviours.note, loop=False)
    with server.datagrams() as client:
        taken = fill(client.socket.send, client)
        server.serve()
        client.send(b"there is room again")
        server.comes("handler.exit", count=len(taken) + 1)

    assert sorted(data_handled(server)) == sorted([*taken, "there is room again"])


@requirement("datagrams.busy-network-loses-no-reply")
def test_a_reply_waits_while_the_network_is_busy(host):
    assert host.call(behaviours.answer_through_a_busy_network) == [b"answer to a request"]


@requirement("datagrams.full-client-stops-no-server")
@each_server(UNIX_DATAGRAM)
def test_a_client_that_reads_no_replies_does_not_delay_the_next(serve, server_class):
    server = serve(server_class, behaviours.answer_through_file, handler="DatagramRequestHandler")
    full = Postbox(server.host, server.address, server.family)
    with Postbox(server.host, full.socket.getsockname(), server.family) as other:
        fill(lambda data: other.socket.sendto(data, full.socket.getsockname()), other)
    full.send(b"I shall not read this")
    server.wait_for("handler.exit", client=full.name)

    with server.datagrams() as client:
        assert client.try_asking(b"next") == b"answer to next"


def fill(send, sender):
    """Let send(data) fill a queue, and return what it took."""
    sender.socket.setblocking(False)
    taken = []
    for number in range(ENOUGH):
        try:
            send(b"number %d" % number)
        except BlockingIOError:
            sender.socket.settimeout(TURN)
            return taken
        taken.append(f"number {number}")
    raise Inconclusive(f"{ENOUGH} datagrams filled no queue")


def data_handled(server):
    """Return what the handlers were given, in order."""
    return [event.details["data"] for event in server.history().of("handler.enter")]
