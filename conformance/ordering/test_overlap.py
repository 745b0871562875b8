"""Servers with a mix-in: requests are handled simultaneously."""

import random

from conformance.ordering import behaviours
from conformance.ordering.arranging import take_in
from conformance.servers import (
    CONCURRENT,
    CONCURRENT_INET,
    FORKING,
    FORKING_INET,
    THREADING,
    THREADING_INET,
    USER_BUILT,
)
from conformance.visitors import visitor, visitors
from harness.checks.overlap import never_overlapping
from harness.clients import StreamClient
from harness.hosts import GATES
from harness.marks import each_server, requirement


def built_with(concurrency):
    """Return the classes that a user would build with the mix-in for *concurrency*."""
    return tuple(each for each in USER_BUILT if each.concurrency == concurrency)


@requirement("ordering.threads-overlap")
@each_server(THREADING + built_with("threads"))
def test_requests_in_threads_are_handled_together(serve, server_class):
    assert not_handled_together(serve, server_class) == []


@requirement("ordering.processes-overlap")
@each_server(FORKING + built_with("processes"))
def test_requests_in_processes_are_handled_together(serve, server_class):
    assert not_handled_together(serve, server_class) == []


@requirement("ordering.threads-overlap")
@each_server(THREADING_INET)
def test_handle_request_leaves_its_request_to_a_thread_and_returns(serve, server_class):
    assert not_handled_together_by_calls(serve, server_class) == []


@requirement("ordering.processes-overlap")
@each_server(FORKING_INET)
def test_handle_request_leaves_its_request_to_a_child_and_returns(serve, server_class):
    assert not_handled_together_by_calls(serve, server_class) == []


def not_handled_together(serve, server_class):
    """Return what prevents three requests from being handled together."""
    server = serve(server_class, behaviours.hold)
    visitors(server, server_class, 3)
    server.comes("handler.enter", count=3)
    return never_overlapping(server.history(), at_least=3)


def not_handled_together_by_calls(serve, server_class):
    """Return what prevents requests from being handled together that are taken in by one call after another."""
    server = serve(server_class, behaviours.hold, loop=False)
    visitors(server, server_class, 3)
    take_in(server, "handle_request", 3)
    server.comes("handler.enter", count=3)
    return never_overlapping(server.history(), at_least=3)


@requirement("ordering.slow-request-delays-no-other")
@each_server(CONCURRENT)
def test_requests_are_completed_while_a_slow_one_is_at_work(serve, server_class):
    server = serve(server_class, behaviours.answer)
    visitor(server, server_class, b"slow\n")
    server.comes("gate.wait")

    quick = visitors(server, server_class, 2, b"quick\n")

    assert {"answers": [answer_of(client) for client in quick]} == {"answers": [b"quick\n"] * 2}


@requirement("ordering.slow-request-delays-no-other")
@each_server(FORKING_INET)
def test_requests_are_completed_one_after_another_while_a_slow_one_leaves_room_for_one(serve, server_class):
    server = serve(server_class, behaviours.answer, max_children=2)
    visitor(server, server_class, b"slow\n")
    server.comes("gate.wait")

    answers = [answer_of(visitor(server, server_class, b"quick\n")) for _ in range(3)]

    assert {"answers": answers} == {"answers": [b"quick\n"] * 3}


@requirement("ordering.slow-request-delays-no-other")
@each_server(CONCURRENT_INET)
def test_requests_are_completed_in_whatever_order_their_handlers_end(serve, server_class, seed):
    order = an_order_that_no_queue_would_keep(f"{seed} {server_class.name}")
    server = serve(server_class, behaviours.answer_after_own_gate)
    clients = [visitor(server, server_class, b"%s\n" % gate.encode()) for gate in GATES]
    server.comes("gate.wait", count=len(GATES))

    answers = []
    for place in order:
        server.release(GATES[place])
        answers.append(answer_of(clients[place]))

    assert answers == [b"%s\n" % GATES[place].encode() for place in order]


def answer_of(client):
    """Return the answer to a request that is completed: of a connection, all up to its end; None without one."""
    if isinstance(client, StreamClient):
        return client.try_reading_all()
    return client.receive() if client.hears() else None


def an_order_that_no_queue_would_keep(seed):
    """Return the numbers of the gates in an order that is drawn, and in which the first is not the first."""
    order = random.Random(seed).sample(range(len(GATES)), len(GATES))  # noqa: S311 - it has to be repeatable
    return order if order[0] else order[::-1]
