"""Servers with a mix-in: requests are handled at once."""

import random
from itertools import permutations

import pytest

from conformance.ordering import behaviours
from conformance.servers import CONCURRENT, FORKING, INET, THREADING, USER_BUILT
from conformance.visitors import visitor, visitors
from harness.checks.overlap import never_overlapping
from harness.marks import each_server, requirement

CONCURRENT_INET = tuple(each for each in CONCURRENT if each in INET)
GATES = ("one", "two", "three")
CLOSED = ""  # shutdown_request() is not told whose request it closes


def built_with(concurrency):
    """Return the classes that a user would build with the mix-in for *concurrency*."""
    return tuple(each for each in USER_BUILT if each.concurrency == concurrency)


@requirement("ordering.threads-overlap")
@each_server(THREADING + built_with("threads"))
def test_requests_in_threads_are_handled_at_once(serve, server_class):
    assert handling_at_once(serve, server_class) == []


@requirement("ordering.processes-overlap")
@each_server(FORKING + built_with("processes"))
def test_requests_in_processes_are_handled_at_once(serve, server_class):
    assert handling_at_once(serve, server_class) == []


def handling_at_once(serve, server_class):
    """Return what prevents three requests from being handled at once."""
    server = serve(server_class, behaviours.hold)
    visitors(server, server_class, 3)
    server.comes("handler.enter", count=3)
    return never_overlapping(server.history(), at_least=3)


@requirement("ordering.slow-request-delays-no-other")
@pytest.mark.parametrize("way", ["handle_request", "serve_forever"])
@each_server(CONCURRENT)
def test_requests_are_completed_while_a_slow_one_is_at_work(serve, server_class, way):
    server = serve(server_class, behaviours.answer, loop=way == "serve_forever", probes=("shutdown_request",))
    visit(server, server_class, way, b"slow\n")
    server.wait_for("gate.wait")

    for _ in range(2):
        visit(server, server_class, way, b"quick\n")
    server.comes("hook.exit", count=2, name="shutdown_request")

    history = server.history()
    assert history.first("gate.pass") is None
    assert len(history.of("hook.exit", name="shutdown_request")) == 2


def visit(server, server_class, way, data):
    """Make a request, which the loop takes in or a call of its own; return the client."""
    client = visitor(server, server_class, data)
    if way == "handle_request":
        server.start("handle_request").wait()
    return client


@requirement("ordering.slow-request-delays-no-other")
@each_server(CONCURRENT_INET)
def test_requests_are_completed_in_the_order_in_which_their_work_is_done(serve, server_class, seed):
    server = serve(server_class, behaviours.hold_at_a_gate_of_its_own, probes=("shutdown_request",))
    order = random.Random(seed).choice([order for order in permutations(GATES) if order != GATES])  # noqa: S311
    clients = {gate: visitor(server, server_class, gate.encode() + b"\n").name for gate in GATES}
    server.comes("gate.wait", count=len(GATES))

    for done, gate in enumerate(order, 1):
        server.release(gate)
        server.comes("hook.exit", count=done, name="shutdown_request")

    course = [event.client for event in server.history() if event.kind in ("handler.exit", "hook.exit")]
    assert course == [each for gate in order for each in (clients[gate], CLOSED)]


@requirement("ordering.slow-request-delays-no-other")
@each_server([each for each in FORKING if each in INET])
def test_a_child_that_is_held_leaves_the_other_places_to_the_others(serve, server_class):
    server = serve(server_class, behaviours.answer, probes=("shutdown_request",), max_children=2)
    visitors(server, server_class, 1, b"slow\n")
    server.wait_for("gate.wait")

    visitors(server, server_class, 3, b"quick\n")
    server.comes("hook.exit", count=3, name="shutdown_request")

    history = server.history()
    assert history.first("gate.pass") is None
    assert len(history.of("hook.exit", name="shutdown_request")) == 3
