"""Where replies go, where they come from, and what becomes of those that cannot be sent."""

import os
import socket

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from conformance.datagrams import behaviours
from conformance.servers import CONCURRENT, DATAGRAM, INET, SYNCHRONOUS_DATAGRAM, UNIX, USER_BUILT
from harness.checks.verdict import Inconclusive
from harness.clients import Postbox, receive_among
from harness.marks import each_server, requirement

UNIX_DATAGRAM = [each for each in DATAGRAM if each in UNIX]
USER_BUILT_DATAGRAM = [each for each in USER_BUILT if each.transport == "datagram"]
TROUBLES = ("", "!rejected", "fail", "be silent", "too much", "long" * 5000, "leave")
OF_UNIX = ("have no name", "have no file")


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


@requirement("datagrams.replies-go-to-the-asker")
@each_server([each for each in DATAGRAM if each in CONCURRENT] + USER_BUILT_DATAGRAM)
def test_replies_of_many_handlers_neither_mix_nor_get_lost(serve, server_class):
    server = serve(server_class, behaviours.wait_and_echo)
    clients = [server.datagrams() for _ in range(4)]
    asked = {client.name: [b"%d from %s" % (number, client.name.encode()) for number in range(4)] for client in clients}
    for client in clients:
        for data in asked[client.name]:
            client.send(data)
    server.wait_for("handler.enter", count=16)

    server.release()
    received = receive_among(clients, 16)

    assert {name: sorted(datagrams) for name, datagrams in received.items()} == asked


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


@requirement("datagrams.vanished-client-stops-no-server")
@each_server(DATAGRAM)
def test_a_loop_goes_on_when_clients_leave_while_their_handlers_are_at_work(serve, server_class):
    server = serve(server_class, behaviours.wait_and_echo)
    simultaneous = 1 if server_class.concurrency == "none" else 3
    for _ in range(3):
        with server.datagrams() as client:
            client.send(b"I cannot wait")
    server.wait_for("handler.enter", count=simultaneous)
    server.release()

    assert next_is_answered(server)


@requirement("datagrams.failed-reply-is-an-error-of-its-request")
@each_server(DATAGRAM)
def test_a_reply_that_is_too_large_is_reported(serve, server_class):
    server = serve(server_class, behaviours.do_what_it_asks_for, probes=("handle_error",))
    with server.datagrams() as client:
        client.send(b"too much")

        assert reported_before_the_next(server) == [client.name]


@requirement("datagrams.failed-reply-is-an-error-of-its-request")
@each_server([each for each in SYNCHRONOUS_DATAGRAM if each in INET])
def test_a_reply_that_is_too_large_for_the_file_of_a_handler_is_reported(serve, server_class):
    server = serve(
        server_class, behaviours.write_too_much_once, handler="DatagramRequestHandler", probes=("handle_error",)
    )
    with server.datagrams() as client:
        client.send(b"too much")

        assert reported_before_the_next(server) == [client.name]


@requirement("datagrams.failed-reply-is-an-error-of-its-request")
@pytest.mark.parametrize("trouble", ["leave", *OF_UNIX])
@each_server(UNIX_DATAGRAM)
def test_a_reply_that_reaches_no_unix_client_is_reported(serve, server_class, trouble):
    server = serve(server_class, behaviours.echo, loop=False, probes=("handle_error",))
    client = get_into(trouble, server)
    server.serve()

    assert reported_before_the_next(server) == [client]


@requirement("datagrams.unbound-client-is-no-error")
@each_server(UNIX_DATAGRAM)
def test_a_handler_that_can_send_its_reply_to_nobody_does_not_fail(serve, server_class):
    server = serve(
        server_class,
        behaviours.answer_through_file,
        handler="DatagramRequestHandler",
        probes=("handle_error",),
    )

    get_into("have no name", server)
    server.wait_for("handler.exit")
    server.settle()

    assert server.history().of("hook.enter", name="handle_error") == []


@requirement("datagrams.any-mix-of-clients-is-served")
@each_server(DATAGRAM)
def test_a_loop_answers_the_next_client_whoever_came_before(serve, server_class):
    server = serve(server_class, behaviours.do_what_it_asks_for, verify_request=behaviours.accept_requests)
    unanswered, answered = [], []

    @settings(max_examples=8 if server_class.concurrency == "processes" else 16, phases=(Phase.generate,))
    @given(st.lists(st.sampled_from(troubles_of(server_class)), min_size=1, max_size=5))
    def answers_after(troubles):
        if unanswered:
            return
        for trouble in troubles:
            get_into(trouble, server)
        (answered if next_is_answered(server) else unanswered).append(troubles)

    answers_after()

    if not answered and not unanswered:
        raise Inconclusive("nobody asked")
    assert unanswered == []


@requirement("datagrams.any-mix-of-clients-is-served")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_handle_request_answers_the_next_client_whoever_came_before(serve, server_class):
    server = serve(server_class, behaviours.do_what_it_asks_for, loop=False, verify_request=behaviours.accept_requests)
    for trouble in troubles_of(server_class):
        get_into(trouble, server)
        server.call("handle_request")
    with server.datagrams() as client:
        client.send(b"next")
        server.call("handle_request")

        answer = client.receive() if client.hears() else None

    assert answer == b"next"


def troubles_of(server_class):
    """Return what clients of such a server can get into."""
    return TROUBLES + OF_UNIX if server_class.family == "unix" else TROUBLES


def get_into(trouble, server):
    """Send a datagram that brings *trouble*, and return the name of its client."""
    client = Postbox(server.host, server.address, server.family)
    if trouble == "have no name":
        client.close()
        send_without_name(server)
        return "unnamed"
    client.send(trouble.encode())
    if trouble == "leave":
        client.close()
    elif trouble == "have no file":
        os.unlink(client.socket.getsockname())
    return client.name


def reported_before_the_next(server):
    """Return which clients handle_error() was told of until another one was answered."""
    server.comes("hook.exit", name="handle_error")
    if not next_is_answered(server):
        return "and the next client was not answered"
    return [event.client for event in server.history().of("hook.enter", name="handle_error")]


def next_is_answered(server):
    """Tell whether one more client gets its reply, perhaps after one that was for somebody who had its port before."""
    with server.datagrams() as client:
        answer = client.try_asking(b"next")
        while answer not in (b"next", None):
            answer = client.receive() if client.hears() else None
    return answer == b"next"


def send_without_name(server):
    """Send a datagram from a Unix socket that was never bound."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.sendto(b"anonymous", server.address)
