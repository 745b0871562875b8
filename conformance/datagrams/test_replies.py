"""Where replies go, and where they come from."""

import socket

from conformance.datagrams import behaviours
from conformance.servers import DATAGRAM, UNIX
from harness.clients import Postbox, receive_among
from harness.marks import each_server, requirement

UNIX_DATAGRAM = tuple(each for each in DATAGRAM if each in UNIX)


@requirement("datagrams.replies-go-to-the-asker")
@each_server(DATAGRAM)
def test_each_of_several_clients_gets_the_reply_to_its_own_datagram(serve, server_class):
    server = serve(server_class, behaviours.wait_and_echo)
    clients = [server.datagrams() for _ in range(4)]
    for client in clients:
        client.send(b"from " + client.name.encode())
    server.wait_for("handler.enter", count=1 if server_class.concurrency == "none" else len(clients))

    server.release()
    received = receive_among(clients, len(clients))

    assert received == {client.name: [b"from " + client.name.encode()] for client in clients}


@requirement("datagrams.replies-come-from-the-server")
@each_server(DATAGRAM)
def test_a_reply_comes_from_the_address_of_the_server(serve, server_class):
    server = serve(server_class, behaviours.echo)
    with Postbox(server.host, server.address, server.family) as client:
        client.send(b"ask")

        assert client.receive() == (b"ask", server.address)


@requirement("datagrams.vanished-client-stops-no-server")
@each_server(DATAGRAM)
def test_the_next_client_is_served_after_one_that_did_not_wait_for_its_reply(serve, server_class):
    server = serve(server_class, behaviours.echo, loop=False)
    with server.datagrams() as client:
        client.send(b"I cannot wait")
    server.call("handle_request")

    server.serve()
    with server.datagrams() as client:
        assert client.ask(b"next") == b"next"


@requirement("datagrams.unbound-client-has-no-address")
@each_server(UNIX_DATAGRAM)
def test_the_address_of_a_client_without_a_name_is_none(serve, server_class):
    server = serve(server_class, behaviours.tell_address)

    send_without_name(server)
    server.wait_for("address")

    assert [event.details["address"] for event in server.history().of("address")] == [None]


@requirement("datagrams.unbound-client-is-no-error")
@each_server(UNIX_DATAGRAM)
def test_a_handler_that_can_send_its_reply_to_nobody_does_not_fail(serve, server_class):
    server = serve(
        server_class,
        behaviours.answer_through_file,
        handler="DatagramRequestHandler",
        probes=("handle_error", "shutdown_request"),
    )

    send_without_name(server)
    server.wait_for("hook.exit", name="shutdown_request")

    assert server.history().of("hook.enter", name="handle_error") == []


def send_without_name(server):
    """Send a datagram from a Unix socket that was never bound."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.sendto(b"anonymous", server.address)
