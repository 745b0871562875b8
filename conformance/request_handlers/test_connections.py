"""One connection of a stream server, from its beginning to its end; the handlers owe nothing to the candidate."""

import pytest

from conformance.request_handlers.behaviours import connections
from conformance.servers import INET, STREAM, SYNCHRONOUS_STREAM
from harness.checks.endings import broken_off
from harness.marks import each_server, requirement

INET_STREAM = tuple(each for each in STREAM if each in INET)
MUCH = b"more than anybody wants to read " * 2000


@requirement("request-handlers.request-is-a-connection")
@each_server(STREAM)
def test_the_request_is_connected_to_the_client_that_asks(serve, server_class):
    server = serve(server_class, connections.introduce)
    with server.connect() as client:
        own = client.socket.getsockname()
        client.read_all()

    said = [dict(event.details) for event in server.history().of("introduced")]

    address = list(own) if isinstance(own, tuple) else own
    assert said == [{"client": client.name, "listens": False, "address": address, "peer": address}]


@requirement("request-handlers.reply-is-whole-and-ends")
@each_server(STREAM)
def test_a_long_reply_arrives_whole_and_then_ends(serve, server_class):
    server = serve(server_class, connections.reply_long)

    received = server.ask(b"")

    assert broken_off(server.history()) == []
    assert len(received) == len(connections.long_reply())
    assert received == connections.long_reply()


@requirement("request-handlers.copies-do-not-delay-the-end")
@each_server(SYNCHRONOUS_STREAM)
def test_the_end_does_not_wait_until_the_handler_forgets_its_request(serve, server_class):
    server = serve(server_class, connections.reply_and_keep_request, loop=False)
    client = server.connect()
    server.call("handle_request")

    server.host.call(connections.use_what_was_kept)

    assert client.read_all() == b"reply"


@requirement("request-handlers.copies-do-not-delay-the-end")
@each_server(SYNCHRONOUS_STREAM)
def test_the_end_does_not_wait_for_a_duplicate_of_the_connection(serve, server_class):
    server = serve(server_class, connections.reply_and_keep_duplicate, loop=False)
    client = server.connect()
    server.call("handle_request")

    server.host.call(connections.use_what_was_kept)

    assert client.read_all() == b"reply"


@requirement("request-handlers.unread-input-spoils-no-reply")
@each_server(INET_STREAM)
def test_a_client_that_was_not_read_to_its_end_is_answered_and_sees_an_end(serve, server_class):
    server = serve(server_class, connections.reply, loop=False)
    client = server.connect()
    client.send(MUCH)

    server.call("handle_request")
    reply = client.read_all()

    assert (reply, broken_off(server.history())) == (b"reply", [])


@requirement("request-handlers.half-closed-client-is-answered")
@each_server(STREAM)
def test_a_client_that_will_send_nothing_more_is_answered(serve, server_class):
    server = serve(server_class, connections.echo, loop=False)
    client = server.connect()
    client.send(b"all that I have to say")
    client.half_close()

    server.call("handle_request")

    assert client.read_all() == b"all that I have to say"


@requirement("request-handlers.handler-may-close-request")
@each_server(STREAM)
def test_a_request_that_its_handler_closed_is_no_error(serve, server_class):
    server = serve(server_class, connections.close_request, loop=False, probes=("handle_error", "shutdown_request"))
    client = server.connect()

    server.call("handle_request")
    server.wait_for("hook.enter", name="shutdown_request")
    server.call("server_close")

    history = server.history()
    assert client.read_all() == b"reply"
    assert history.of("hook.raise") + history.of("hook.enter", name="handle_error") == []


@requirement("request-handlers.reset-client-stops-no-server")
@each_server(INET_STREAM)
def test_the_next_client_is_served_after_one_that_left_before_it_was_accepted(serve, server_class):
    server = serve(server_class, connections.echo, loop=False)
    server.connect().reset()
    server.call("handle_request")

    server.serve()

    assert answer_to_next(server) == b"next"


@requirement("request-handlers.reset-client-stops-no-server")
@each_server(INET_STREAM)
@pytest.mark.parametrize("said", [b"", b"half a requ"], ids=["silent", "speaking"])
def test_the_next_client_is_served_after_one_that_left_in_the_midst(serve, server_class, said):
    server = serve(server_class, connections.wait_and_echo)
    client = server.connect()
    client.send(said)
    server.wait_for("handler.enter")
    client.reset()

    server.release()

    assert answer_to_next(server) == b"next"


def answer_to_next(server):
    """Return what a well-behaved client is answered."""
    with server.connect() as client:
        client.send(b"next")
        client.half_close()
        return client.read_all()
