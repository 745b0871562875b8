"""Servers without a mix-in: one request is completed, then the next is started."""

import pytest

from conformance.ordering import behaviours
from conformance.ordering.arranging import WAYS, take_in, with_fates
from conformance.servers import BOTH_TRANSPORTS, SYNCHRONOUS, SYNCHRONOUS_STREAM
from conformance.visitors import visitors
from harness.checks.overlap import handlers_outside_server_thread, overlapping_handlers
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement

LONG_POLL = 30  # seconds; the loop sleeps until a request comes


@requirement("ordering.requests-never-overlap")
@each_server(SYNCHRONOUS)
def test_a_request_is_completed_before_the_next_is_started(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    visitors(server, server_class, 3)
    server.serve(LONG_POLL)
    server.comes("handler.enter")
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
    server.comes("handler.enter")
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
@WAYS
@pytest.mark.parametrize("fate", ["polite", "failing", "refused", "interrupted"])
@each_server(SYNCHRONOUS_STREAM)
def test_a_client_sees_the_end_before_the_next_request_is_verified(serve, server_class, fate, way):
    settings = with_fates([fate, "polite"])
    settings["verify_request"] = behaviours.tell_fate_and_hold_the_second
    server = serve(server_class, behaviours.meet_fate, **settings)
    first, _ = visitors(server, server_class, 2)
    take_in(server, way, 2)
    if not server.comes("gate.wait"):
        raise Inconclusive("the second request was not verified")

    assert {"told while the next one waits": first.try_reading_all()} == {"told while the next one waits": b""}
