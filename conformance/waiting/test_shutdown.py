"""Whom shutdown() waits for, and what it keeps from happening."""

import pytest

from conformance.servers import ALL, CONCURRENT, SYNCHRONOUS
from conformance.waiting import behaviours
from conformance.waiting.arranging import LONG, PATIENCE, REST, course_of, end_of
from harness.checks.stopping import hooks_outliving
from harness.checks.verdict import Inconclusive
from harness.checks.waiting import calls_that_waited, handlers_outliving, loop_hooks_after
from harness.marks import each_server, requirement

HOOKS = ("service_actions",)


@requirement("waiting.shutdown-waits-for-the-loop")
@each_server(ALL)
def test_shutdown_returns_when_the_loop_is_no_longer_at_work(serve, server_class):
    history = stop_a_busy_loop(serve, server_class)
    assert hooks_outliving("shutdown", history) == []


@requirement("waiting.shutdown-waits-for-the-loop")
@pytest.mark.parametrize("class_name", ["TCPServer", "ThreadingUDPServer"])
def test_shutdown_waits_for_a_later_loop_as_for_the_first(serve, class_name):
    server = serve(class_name, behaviours.pass_by, loop=False, service_actions=behaviours.hold_the_loop, probes=HOOKS)
    for loop in (1, 2):
        server.serve()
        if not server.comes("gate.wait", count=loop):
            raise Inconclusive(f"the server did not serve {loop} times")
        stopping = server.start("shutdown")
        stopping.allow_to_return()
        server.release(count=1)
        stopping.wait()
        server.loop.wait()

    assert hooks_outliving("shutdown", server.history()) == []


@requirement("waiting.no-service-actions-after-shutdown")
@each_server(ALL)
def test_the_loop_calls_no_hook_after_shutdown_has_returned(serve, server_class):
    history = stop_a_busy_loop(serve, server_class)
    assert loop_hooks_after("shutdown", history) == []


def stop_a_busy_loop(serve, server_class):
    server = serve(
        server_class,
        behaviours.pass_by,
        service_actions=behaviours.hold_the_loop,
        probes=HOOKS,
    )
    server.wait_for("gate.wait")
    stopping = server.start("shutdown")
    stopping.allow_to_return()
    server.release()
    stopping.wait()
    server.loop.wait()
    return server.history()


@requirement("waiting.shutdown-waits-for-the-request-in-progress")
@each_server(SYNCHRONOUS)
def test_shutdown_waits_for_the_handler_that_the_loop_runs(serve, server_class):
    server = serve(server_class, behaviours.hold)
    server.knock()
    server.wait_for("gate.wait")

    stopping = server.start("shutdown")
    stopping.allow_to_return()
    server.release()
    stopping.wait()

    assert handlers_outliving("shutdown", server.history()) == []


@requirement("waiting.shutdown-leaves-threads-and-children")
@each_server(CONCURRENT)
def test_shutdown_returns_while_handlers_are_at_work_elsewhere(serve, server_class):
    server = serve(server_class, behaviours.hold)
    server.knock()
    server.knock()
    server.wait_for("gate.wait", count=2)

    server.start("shutdown").is_blocked(PATIENCE)

    assert calls_that_waited("shutdown", server.history()) == []


@requirement("waiting.no-request-after-shutdown")
@each_server(ALL)
def test_a_request_that_comes_while_shutdown_is_pending_is_left_in_the_queue(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("get_request",))
    server.serve(LONG).is_blocked(REST)
    stopping = server.start("shutdown")
    stopping.allow_to_return()

    server.knock()
    server.loop.wait()
    stopping.wait()

    assert server.history().of("hook.enter", name="get_request") == []
    server.call("handle_request")  # it is still there


@requirement("waiting.poll-interval-limits-shutdown")
@each_server(ALL)
def test_an_idle_loop_looks_for_a_shutdown_after_each_poll_interval(serve, server_class):
    server = serve(server_class, behaviours.pass_by, probes=("service_actions",))
    server.comes("hook.exit", name="service_actions")

    end_of(server.start("shutdown"))

    assert course_of("shutdown", server.history()) == ["call.enter", "call.return"]


@requirement("waiting.shutdown-wakes-the-loop")
@each_server(SYNCHRONOUS)
def test_shutdown_does_not_wait_for_the_poll_interval_to_pass(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    server.serve(LONG).is_blocked(REST)

    end_of(server.start("shutdown"))

    assert course_of("shutdown", server.history()) == ["call.enter", "call.return"]
