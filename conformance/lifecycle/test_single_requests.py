"""handle_request() and its timeout."""

import pytest

from conformance.lifecycle.behaviours import pipeline, single_requests
from conformance.lifecycle.calls import error_of
from conformance.servers import INET, STREAM, SYNCHRONOUS
from harness.checks.order import REQUEST_HOOKS
from harness.marks import each_server, requirement

INET_STREAM = tuple(each for each in INET if each in STREAM)
SHORT, LONG = 0.02, 60.0  # seconds


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


@requirement("lifecycle.handle-request-waits-without-timeout")
@each_server(SYNCHRONOUS)
def test_a_call_waits_for_a_request(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False)

    waiting = server.start("handle_request")
    was_blocked = waiting.is_blocked(patience=0.05)
    server.knock()
    waiting.wait()

    handled = len(server.history().of("handler.enter"))
    assert {"waited": was_blocked, "handled": handled} == {"waited": True, "handled": 1}


@requirement("lifecycle.timeout-ends-in-handle-timeout")
@each_server(INET_STREAM)
def test_a_call_ends_when_nobody_comes(host, serve, server_class):
    probes = ("get_request", "handle_timeout", *REQUEST_HOOKS)
    serve(server_class, None, loop=False, timeout=SHORT, probes=probes)

    early = host.call(single_requests.handle_and_time, SHORT)["early"]

    hooks = [event.details["name"] for event in host.history().of("hook.enter")]
    assert {"early": early, "hooks": hooks} == {"early": False, "hooks": ["handle_timeout"]}


@requirement("lifecycle.handle-timeout-value-is-returned")
@each_server(INET_STREAM)
def test_a_call_returns_what_handle_timeout_returns(serve, server_class):
    server = serve(server_class, None, loop=False, timeout=SHORT, handle_timeout=single_requests.return_token)

    assert server.call("handle_request") == "nobody came"


@requirement("lifecycle.smaller-timeout-counts")
@pytest.mark.parametrize(("servers", "sockets"), [(SHORT, LONG), (LONG, SHORT), (None, SHORT)])
def test_the_smaller_timeout_counts(host, serve, servers, sockets):
    server = serve("TCPServer", None, loop=False, timeout=servers)
    host.call(single_requests.set_socket_timeout, sockets)

    assert not server.start("handle_request").is_blocked()


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


@requirement("lifecycle.timeout-holds-when-request-is-stolen")
@each_server(SYNCHRONOUS)
def test_a_call_ends_in_time_when_its_request_is_taken_away(serve, server_class):
    server = serve(server_class, None, loop=False, timeout=SHORT, get_request=single_requests.get_request_too_late)
    server.knock()

    assert not server.start("handle_request").is_blocked()


@requirement("lifecycle.any-timeout-is-accepted")
@pytest.mark.parametrize("seconds", [1e8, float("inf")], ids=["years", "infinite"])
def test_a_timeout_may_be_of_any_length(serve, seconds):
    server = serve("TCPServer", pipeline.do_nothing, loop=False, timeout=seconds)
    server.knock()

    assert error_of(server.start("handle_request")) is None
