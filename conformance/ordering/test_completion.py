"""Servers without a mix-in: one request is completed, then the next is started."""

import pytest

from conformance.ordering import behaviours
from conformance.servers import SYNCHRONOUS
from conformance.visitors import have_closed, visitor, visitors
from harness.checks.overlap import handlers_outside_server_thread, overlapping_handlers
from harness.marks import each_server, requirement

LONG_POLL = 30  # seconds; the loop sleeps until a request comes


@requirement("ordering.requests-never-overlap")
@each_server(SYNCHRONOUS)
def test_a_request_is_completed_before_the_next_is_started(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    server.serve(LONG_POLL)
    visitors(server, server_class, 3)
    server.wait_for("handler.enter")
    server.loop.allow_to_return()

    server.release()
    server.comes("handler.exit", count=3)

    assert overlapping_handlers(server.history()) == []


@requirement("ordering.handle-request-completes-its-request")
@each_server(SYNCHRONOUS)
def test_handle_request_returns_after_the_handler_of_one_request(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    visitors(server, server_class, 2)
    handling = server.start("handle_request")
    server.wait_for("handler.enter")
    handling.allow_to_return()

    server.release()
    handling.wait()

    history = server.history()
    returned = history.first("call.return", name="handle_request")
    handled = [event.kind for event in history.before(returned).of("handler.*")]
    assert handled == ["handler.enter", "handler.exit"]


@requirement("ordering.handlers-run-in-serving-thread")
@each_server(SYNCHRONOUS)
def test_handlers_run_in_the_thread_of_serve_forever(serve, server_class):
    server = serve(server_class, behaviours.pass_by)
    visitor(server, server_class)
    server.wait_for("handler.exit")

    assert handlers_outside_server_thread(server.history()) == []


@requirement("ordering.handlers-run-in-serving-thread")
@each_server(SYNCHRONOUS)
def test_handlers_run_in_the_thread_of_handle_request(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    visitor(server, server_class)
    server.call("handle_request")
    server.comes("handler.enter")

    assert handlers_outside_server_thread(server.history()) == []


@requirement("ordering.closed-before-next-is-taken")
@pytest.mark.parametrize("way", ["handle_request", "serve_forever"])
@each_server(SYNCHRONOUS)
def test_a_request_is_closed_before_the_next_is_taken_in_whatever_became_of_it(serve, server_class, way):
    server = serve(
        server_class,
        behaviours.fail_if_asked,
        loop=False,
        probes=("get_request", "close_request"),
        verify_request=behaviours.refuse_if_asked,
        handle_error=behaviours.keep_silent,
        taken=0,
        failing=[0],
        refused=[2],
    )
    visitors(server, server_class, 4)

    have_closed(server, way, 4)

    history = server.history()
    hooks = [event.details["name"] for event in history.of("hook.enter")]
    ends = [event.kind for event in history.of("handler.exit") + history.of("handler.raise")]
    assert (hooks, sorted(ends)) == (["get_request", "close_request"] * 4, ["handler.exit"] * 2 + ["handler.raise"])
