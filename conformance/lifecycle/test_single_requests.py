"""handle_request() and its timeout."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.lifecycle.behaviours import pipeline, single_requests
from conformance.lifecycle.calls import PATIENCE, end_of, error_of, needs
from conformance.servers import ALL, CONCURRENT_INET, INET, STREAM, SYNCHRONOUS, SYNCHRONOUS_INET
from conformance.visitors import visitor
from harness.checks.answers import handled_more_than_once, never_handled
from harness.marks import each_server, requirement

INET_STREAM = tuple(each for each in INET if each in STREAM)
ONE_OF_EACH_KIND = tuple(each for each in ALL if each in SYNCHRONOUS or each in INET_STREAM)
SHORT, LONG = 0.02, 60.0  # seconds
CALLERS = 4


@requirement("lifecycle.handle-request-handles-one")
@each_server(SYNCHRONOUS)
def test_one_call_handles_one_of_the_requests_that_wait(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False)
    for _ in range(3):
        server.knock()

    server.call("handle_request")
    after_one = len(server.history().of("handler.enter"))
    server.call("handle_request")
    after_two = len(server.history().of("handler.enter"))

    assert (after_one, after_two) == (1, 2)


@requirement("lifecycle.handle-request-handles-one")
@each_server(CONCURRENT_INET)
def test_one_call_passes_on_one_of_the_requests_that_wait(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, probes=("process_request",))
    for _ in range(3):
        server.knock()

    server.call("handle_request")
    after_one = len(server.history().of("hook.enter"))
    server.call("handle_request")
    after_two = len(server.history().of("hook.enter"))

    assert (after_one, after_two) == (1, 2)


@requirement("lifecycle.handle-request-returns-nothing")
@each_server(SYNCHRONOUS)
def test_a_call_returns_none_whatever_became_of_the_request(host, serve, server_class):
    serve(
        server_class,
        pipeline.do_nothing,
        loop=False,
        timeout=0,
        get_request=single_requests.get_request_after_losing_one,
        verify_request=single_requests.reject_first,
    )

    assert host.call(single_requests.values_of_calls, 3) == [None, None, None]


@requirement("lifecycle.handle-request-calls-no-service-actions")
@each_server(ONE_OF_EACH_KIND)
def test_a_call_is_no_turn_of_the_loop(serve, server_class):
    server = serve(
        server_class,
        pipeline.do_nothing,
        loop=False,
        timeout=0,
        verify_request=single_requests.reject_first,
        probes=("service_actions", "verify_request", "handle_timeout"),
    )
    server.knock()
    server.knock()

    for _ in range(3):
        server.call("handle_request")

    hooks = [event.details["name"] for event in server.history().of("hook.enter")]
    assert hooks == ["verify_request", "verify_request", "handle_timeout"]


@requirement("lifecycle.handle-request-and-loop-take-turns")
@each_server(ONE_OF_EACH_KIND)
def test_a_server_is_driven_by_calls_and_by_a_loop_in_turn(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, timeout=LONG)

    handled = []
    for count in (1, 2, 3):
        server.knock()
        if count == 2:
            server.serve()
        else:
            server.start("handle_request")
        handled.append(server.comes("handler.exit", count=count))
        if count == 2:
            server.call("shutdown")

    assert handled == [True, True, True]


@requirement("lifecycle.concurrent-calls-share-the-requests")
@each_server(SYNCHRONOUS)
def test_each_of_several_callers_handles_one_request(host, serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False)
    calls = [server.start("handle_request") for _ in range(CALLERS)]
    host.wait_for("call.enter", count=CALLERS, name="handle_request")

    for _ in calls:
        server.knock()
    outcomes = [error_of(call) for call in calls]

    assert (outcomes, never_handled(server.history())) == ([None] * CALLERS, [])
    assert handled_more_than_once(server.history()) == []


@requirement("lifecycle.handle-request-waits-without-timeout")
@each_server(ONE_OF_EACH_KIND)
def test_a_call_waits_for_a_request(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, timeout=None)

    waiting = server.start("handle_request")
    was_blocked = waiting.is_blocked(patience=PATIENCE / 2)
    server.knock()

    handled = server.comes("handler.enter")
    assert {"waited": was_blocked, "handled": handled} == {"waited": True, "handled": True}


@requirement("lifecycle.timeout-ends-in-handle-timeout")
@each_server(ONE_OF_EACH_KIND)
def test_a_call_ends_when_nobody_comes(host, serve, server_class):
    server = serve(server_class, None, loop=False, timeout=SHORT, handle_timeout=single_requests.note_the_end)
    host.call(single_requests.note_the_beginning)

    ended = end_of(server.start("handle_request"))

    assert {"raised": ended, "early": early_ends(server)} == {"raised": None, "early": [False]}


@requirement("lifecycle.timeout-ends-in-handle-timeout")
@given(seconds=st.floats(0, SHORT))
@settings(max_examples=15)
def test_no_call_ends_early(host, serve, seconds):
    known = len(host.history().of("time.is_up"))
    server = serve("TCPServer", None, loop=False, timeout=seconds, handle_timeout=single_requests.note_the_end)
    host.call(single_requests.note_the_beginning)

    server.call("handle_request")

    assert early_ends(server)[known:] == [False]


def early_ends(server):
    """Return for each call of handle_timeout() whether it came too early."""
    return [event.details["early"] for event in server.history().of("time.is_up")]


@requirement("lifecycle.handle-timeout-value-is-returned")
@each_server(ONE_OF_EACH_KIND)
def test_a_call_returns_what_handle_timeout_returns(serve, server_class):
    server = serve(server_class, None, loop=False, timeout=SHORT, handle_timeout=single_requests.return_token)

    assert server.call("handle_request") == "nobody came"


@requirement("lifecycle.smaller-timeout-counts")
@pytest.mark.parametrize(("servers", "sockets"), [(2 * SHORT, LONG), (LONG, 2 * SHORT), (None, 2 * SHORT), (LONG, 0.0)])
@each_server(SYNCHRONOUS_INET)
def test_the_smaller_timeout_counts_in_full(host, serve, server_class, servers, sockets):
    smaller = min(seconds for seconds in (servers, sockets) if seconds is not None)
    server = serve(server_class, None, loop=False, timeout=servers, handle_timeout=single_requests.note_the_end)
    host.call(single_requests.set_socket_timeout, sockets)
    host.call(single_requests.note_the_beginning, smaller)

    ended = end_of(server.start("handle_request"))

    assert {"raised": ended, "early": early_ends(server)} == {"raised": None, "early": [False]}


@requirement("lifecycle.timeout-zero-polls")
@each_server(SYNCHRONOUS)
def test_without_time_a_waiting_request_is_handled(serve, server_class):
    assert what_a_call_does(serve, server_class, 0, waiting=True) == {"goes on": False, "handled": 1, "timeouts": 0}


@requirement("lifecycle.timeout-zero-polls")
@each_server(SYNCHRONOUS)
def test_without_time_nobody_is_waited_for(serve, server_class):
    assert what_a_call_does(serve, server_class, 0, waiting=False) == {"goes on": False, "handled": 0, "timeouts": 1}


@requirement("lifecycle.negative-timeout-is-zero")
@each_server(SYNCHRONOUS_INET)
def test_with_less_than_no_time_a_waiting_request_is_handled(serve, server_class):
    assert what_a_call_does(serve, server_class, -1, waiting=True) == {"goes on": False, "handled": 1, "timeouts": 0}


@requirement("lifecycle.negative-timeout-is-zero")
@pytest.mark.parametrize("seconds", [-0.001, -1e10])
@each_server(SYNCHRONOUS_INET)
def test_with_less_than_no_time_nobody_is_waited_for(serve, server_class, seconds):
    seen = what_a_call_does(serve, server_class, seconds, waiting=False)

    assert seen == {"goes on": False, "handled": 0, "timeouts": 1}


def what_a_call_does(serve, server_class, timeout, *, waiting):
    """Call handle_request() with this *timeout*, with or without a request that waits; return what was seen of it."""
    server = serve(server_class, pipeline.do_nothing, loop=False, timeout=timeout, probes=("handle_timeout",))
    if waiting:
        server.knock()
    goes_on = server.start("handle_request").is_blocked(PATIENCE)
    history = server.history()
    return {
        "goes on": goes_on,
        "handled": len(history.of("handler.enter")),
        "timeouts": len(history.of("hook.enter", name="handle_timeout")),
    }


@requirement("lifecycle.timeout-is-for-the-wait-only")
@each_server(SYNCHRONOUS)
def test_a_handler_may_take_longer_than_the_timeout(serve, server_class):
    server = serve(
        server_class,
        single_requests.wait_for_more,
        loop=False,
        timeout=SHORT,
        probes=("handle_timeout", "handle_error"),
    )
    client = server.knock()

    handling = server.start("handle_request")
    handling.is_blocked(patience=3 * SHORT)
    client.send(b"more")
    server.release()
    server.settle()

    history = server.history()
    seen = {"hooks": len(history.of("hook.enter")), "handled": len(history.of("handler.exit"))}
    assert seen == {"hooks": 0, "handled": 1}


@requirement("lifecycle.rejected-request-counts")
@each_server(SYNCHRONOUS)
def test_a_call_is_over_when_a_request_was_rejected(serve, server_class):
    server = serve(
        server_class,
        pipeline.do_nothing,
        loop=False,
        verify_request=single_requests.reject_first,
        probes=("verify_request",),
    )
    server.knock()
    server.knock()

    server.call("handle_request")

    history = server.history()
    seen = {"verified": len(history.of("hook.enter")), "handled": len(history.of("handler.enter"))}
    assert seen == {"verified": 1, "handled": 0}


@requirement("lifecycle.nonblocking-server-passes-over-theft")
@each_server(SYNCHRONOUS)
def test_a_loop_goes_on_when_its_request_is_taken_away(host, serve, server_class):
    server = serve(
        server_class, pipeline.do_nothing, loop=False, get_request=single_requests.steal_first, probes=("handle_error",)
    )
    host.call(single_requests.set_socket_timeout, 0.0)
    visitor(server, server_class)
    loop = server.serve()
    needs(server.comes("request.stolen"), "request to be taken away")

    visitor(server, server_class)
    handled = server.comes("handler.exit")

    errors = len(server.history().of("hook.enter"))
    seen = {"handled": handled, "errors": errors, "ended": loop.returned}
    assert seen == {"handled": True, "errors": 0, "ended": False}


@requirement("lifecycle.timeout-holds-when-request-is-stolen")
@each_server(SYNCHRONOUS)
def test_a_call_ends_in_time_when_its_request_is_taken_away(serve, server_class):
    server = serve(server_class, None, loop=False, timeout=SHORT, get_request=single_requests.steal_first)
    visitor(server, server_class)

    goes_on = server.start("handle_request").is_blocked()

    needs(server.comes("request.stolen"), "request to be taken away")
    assert {"goes on": goes_on} == {"goes on": False}


@requirement("lifecycle.any-timeout-is-accepted")
@pytest.mark.parametrize("seconds", [2147484, 1e8, float("inf")], ids=["days", "years", "infinite"])
@each_server(SYNCHRONOUS_INET)
def test_a_timeout_may_be_of_any_length(serve, server_class, seconds):
    server = serve(server_class, pipeline.do_nothing, loop=False, timeout=seconds)
    server.knock()

    assert end_of(server.start("handle_request")) is None
