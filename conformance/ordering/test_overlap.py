"""Servers with a mix-in: requests are handled at once."""

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
from conformance.visitors import arrivals, visitor, visitors
from harness.checks.overlap import never_overlapping
from harness.hosts import GATES
from harness.marks import each_server, requirement


def built_with(concurrency):
    """Return the classes for Unix sockets that a user would build with the mix-in for *concurrency*."""
    return tuple(each for each in USER_BUILT if each.concurrency == concurrency and each.family == "unix")


@requirement("ordering.threads-overlap")
@each_server(THREADING + built_with("threads"))
def test_requests_in_threads_are_handled_at_once(serve, server_class):
    assert handling_at_once(serve, server_class) == []


@requirement("ordering.processes-overlap")
@each_server(FORKING + built_with("processes"))
def test_requests_in_processes_are_handled_at_once(serve, server_class):
    assert handling_at_once(serve, server_class) == []


@requirement("ordering.threads-overlap")
@each_server(THREADING_INET)
def test_handle_request_leaves_its_request_to_a_thread_and_returns(serve, server_class):
    assert handling_at_once_by_calls(serve, server_class) == []


@requirement("ordering.processes-overlap")
@each_server(FORKING_INET)
def test_handle_request_leaves_its_request_to_a_child_and_returns(serve, server_class):
    assert handling_at_once_by_calls(serve, server_class) == []


def handling_at_once(serve, server_class):
    """Return what prevents three requests from being handled at once."""
    server = serve(server_class, behaviours.hold)
    visitors(server, server_class, 3)
    server.comes("handler.enter", count=3)
    return never_overlapping(server.history(), at_least=3)


def handling_at_once_by_calls(serve, server_class):
    """Return what prevents requests from being handled at once that are taken in by one call after another."""
    server = serve(server_class, behaviours.hold, loop=False)
    visitors(server, server_class, 3)
    take_in(server, "handle_request", 3)
    server.comes("handler.enter", count=3)
    return never_overlapping(server.history(), at_least=3)


@requirement("ordering.slow-request-delays-no-other")
@each_server(CONCURRENT)
def test_requests_are_completed_while_a_slow_one_is_at_work(serve, server_class):
    server = serve(server_class, behaviours.answer, probes=("shutdown_request",))
    visitors(server, server_class, 1, b"slow\n")
    server.wait_for("gate.wait")

    visitors(server, server_class, 2, b"quick\n")
    server.comes("hook.exit", count=2, name="shutdown_request")

    history = server.history()
    assert history.first("gate.pass") is None
    assert len(history.of("hook.exit", name="shutdown_request")) == 2


@requirement("ordering.slow-request-delays-no-other")
@each_server(FORKING_INET)
def test_requests_are_completed_one_after_another_while_a_slow_one_leaves_room_for_one(serve, server_class):
    server = serve(server_class, behaviours.answer, max_children=2, probes=("shutdown_request",))
    visitor(server, server_class, b"slow\n")
    server.wait_for("gate.wait")

    completed = [complete_a_quick_one(server, server_class, number) for number in (1, 2, 3)]

    assert server.history().first("gate.pass") is None
    assert completed == [True, True, True]


def complete_a_quick_one(server, server_class, number):
    """Tell whether one more request is completed, so that they are *number*."""
    visitor(server, server_class, b"quick\n")
    return server.comes("hook.exit", count=number, name="shutdown_request")


@requirement("ordering.slow-request-delays-no-other")
@each_server(CONCURRENT_INET)
def test_requests_are_completed_in_whatever_order_their_handlers_end(serve, server_class, seed):
    order = an_order_that_no_queue_would_keep(f"{seed} {server_class.name}")
    server = serve(server_class, behaviours.hold_at_own_gate, probes=("shutdown_request",))
    clients = [visitor(server, server_class, b"%s\n" % gate.encode()) for gate in GATES]
    server.comes("gate.wait", count=len(GATES))

    for number in range(len(order)):
        server.release(GATES[order[number]])
        if not server.comes("hook.exit", count=number + 1, name="shutdown_request"):
            break

    history = server.history()
    ends = [event.kind for event in history if event.kind in ("handler.exit", "hook.exit")]
    assert arrivals(history.of("handler.exit"), clients) == order
    assert ends == ["handler.exit", "hook.exit"] * len(order)


def an_order_that_no_queue_would_keep(seed):
    """Return the numbers of the gates in an order that is drawn, and in which the first is not the first."""
    order = random.Random(seed).sample(range(len(GATES)), len(GATES))  # noqa: S311 - it has to be repeatable
    return order if order[0] else order[::-1]
