"""What a server has in common with the rest of its process, and with other processes."""

from collections import Counter

import pytest

from conformance.faults.behaviours import surroundings
from conformance.lifecycle.calls import error_of
from conformance.servers import CONCURRENT_INET_STREAM, SYNCHRONOUS, SYNCHRONOUS_INET
from conformance.visitors import visitor, visitors
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement

MANY = 10
TIMEOUT = 0.05  # seconds
PATIENCE = 0.1  # seconds that a thread must be seen asleep to pass for one that waits


@requirement("faults.clock-changes-change-no-timeout")
@pytest.mark.parametrize("direction", [1, -1], ids=["forward", "backward"])
@each_server(SYNCHRONOUS_INET)
def test_a_timeout_is_not_measured_by_the_time_of_day(host, serve, server_class, direction):
    serve(server_class, None, loop=False, timeout=TIMEOUT)
    host.call(surroundings.let_the_clock_jump, direction)

    handling = host.start(surroundings.ends_early, TIMEOUT)

    waits_on = handling.is_blocked(2 * PATIENCE)
    assert {"waits on": waits_on, "early": not waits_on and handling.wait()} == {
        "waits on": False,
        "early": False,
    }


@requirement("faults.poll-may-be-missing")
@each_server(SYNCHRONOUS_INET)
def test_a_server_does_all_it_does_without_poll(host, serve, server_class):
    server = serve(server_class, surroundings.do_nothing, loop=False, timeout=TIMEOUT, probes=("handle_timeout",))
    host.call(surroundings.do_without_poll)

    server.call("handle_request")
    timeouts = len(server.history().of("hook.enter"))
    server.knock()
    server.call("handle_request")
    one = len(server.history().of("handler.exit"))
    server.serve()
    server.knock()
    another = server.comes("handler.exit", count=2)
    if another:
        server.call("shutdown")
    server.call("server_close")
    closed = error_of(server.start("handle_request"))

    seen = {"timeouts": timeouts, "by a call": one, "by the loop": another, "closed": closed is not None}
    assert seen == {"timeouts": 1, "by a call": 1, "by the loop": True, "closed": True}


@requirement("faults.other-forks-disturb-nothing")
@pytest.mark.parametrize("end", ["exits", "closes the server"])
@each_server(SYNCHRONOUS_INET + CONCURRENT_INET_STREAM)
def test_a_child_of_somebody_else_leaves_the_server_alone(host, serve, server_class, end):
    server = serve(server_class, surroundings.do_nothing)
    server.knock()
    server.wait_for("handler.exit")

    host.call(surroundings.fork_elsewhere, end)
    if not server.history().of("stranger.ends"):
        raise Inconclusive("the child did not come to its end")
    client = visitor(server, server_class)

    served = client.connected and server.comes("handler.exit", client=client.name)
    assert {"served": served, "loop ended": server.loop.returned} == {"served": True, "loop ended": False}


@requirement("faults.stolen-request-does-not-hold-the-loop")
@each_server(SYNCHRONOUS)
def test_a_loop_whose_request_was_taken_away_can_be_stopped(serve, server_class):
    server = serve(
        server_class,
        surroundings.do_nothing,
        get_request=surroundings.get_request_too_late,
        stolen=[],
    )
    server.knock()
    server.wait_for("request.stolen")

    was_blocked = server.start("shutdown").is_blocked(PATIENCE)

    assert {"shutdown waits": was_blocked} == {"shutdown waits": False}


@requirement("faults.shared-socket-serves-each-request-once")
@each_server(SYNCHRONOUS)
def test_two_processes_at_one_socket_handle_each_request_once(host, serve, server_class):
    server = serve(server_class, surroundings.hold_first_in_each_process, held_in=None)
    second = host.call(surroundings.serve_in_a_second_process)
    server.wait_for("second.serves")

    clients = visitors(server, server_class, 2)
    server.wait_for("gate.wait", count=2, gate="hold")
    server.release()
    server.wait_for("handler.exit", count=2)
    for _ in range(MANY):
        clients.append(visitor(server, server_class))
        server.comes("handler.exit", count=len(clients))
    server.release("one")

    status = host.call(surroundings.wait_for_second_process, second)
    handlers = Counter(event.client for event in server.history().of("handler.enter"))
    handled = [handlers[client.name] for client in clients]
    assert {"handled": handled, "status": status} == {"handled": [1] * len(clients), "status": 0}
