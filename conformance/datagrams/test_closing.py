"""What closing does to a datagram server: by itself, or by a handler that closes the socket it was given."""

from conformance.datagrams import behaviours
from conformance.servers import DATAGRAM_IN_ONE_PROCESS, FORKING_DATAGRAM, SYNCHRONOUS_DATAGRAM
from harness.marks import each_server, requirement


@requirement("datagrams.closed-server-refuses-datagrams")
@each_server(DATAGRAM_IN_ONE_PROCESS)
def test_a_datagram_to_a_closed_server_is_refused(serve, server_class):
    server = serve(server_class, behaviours.echo)
    with server.datagrams() as client:
        before = client.ask(b"are you there?")
        server.call("shutdown")
        server.call("server_close")
        after = client.try_asking(b"are you there?")

    refusals = server.history().of("client.refused", client=client.name)
    assert (before, after, len(refusals)) == (b"are you there?", None, 1)


@requirement("datagrams.closing-drops-what-waits")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_the_next_server_at_an_address_knows_nothing_of_what_waited_there(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False)
    with server.datagrams() as client:
        client.send(b"too early")
        client.send(b"this one too")
    server.host.call(behaviours.replace_server)

    with server.datagrams() as client:
        client.send(b"in time")
        server.call("handle_request")

    assert [event.details["data"] for event in server.history().of("handler.enter")] == ["in time"]


@requirement("datagrams.closing-the-request-closes-the-server")
@each_server(DATAGRAM_IN_ONE_PROCESS)
def test_handle_request_fails_after_a_handler_has_closed_its_socket(serve, server_class):
    server = serve(server_class, behaviours.close_or_echo, loop=False)
    with server.datagrams() as client:
        client.send(b"close")
        server.call("handle_request")
        server.wait_for("handler.exit")
        client.send(b"next")

    raised = server.host.call(behaviours.what_handle_request_raises)

    assert {"raised": raised, "descriptor": server.call("fileno")} == {"raised": "ValueError", "descriptor": -1}


@requirement("datagrams.a-child-closes-its-own-copy")
@each_server(FORKING_DATAGRAM)
def test_the_next_client_is_answered_after_a_child_has_closed_its_socket(serve, server_class):
    server = serve(server_class, behaviours.close_or_echo)
    with server.datagrams() as client:
        client.send(b"close")
        server.wait_for("handler.exit")

        assert client.try_asking(b"next") == b"next"
