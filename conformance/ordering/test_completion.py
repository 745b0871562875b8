"""Servers without a mix-in: one request is completed, then the next is started."""

from conformance.ordering import behaviours
from conformance.ordering.arranging import WAYS, take_in, with_fates
from conformance.servers import BOTH_TRANSPORTS, SYNCHRONOUS
from conformance.visitors import visitors
from harness.checks.overlap import handlers_outside_server_thread, overlapping_handlers
from harness.marks import each_server, requirement

LONG_POLL = 30  # seconds; the loop sleeps until a request comes


@requirement("ordering.requests-never-overlap")
@each_server(SYNCHRONOUS)
def test_a_request_is_completed_before_the_next_is_started(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    visitors(server, server_class, 3)
    server.serve(LONG_POLL)
    server.wait_for("handler.enter")
    server.loop.allow_to_return()

    server.release()
    server.comes("handler.exit", count=3)

    assert overlapping_handlers(server.history()) == []


@requirement("ordering.handle-request-completes-its-request")
@each_server(BOTH_TRANSPORTS)
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
    visitors(server, server_class, 3)
    server.comes("handler.exit", count=3)

    assert handlers_outside_server_thread(server.history()) == []


@requirement("ordering.handlers-run-in-serving-thread")
@each_server(BOTH_TRANSPORTS)
def test_handlers_run_in_the_thread_of_handle_request(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    visitors(server, server_class, 3)
    for _ in range(3):
        server.call("handle_request")
    server.comes("handler.enter", count=3)

    assert handlers_outside_server_thread(server.history()) == []


@requirement("ordering.closed-before-next-is-taken")
@each_server(SYNCHRONOUS)
def test_a_request_is_closed_before_the_next_is_taken_in(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("get_request", "close_request"))
    visitors(server, server_class, 3)
    server.serve()
    server.comes("hook.exit", count=3, name="close_request")

    hooks = [event.details["name"] for event in server.history().of("hook.enter")]
    assert hooks == ["get_request", "close_request"] * 3


@requirement("ordering.closed-before-next-is-taken")
@WAYS
@each_server(SYNCHRONOUS)
def test_a_request_is_closed_before_the_next_is_taken_in_whatever_became_of_it(serve, server_class, way):
    fates = ["failing", "refused", "interrupted", "polite"]
    server = serve(server_class, behaviours.meet_fate, probes=("get_request", "close_request"), **with_fates(fates))
    visitors(server, server_class, 4)
    take_in(server, way, 4)
    server.comes("hook.exit", count=4, name="close_request")

    hooks = [event.details["name"] for event in server.history().of("hook.enter")]
    assert hooks == ["get_request", "close_request"] * 4
