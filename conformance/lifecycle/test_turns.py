"""The turns of serve_forever(): one for each request, and one for each poll in vain."""

from itertools import pairwise

import pytest

from conformance.lifecycle.behaviours import turns
from conformance.lifecycle.calls import error_of
from conformance.servers import BOTH_TRANSPORTS, CONCURRENT_INET, SYNCHRONOUS, SYNCHRONOUS_INET
from conformance.visitors import visitor
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement

LONG = 30.0  # seconds between two polls of a loop that is not to wake up by itself during the test
INTERVAL = 0.03  # seconds
ROUNDING = 0.002  # seconds that a poll may be shorter than was asked for
PATIENCE = 0.1  # seconds that a thread must be seen asleep to pass for one that waits
REST = 0.02  # the same for a thread of which it is known that it will wait


@requirement("lifecycle.service-actions-once-a-turn")
@each_server(SYNCHRONOUS)
def test_requests_that_wait_alternate_with_service_actions(serve, server_class):
    server = serve(server_class, turns.do_nothing, loop=False, probes=("get_request", "service_actions"))
    for _ in range(3):
        server.knock()

    server.serve()
    server.wait_for("hook.exit", count=3, name="service_actions")

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
        server.knock()

    server.serve()
    server.wait_for("hook.exit", count=3, name="service_actions")

    assert hooks_called(server)[:6] == ["get_request", "service_actions"] * 3


def hooks_called(server):
    return [event.details["name"] for event in server.history().of("hook.enter")]


@requirement("lifecycle.service-actions-when-idle")
@each_server(SYNCHRONOUS_INET)
def test_a_loop_without_requests_calls_service_actions(serve, server_class):
    server = serve(server_class, turns.do_nothing, probes=("service_actions",))

    assert server.comes("hook.exit", count=3, name="service_actions")


@requirement("lifecycle.idle-loop-rests-for-the-poll-interval")
@each_server(SYNCHRONOUS_INET)
def test_an_idle_loop_does_not_turn_more_often_than_it_was_told(serve, server_class):
    server = serve(server_class, None, loop=False, service_actions=turns.stop_after_five_turns, times=[])

    server.serve(INTERVAL).wait()

    pauses = [later - earlier for earlier, later in pairwise(server.read("times"))]
    if len(pauses) < 4:
        raise Inconclusive("the loop did not make five turns")
    assert [pause for pause in pauses if pause < INTERVAL - ROUNDING] == []


@requirement("lifecycle.poll-interval-zero-does-not-rest")
@pytest.mark.parametrize("poll_interval", [0, -1])
def test_without_an_interval_the_loop_does_not_rest(serve, poll_interval):
    server = serve("TCPServer", None, loop=False, service_actions=turns.rest_after_many_turns, turns=0)

    server.serve(poll_interval)

    assert server.comes("turned")


@requirement("lifecycle.requests-do-not-wait-for-the-poll")
@each_server(BOTH_TRANSPORTS + CONCURRENT_INET)
def test_a_request_is_handled_though_the_next_poll_is_far_away(serve, server_class):
    server = serve(server_class, turns.do_nothing, loop=False)
    if not server.serve(LONG).is_blocked(REST):
        raise Inconclusive("the loop was not seen to wait")

    server.knock()

    assert server.comes("handler.exit")


@requirement("lifecycle.requests-do-not-wait-for-the-poll")
@each_server(BOTH_TRANSPORTS)
def test_requests_that_wait_are_handled_without_a_poll_in_between(serve, server_class):
    server = serve(server_class, turns.do_nothing, loop=False)
    for _ in range(4):
        server.knock()

    server.serve(LONG)

    assert server.comes("handler.exit", count=4)


@requirement("lifecycle.no-poll-interval-is-no-limit")
@each_server(SYNCHRONOUS_INET)
def test_a_loop_without_a_poll_interval_turns_for_requests_only(serve, server_class):
    server = serve(server_class, turns.do_nothing, loop=False, probes=("service_actions",))
    server.serve(None)

    server.knock()
    after_request = server.comes("hook.exit", name="service_actions")
    once_more = server.comes("hook.exit", count=2, name="service_actions")

    assert {"after the request": after_request, "once more": once_more} == {
        "after the request": True,
        "once more": False,
    }


@requirement("lifecycle.unusable-poll-interval-is-an-error")
@each_server(SYNCHRONOUS_INET)
def test_a_poll_interval_that_is_no_number_starts_no_loop(serve, server_class):
    server = serve(server_class, turns.do_nothing, loop=False)
    client = visitor(server, server_class)

    error = error_of(server.start("serve_forever", "soon"))
    was_blocked = server.start("shutdown").is_blocked(PATIENCE)
    server.call("handle_request")

    handled = [event.client for event in server.history().of("handler.enter")]
    assert {"raised": error, "waited": was_blocked, "handled": handled} == {
        "raised": "TypeError",
        "waited": False,
        "handled": [client.name],
    }


@requirement("lifecycle.any-poll-interval-is-accepted")
@pytest.mark.parametrize("poll_interval", [1e8, float("inf")], ids=["years", "infinite"])
def test_a_poll_interval_may_be_of_any_length(serve, poll_interval):
    server = serve("TCPServer", turns.do_nothing, loop=False)
    server.knock()

    waits = server.serve(poll_interval).is_blocked(PATIENCE)

    handled = len(server.history().of("handler.exit"))
    assert {"waits": waits, "handled": handled} == {"waits": True, "handled": 1}
