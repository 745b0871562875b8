"""Waiting requests are handled in the order in which they came."""

import socket
import sys

import pytest

from conformance.ordering import behaviours
from conformance.ordering.arranging import WAYS, take_in, with_fates
from conformance.servers import DATAGRAM, INET, STREAM, SYNCHRONOUS, SYNCHRONOUS_DATAGRAM, SYNCHRONOUS_STREAM
from conformance.visitors import arrivals, visitors
from harness.checks.datagrams import reordered_datagrams
from harness.checks.order import handled_out_of_order
from harness.history.history import History
from harness.machine import has_ipv6
from harness.marks import each_server, requirement


@requirement("ordering.connections-in-order-of-arrival")
@each_server(SYNCHRONOUS_STREAM)
def test_connections_that_wait_for_a_handler_are_handled_as_they_came(serve, server_class):
    server = serve(server_class, behaviours.hold)
    visitors(server, server_class, 1)
    server.comes("handler.enter")
    visitors(server, server_class, 4)

    server.release()
    server.comes("handler.exit", count=5)

    assert handled_out_of_order(server.history()) == []


@requirement("ordering.connections-in-order-of-arrival")
@each_server(SYNCHRONOUS_STREAM)
def test_connections_that_wait_for_the_loop_are_handled_as_they_came(serve, server_class):
    assert handled_when_the_loop_begins(serve(server_class, behaviours.pass_by, loop=False)) == []


@requirement("ordering.connections-in-order-of-arrival")
@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
def test_connections_over_ipv6_are_handled_as_they_came(serve):
    server = serve("TCPServer", behaviours.pass_by, loop=False, address_family=int(socket.AF_INET6))

    assert handled_when_the_loop_begins(server) == []


@requirement("ordering.connections-in-order-of-arrival")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract names")
def test_connections_to_an_abstract_name_are_handled_as_they_came(serve, host):
    server = serve("UnixStreamServer", behaviours.pass_by, loop=False, address="\0" + host.folder.name)

    assert handled_when_the_loop_begins(server) == []


def handled_when_the_loop_begins(server):
    """Let five connections wait for the loop, and return what is wrong with the order in which it handles them."""
    for _ in range(5):
        server.connect()
    server.serve()
    server.comes("handler.exit", count=5)
    return handled_out_of_order(server.history())


@requirement("ordering.datagrams-in-order-of-arrival")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_datagrams_of_one_sender_are_handled_as_they_were_sent(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    client = server.datagrams()
    for number in range(8):
        client.send(b"%d" % number)
    server.serve()
    server.comes("handler.exit", count=8)

    assert reordered_datagrams(server.history()) == []


@requirement("ordering.datagrams-in-order-of-arrival")
@WAYS
@each_server(SYNCHRONOUS_DATAGRAM)
def test_datagrams_of_one_sender_keep_their_order_whatever_becomes_of_some(serve, server_class, way):
    fates = ["polite", "failing", "polite", "refused", "failing", "polite"]
    server = serve(server_class, behaviours.meet_fate, **with_fates(fates))
    client = server.datagrams()
    for number in range(len(fates)):
        client.send(b"%d" % number)
    take_in(server, way, len(fates))
    server.settle()

    handled = [event.details["data"] for event in server.history().of("handler.enter")]
    assert handled == ["0", "1", "2", "4", "5"]


@requirement("ordering.handle-request-takes-the-oldest")
@each_server(SYNCHRONOUS)
def test_handle_request_takes_the_oldest_also_of_those_that_came_between_two_calls(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    clients = visitors(server, server_class, 2)
    server.call("handle_request")
    clients += visitors(server, server_class, 2)
    for _ in range(3):
        server.call("handle_request")

    handled = arrivals(server.history().of("handler.enter"), clients)
    assert handled == [0, 1, 2, 3]


@requirement("ordering.taken-in-order-of-arrival")
@each_server(STREAM + tuple(each for each in DATAGRAM if each in INET))
def test_hooks_of_the_server_see_requests_as_they_came(serve, server_class):
    hooks = ("get_request", "verify_request", "process_request")
    server = serve(server_class, behaviours.pass_by, loop=False, probes=hooks)
    clients = visitors(server, server_class, 4)
    server.serve()
    server.comes("handler.exit", count=4)

    seen = {name: arrivals(takes(server.history(), name), clients) for name in hooks}
    assert seen == {name: [0, 1, 2, 3] for name in hooks}


def takes(history: History, name):
    """Return when hook *name* knew its client: get_request() at its end, the others from the beginning."""
    return history.of("hook.exit" if name == "get_request" else "hook.enter", name=name)
