"""Every server class with the request handler class for its kind, and with the other one."""

import socket

import pytest

from conformance.hierarchy.behaviours import combinations
from conformance.servers import ALL, CONCURRENT_INET, INET, SYNCHRONOUS, USER_BUILT
from conformance.visitors import visitor, visitors
from harness.machine import has_ipv6
from harness.marks import each_server, requirement

HANDLERS = {"stream": "StreamRequestHandler", "datagram": "DatagramRequestHandler"}
WRONG = {"stream": "DatagramRequestHandler", "datagram": "StreamRequestHandler"}


@requirement("hierarchy.every-class-serves")
@each_server(ALL + USER_BUILT)
def test_the_server_answers_through_the_handler_class_for_its_kind(serve, server_class):
    server = serve(server_class, combinations.shout, handler=HANDLERS[server_class.transport])

    asker = server if server_class.transport == "stream" else server.datagrams()

    assert asker.ask(b"hello\n") == b"HELLO\n"


@requirement("hierarchy.every-class-serves")
@each_server(ALL + USER_BUILT)
def test_one_call_of_handle_request_answers(serve, server_class):
    server = serve(server_class, combinations.shout, handler=HANDLERS[server_class.transport], loop=False)
    client = visitor(server, server_class, b"hello\n")

    server.call("handle_request")

    assert client.receive() == b"HELLO\n"


@requirement("hierarchy.every-class-serves")
@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
@each_server(INET)
def test_the_server_answers_over_ipv6(serve, server_class):
    handler = HANDLERS[server_class.transport]
    server = serve(server_class, combinations.shout, handler=handler, address_family=int(socket.AF_INET6))

    assert visitor(server, server_class, b"hello\n").receive() == b"HELLO\n"


@requirement("hierarchy.wrong-handler-is-reported")
@each_server(CONCURRENT_INET)
def test_a_handler_class_for_the_other_kind_is_reported_where_the_request_is_handled(serve, server_class):
    wrong = WRONG[server_class.transport]
    server = serve(server_class, combinations.do_nothing, handler=wrong, probes=("handle_error",))
    clients = visitors(server, server_class, 2)
    server.wait_for("hook.exit", count=2, name="handle_error")

    reported = [event.client for event in server.history().of("hook.enter", name="handle_error")]

    assert sorted(reported) == sorted(client.name for client in clients)


@requirement("hierarchy.wrong-handler-is-reported")
@each_server(SYNCHRONOUS)
def test_a_handler_class_for_the_other_kind_is_reported_each_time(serve, server_class):
    wrong = WRONG[server_class.transport]
    server = serve(server_class, combinations.do_nothing, handler=wrong, probes=("handle_error",), loop=False)
    clients = []
    for _ in range(2):
        clients.append(server.knock().name)
        server.call("handle_request")

    reported = [event.client for event in server.history().of("hook.enter", name="handle_error")]

    assert reported == clients
