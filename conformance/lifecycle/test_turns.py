"""The turns of serve_forever(): one for each request, and one for each poll that finds nobody."""

import pytest

from conformance.lifecycle.behaviours import turns
from conformance.lifecycle.calls import PATIENCE, end_of, needs
from conformance.servers import BOTH_TRANSPORTS, CONCURRENT_INET, SYNCHRONOUS, SYNCHRONOUS_INET
from conformance.visitors import visitor
from harness.marks import each_server, requirement

LONG = 30.0  # seconds between two polls of a loop that is not to wake up by itself during the test
INTERVAL = 0.03  # seconds
ROUNDING = 0.002  # seconds that a poll may be shorter than was asked for


@requirement("lifecycle.service-actions-once-a-turn")
@each_server(SYNCHRONOUS)
def test_requests_that_wait_alternate_with_service_actions(serve, server_class):
    server = serve(server_class, turns.do_nothing, loop=False, probes=("get_request", "service_actions"))
    for _ in range(3):
        visitor(server, server_class)

    server.serve()
    server.comes("hook.exit", count=3, name="service_actions")

    assert hooks_called(server)[:6] == ["get_request", "service_actions"] * 3


@requirement("lifecycle.service-actions-after-failed-requests")
@each_server(BOTH_TRANSPORTS)
def test_requests_that_come_to_nothing_are_turns_like_others(serve, server_class):
    server = serve(
        server_class,
        turns.fail,
        loop=False,
        get_request=turns.fail_to_get_first,
        verify_request=turns.reject_first,
        probes=("get_request", "service_actions"),
        tries=0,
    )
    for _ in range(2):
        visitor(server, server_class)

    server.serve()
    server.comes("hook.exit", count=3, name="service_actions")

    assert hooks_called(server)[:6] == ["get_request", "service_actions"] * 3


def hooks_called(server):
    return [event.details["name"] for event in server.history().of("hook.enter")]


@requirement("lifecycle.service-actions-when-idle")
@each_server(SYNCHRONOUS_INET)
def test_a_loop_without_requests_calls_service_actions(serve, server_class):
    server = serve(server_class, turns.do_nothing, probes=("service_actions",))

    assert {"called": server.comes("hook.exit", count=3, name="service_actions")} == {"called": True}


@requirement("lifecycle.idle-loop-rests-for-the-poll-interval")
@each_server(SYNCHRONOUS_INET)
def test_an_idle_loop_does_not_turn_more_often_than_it_was_told(host, serve, server_class):
    server = serve(server_class, None, loop=False, service_actions=turns.note_few_turns, turns=0)

    host.start(turns.serve_and_time, INTERVAL)
    needs(server.comes("turned"), f"loop that makes {turns.FEW} turns")

    least = (turns.FEW - 1) * INTERVAL - ROUNDING  # before its first turn it need not rest
    assert {"too fast": server.read("took") < least} == {"too fast": False}


@requirement("lifecycle.poll-interval-zero-does-not-rest")
@pytest.mark.parametrize("poll_interval", [0, -1])
def test_without_an_interval_the_loop_does_not_rest(serve, poll_interval):
    server = serve("TCPServer", None, loop=False, service_actions=turns.rest_after_many_turns, turns=0)

    server.serve(poll_interval)

    assert {"turned": server.comes("turned")} == {"turned": True}


@requirement("lifecycle.requests-do-not-wait-for-the-poll")
@each_server(BOTH_TRANSPORTS + CONCURRENT_INET)
def test_a_request_is_handled_though_the_next_poll_is_far_away(serve, server_class):
    server = serve(server_class, turns.do_nothing, loop=False)
    server.serve(LONG).allow_to_return()  # by then it waits

    visitor(server, server_class)

    assert {"handled": server.comes("handler.exit")} == {"handled": True}


@requirement("lifecycle.requests-do-not-wait-for-the-poll")
@each_server(BOTH_TRANSPORTS)
def test_requests_that_wait_are_handled_without_a_poll_in_between(serve, server_class):
    server = serve(server_class, turns.do_nothing, loop=False)
    for _ in range(4):
        visitor(server, server_class)

    server.serve(LONG)

    assert {"handled": server.comes("handler.exit", count=4)} == {"handled": True}


@requirement("lifecycle.no-poll-interval-is-no-limit")
@each_server(SYNCHRONOUS_INET)
def test_a_loop_without_a_poll_interval_turns_for_requests_only(serve, server_class):
    server = serve(server_class, turns.do_nothing, loop=False, probes=("service_actions",))
    server.serve(None)

    visitor(server, server_class)
    handled = server.comes("handler.exit")
    known = len(hooks_called(server))
    once_more = server.comes("hook.exit", count=known + 2, name="service_actions")

    assert {"handled": handled, "turns without a request": once_more} == {
        "handled": True,
        "turns without a request": False,
    }


@requirement("lifecycle.unusable-poll-interval-is-an-error")
@each_server(SYNCHRONOUS_INET)
def test_a_poll_interval_that_is_no_number_starts_no_loop(serve, server_class):
    server = serve(server_class, turns.do_nothing, loop=False)
    visitor(server, server_class)

    error = end_of(server.start("serve_forever", "soon"))
    server.start("handle_request")

    assert {"raised": error, "handled": server.comes("handler.enter")} == {"raised": "TypeError", "handled": True}


@requirement("lifecycle.any-poll-interval-is-accepted")
@pytest.mark.parametrize("poll_interval", [1e8, float("inf")], ids=["years", "infinite"])
def test_a_poll_interval_may_be_of_any_length(serve, poll_interval):
    server = serve("TCPServer", turns.do_nothing, loop=False)
    server.connect()

    waits = server.serve(poll_interval).is_blocked(PATIENCE)

    handled = len(server.history().of("handler.exit"))
    assert {"waits": waits, "handled": handled} == {"waits": True, "handled": 1}
