"""Sixteen megabytes in each direction, over connections of every kind."""

import array
import functools
import select

from conformance.request_handlers.behaviours import transfers
from conformance.servers import STREAM, SYNCHRONOUS_STREAM
from harness.marks import each_server, requirement

NUMBERS = 1 << 22  # of four bytes each
PIECE = 1 << 16
WHOLE = (4 * NUMBERS, None)


@functools.cache
def much():
    """Return sixteen megabytes of which no two pieces are alike."""
    return array.array("I", range(NUMBERS)).tobytes()


@requirement("request-handlers.large-transfers-are-whole")
@each_server(STREAM)
def test_much_comes_back_as_it_was_sent(serve, server_class):
    server = serve(server_class, transfers.echo_at_the_end)

    assert difference(send_and_receive(server)) == WHOLE


@requirement("request-handlers.large-transfers-are-whole")
def test_much_comes_back_through_files(serve):
    server = serve("TCPServer", transfers.echo_through_files, handler="StreamRequestHandler")

    assert difference(send_and_receive(server)) == WHOLE


@requirement("request-handlers.large-transfers-are-whole")
@each_server(SYNCHRONOUS_STREAM)
def test_much_goes_both_ways_at_once(serve, server_class):
    server = serve(server_class, transfers.echo_at_once)

    assert difference(send_while_receiving(server)) == WHOLE


def send_and_receive(server):
    """Send everything, and then receive what comes up to the end."""
    with server.connect() as client:
        client.send(much())
        client.half_close()
        return client.read_all()


def send_while_receiving(server):
    """Send whenever there is room and receive whenever there is something, until everything or the end has come."""
    client, host = server.connect(), server.host
    watch, connection, rest, received = host.watch(), client.socket, memoryview(much()), bytearray()
    while len(received) < len(much()):
        readable, writable, _ = select.select([connection], [connection] if rest else [], [], 0.1)
        if readable:
            data = connection.recv(1 << 20)
            received += data
            if not data:
                break
        if writable:
            rest = rest[connection.send(rest[:PIECE]) :]
        if not readable and not writable:
            host.check("an echo")
            watch.look("an echo")
    client.half_close()
    return bytes(received)


def difference(received):
    """Return how long it is, and about where it begins to differ from what was sent, if it does."""
    begins = (start for start in range(0, len(received), PIECE) if differs(received, start))
    return len(received), next(begins, None)


def differs(received, start):
    """Tell whether the piece at *start* is another than the one that was sent."""
    return received[start : start + PIECE] != much()[start : start + PIECE]
