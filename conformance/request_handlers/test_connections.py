"""One connection of a stream server, from its beginning to its end; the handlers owe nothing to the candidate."""

from conformance.request_handlers.behaviours import connections
from conformance.servers import INET, STREAM, SYNCHRONOUS_STREAM
from harness.checks.endings import broken_off
from harness.marks import each_server, requirement

INET_STREAM = tuple(each for each in STREAM if each in INET)
SYNCHRONOUS_NAMES = [each.name for each in SYNCHRONOUS_STREAM]
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


@requirement("request-handlers.connection-has-default-timeout")
def test_a_connection_has_the_timeout_that_sockets_have(host):
    found = host.call(connections.timeouts_of_accepted, SYNCHRONOUS_NAMES, 3.5)

    assert found == dict.fromkeys(found, 3.5)


@requirement("request-handlers.connection-does-not-have-the-listeners-timeout")
def test_a_connection_does_not_have_the_timeout_of_the_socket_that_listens(host):
    found = host.call(connections.timeouts_of_accepted, SYNCHRONOUS_NAMES, None)

    assert found == dict.fromkeys(found, None)
