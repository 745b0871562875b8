"""Datagrams that are lost, repeated or reordered before the server sees them, and those that wait together."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from conformance.datagrams import behaviours
from conformance.servers import CONCURRENT, DATAGRAM, INET, SYNCHRONOUS_DATAGRAM
from harness.checks import datagrams
from harness.checks.answers import never_handled
from harness.checks.relayed import handled_otherwise_than_delivered, questions_never_answered
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement
from harness.relay import Asker, Relay

FLOOD = 60
CONCURRENT_DATAGRAM = [each for each in DATAGRAM if each in CONCURRENT]


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


@requirement("datagrams.one-sender-is-served-in-order")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_a_loop_handles_what_waited_in_the_order_of_sending(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False)
    with server.datagrams() as client:
        for number in range(8):
            client.send(b"number %d" % number)

        server.serve()
        server.comes("handler.exit", count=8)

    assert datagrams.reordered_datagrams(server.history()) == []


@requirement("datagrams.overflow-only-loses")
def test_of_a_flood_some_are_lost_and_the_rest_is_handled_as_it_was_sent(serve):
    server = serve("UDPServer", behaviours.note, loop=False)
    flood(server)
    with server.datagrams() as client:
        server.host.call(behaviours.handle_all_that_wait)
        while not server.history().of("handler.enter", data="after the flood"):
            client.send(b"after the flood")  # once more, should the buffer still have been full
            server.call("handle_request")
    history = server.history()

    assert spoiled_by_the_flood(history) + datagrams.reordered_datagrams(history) == []


@requirement("datagrams.overflow-only-loses")
@each_server([each for each in DATAGRAM if each in INET])
def test_after_a_flood_that_the_loop_did_not_expect_the_next_client_is_answered(serve, server_class):
    server = serve(server_class, behaviours.echo, loop=False)
    sender = flood(server)
    server.serve()
    while sender.hears():
        sender.receive()

    with server.datagrams() as client:
        answer = client.try_asking(b"after the flood")

    assert (answer, spoiled_by_the_flood(server.history())) == (b"after the flood", [])


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


@requirement("datagrams.lossy-network-is-tolerated")
@each_server(CONCURRENT_DATAGRAM)
def test_threads_and_children_handle_what_arrives_as_often_as_it_arrives(serve, server_class, seed):
    server = serve(server_class, behaviours.note)
    arrived = 0
    with Relay(server.host, server.address, server.family, seed) as relay, relay.client() as client:
        for number in range(14):
            client.send(b"number %d" % number)
            arrived += relay.carry(1)
        relay.deliver(b"the last one")
        server.comes("handler.exit", count=arrived + 1)

    assert handled_otherwise_than_delivered(server.history()) == []


@requirement("datagrams.retries-get-through")
@each_server(DATAGRAM)
def test_who_asks_again_is_answered_over_a_network_that_impairs_both_ways(serve, server_class, seed):
    server = serve(server_class, behaviours.square)
    networks = 1 if server_class.concurrency == "processes" else 3  # a process for each datagram takes its time

    @settings(max_examples=networks, phases=(Phase.generate,))
    @given(network=st.integers(0, 1_000_000))
    def answers_in_spite_of(network):
        with Relay(server.host, server.address, server.family, seed + network) as relay:
            askers = [Asker(server.host, relay), Asker(server.host, relay)]
            for number in range(12):
                answer = b"%d squared is %d;" % (number, number * number)
                if askers[number % 2].ask(b"%d ** 2 in network %d;" % (number, network), answer.__eq__) is None:
                    return

    answers_in_spite_of()

    assert questions_never_answered(server.history()) == []


def flood(server):
    """Send more datagrams than the server's socket can hold, and return their sender."""
    server.host.call(behaviours.shrink_receive_buffer)
    client = server.datagrams()
    for number in range(FLOOD):
        client.send(b"number %d of the flood" % number)
    return client


def spoiled_by_the_flood(history):
    """Find what was handled otherwise than it was sent, in whatever order; Inconclusive if nothing was lost."""
    if not never_handled(history):
        raise Inconclusive(f"none of {FLOOD} datagrams was lost")
    return [
        violation
        for find in (
            datagrams.altered_datagrams,
            datagrams.invented_datagrams,
            datagrams.merged_or_split_datagrams,
            datagrams.repeated_datagrams,
        )
        for violation in find(history)
    ]
