"""Datagrams that are lost, repeated or reordered before the server sees them, and those that wait together."""

import pytest

from conformance.datagrams import behaviours
from conformance.servers import SYNCHRONOUS_DATAGRAM
from harness.checks import datagrams
from harness.checks.answers import never_handled
from harness.checks.relayed import handled_otherwise_than_delivered
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement
from harness.relay import Relay

FLOOD = 60


@requirement("datagrams.one-sender-is-served-in-order")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_datagrams_of_one_sender_are_handled_in_the_order_of_sending(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False)
    with server.datagrams() as client:
        for number in range(8):
            client.send(b"number %d" % number)
        for _ in range(4):  # half of them: a server that takes two at once must not be left waiting
            server.call("handle_request")

    assert datagrams.reordered_datagrams(server.history()) == []


@requirement("datagrams.overflow-only-loses")
def test_of_a_flood_some_are_lost_and_the_rest_is_handled_as_it_was_sent(serve):
    server = serve("UDPServer", behaviours.note, loop=False)
    server.host.call(behaviours.shrink_receive_buffer)
    with server.datagrams() as client:
        for number in range(FLOOD):
            client.send(b"number %d of the flood" % number)
        server.host.call(behaviours.handle_all_that_wait)
        while not server.history().of("handler.enter", data="after the flood"):
            client.send(b"after the flood")  # once more, should the buffer still have been full
            server.call("handle_request")
    history = server.history()

    if not never_handled(history):
        raise Inconclusive(f"none of {FLOOD} datagrams was lost")
    wrong = [
        violation
        for find in (
            datagrams.altered_datagrams,
            datagrams.invented_datagrams,
            datagrams.merged_or_split_datagrams,
            datagrams.repeated_datagrams,
            datagrams.reordered_datagrams,
        )
        for violation in find(history)
    ]
    assert wrong == []


@requirement("datagrams.lossy-network-is-tolerated")
@each_server(SYNCHRONOUS_DATAGRAM)
@pytest.mark.parametrize("network", range(3))
def test_what_arrives_over_a_lossy_network_is_handled_as_often_as_it_arrives(serve, server_class, network, seed):
    server = serve(server_class, behaviours.note, loop=False)
    with Relay(server.host, server.address, server.family, seed + network) as relay, relay.client() as client:
        for number in range(20):
            client.send(b"number %d" % number)
            relay.carry(1)
            server.host.call(behaviours.handle_all_that_wait)
        relay.send_what_is_held()
        server.host.call(behaviours.handle_all_that_wait)
        relay.deliver(b"the last one")
        while not server.history().of("handler.enter", data="the last one"):
            server.call("handle_request")

    assert handled_otherwise_than_delivered(server.history()) == []
