"""handle_request() and its timeout."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.lifecycle.behaviours import pipeline, single_requests
from conformance.lifecycle.calls import error_of
from conformance.servers import ALL, CONCURRENT_INET, INET, STREAM, SYNCHRONOUS, SYNCHRONOUS_INET
from harness.checks.answers import handled_more_than_once, never_handled
from harness.checks.order import REQUEST_HOOKS
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
        get_request=single_requests.get_request_after_one_in_vain,
        verify_request=single_requests.reject_first,
        handle_timeout=single_requests.return_token,
    )

    assert host.call(single_requests.values_of_calls, 4) == [None, None, None, "nobody came"]


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
            server.call("handle_request")
        handled.append(server.comes("handler.exit", count=count))
        if count == 2:
            server.call("shutdown")

    assert handled == [True, True, True]


@requirement("lifecycle.concurrent-calls-share-the-requests")
@each_server(SYNCHRONOUS)
def test_each_of_several_callers_at_once_handles_one_request(host, serve, server_class):
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
    server = serve(server_class, pipeline.do_nothing, loop=False)

    waiting = server.start("handle_request")
    was_blocked = waiting.is_blocked(patience=0.05)
    server.knock()
    waiting.wait()

    handled = server.comes("handler.enter")
    assert {"waited": was_blocked, "handled": handled} == {"waited": True, "handled": True}


@requirement("lifecycle.timeout-ends-in-handle-timeout")
@each_server(ONE_OF_EACH_KIND)
def test_a_call_ends_when_nobody_comes(host, serve, server_class):
    probes = ("get_request", "handle_timeout", *REQUEST_HOOKS)
    serve(server_class, None, loop=False, timeout=SHORT, probes=probes)

    early = host.call(single_requests.handle_and_time, SHORT)["early"]

    hooks = [event.details["name"] for event in host.history().of("hook.enter")]
    assert {"early": early, "hooks": hooks} == {"early": False, "hooks": ["handle_timeout"]}


@requirement("lifecycle.timeout-ends-in-handle-timeout")
@given(seconds=st.floats(0, SHORT))
@settings(max_examples=15)
def test_no_call_ends_early(host, serve, seconds):
    serve("TCPServer", None, loop=False, timeout=seconds, handle_timeout=single_requests.return_token)

    assert host.call(single_requests.handle_and_time, seconds) == {"value": "nobody came", "early": False}


@requirement("lifecycle.handle-timeout-value-is-returned")
@each_server(ONE_OF_EACH_KIND)
def test_a_call_returns_what_handle_timeout_returns(serve, server_class):
    server = serve(server_class, None, loop=False, timeout=SHORT, handle_timeout=single_requests.return_token)

    assert server.call("handle_request") == "nobody came"


@requirement("lifecycle.smaller-timeout-counts")
@pytest.mark.parametrize(("servers", "sockets"), [(SHORT, LONG), (LONG, SHORT), (None, SHORT), (LONG, 0.0)])
@each_server(SYNCHRONOUS_INET)
def test_the_smaller_timeout_counts(host, serve, server_class, servers, sockets):
    server = serve(server_class, None, loop=False, timeout=servers, handle_timeout=single_requests.note_the_end)
    host.call(single_requests.set_socket_timeout, sockets)

    was_blocked = server.start("handle_request").is_blocked()

    timeouts = len(server.history().of("time.is_up"))
    assert {"waited": was_blocked, "timeouts": timeouts} == {"waited": False, "timeouts": 1}


@requirement("lifecycle.smaller-timeout-counts")
@pytest.mark.parametrize(("servers", "sockets"), [(2 * SHORT, LONG), (LONG, 2 * SHORT)])
def test_the_smaller_timeout_counts_in_full(host, serve, servers, sockets):
    serve("TCPServer", None, loop=False, timeout=servers, handle_timeout=single_requests.return_token)
    host.call(single_requests.set_socket_timeout, sockets)

    seen = host.call(single_requests.handle_and_time, 2 * SHORT)

    assert seen == {"value": "nobody came", "early": False}


@requirement("lifecycle.timeout-zero-polls")
@each_server(SYNCHRONOUS)
def test_without_time_a_waiting_request_is_handled(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, timeout=0)
    server.knock()

    server.call("handle_request")

    assert len(server.history().of("handler.enter")) == 1


@requirement("lifecycle.timeout-zero-polls")
@each_server(SYNCHRONOUS)
def test_without_time_nobody_is_waited_for(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, timeout=0, probes=("handle_timeout",))

    was_blocked = server.start("handle_request").is_blocked(patience=0.1)

    timeouts = len(server.history().of("hook.enter", name="handle_timeout"))
    assert {"waited": was_blocked, "timeouts": timeouts} == {"waited": False, "timeouts": 1}


@requirement("lifecycle.negative-timeout-is-zero")
@each_server(SYNCHRONOUS_INET)
def test_with_less_than_no_time_a_waiting_request_is_handled(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, timeout=-1, probes=("handle_timeout",))
    server.knock()

    server.call("handle_request")

    history = server.history()
    assert (len(history.of("handler.enter")), len(history.of("hook.enter"))) == (1, 0)


@requirement("lifecycle.negative-timeout-is-zero")
@pytest.mark.parametrize("seconds", [-0.001, -1e10])
@each_server(SYNCHRONOUS_INET)
def test_with_less_than_no_time_nobody_is_waited_for(serve, server_class, seconds):
    server = serve(server_class, pipeline.do_nothing, loop=False, timeout=seconds, probes=("handle_timeout",))

    was_blocked = server.start("handle_request").is_blocked(patience=0.1)

    timeouts = len(server.history().of("hook.enter", name="handle_timeout"))
    assert {"waited": was_blocked, "timeouts": timeouts} == {"waited": False, "timeouts": 1}


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
    was_blocked = handling.is_blocked(patience=3 * SHORT)
    client.send(b"more")
    server.release()
    handling.wait()

    history = server.history()
    seen = {"hooks": len(history.of("hook.enter")), "handled": len(history.of("handler.exit"))}
    assert {"took its time": was_blocked, **seen} == {"took its time": True, "hooks": 0, "handled": 1}


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


@requirement("lifecycle.failed-get-request-is-passed-over")
@each_server(SYNCHRONOUS)
def test_a_connection_that_fails_to_be_accepted_is_passed_over(serve, server_class):
    server = serve(
        server_class,
        pipeline.do_nothing,
        loop=False,
        get_request=single_requests.fail_to_get_first,
        probes=("handle_error", "handle_timeout"),
    )
    server.knock()

    outcomes = [error_of(server.start("handle_request")) for _ in range(2)]

    history = server.history()
    seen = {"hooks": len(history.of("hook.enter")), "handled": len(history.of("handler.enter"))}
    assert {"raised": outcomes, **seen} == {"raised": [None, None], "hooks": 0, "handled": 1}


@requirement("lifecycle.failed-get-request-is-passed-over")
@pytest.mark.parametrize("error", ["OSError", "PermissionError", "TimeoutError"])
def test_whatever_error_of_the_system_is_passed_over(serve, error):
    server = serve(
        "TCPServer",
        pipeline.do_nothing,
        loop=False,
        get_request=single_requests.fail_to_get_first,
        fails_with=error,
        probes=("handle_error", "handle_timeout"),
    )
    server.knock()

    values = [server.call("handle_request") for _ in range(2)]

    history = server.history()
    seen = {"hooks": len(history.of("hook.enter")), "handled": len(history.of("handler.enter"))}
    assert {"values": values, **seen} == {"values": [None, None], "hooks": 0, "handled": 1}


@requirement("lifecycle.nonblocking-server-passes-over-theft")
@each_server(SYNCHRONOUS)
def test_a_loop_goes_on_when_its_request_is_taken_away(host, serve, server_class):
    server = serve(
        server_class, pipeline.do_nothing, loop=False, get_request=single_requests.steal_first, probes=("handle_error",)
    )
    host.call(single_requests.set_socket_timeout, 0.0)
    server.knock()
    loop = server.serve()
    server.wait_for("request.stolen")

    server.knock()
    handled = server.comes("handler.exit")
    server.call("shutdown")

    errors = len(server.history().of("hook.enter"))
    seen = {"handled": handled, "errors": errors, "loop": error_of(loop)}
    assert seen == {"handled": True, "errors": 0, "loop": None}


@requirement("lifecycle.timeout-holds-when-request-is-stolen")
@each_server(SYNCHRONOUS)
def test_a_call_ends_in_time_when_its_request_is_taken_away(serve, server_class):
    server = serve(server_class, None, loop=False, timeout=SHORT, get_request=single_requests.get_request_too_late)
    server.knock()

    assert not server.start("handle_request").is_blocked()


@requirement("lifecycle.any-timeout-is-accepted")
@pytest.mark.parametrize("seconds", [2147484, 1e8, float("inf")], ids=["days", "years", "infinite"])
@each_server(SYNCHRONOUS_INET)
def test_a_timeout_may_be_of_any_length(serve, server_class, seconds):
    server = serve(server_class, pipeline.do_nothing, loop=False, timeout=seconds)
    server.knock()

    assert error_of(server.start("handle_request")) is None
