"""What hooks are given, in which thread, and how often."""

import pytest

from conformance.lifecycle.behaviours import hooks
from conformance.servers import CONCURRENT, STREAM, SYNCHRONOUS
from harness.checks.places import hooks_outside_serving_thread
from harness.marks import each_server, requirement

STREAMS = [each.name for each in STREAM]
MANY = 300


@requirement("lifecycle.verdict-comes-before-thread-or-child")
@each_server(CONCURRENT)
def test_a_request_is_verified_once_and_by_the_server_itself(serve, server_class):
    server = serve(server_class, hooks.do_nothing, probes=("verify_request",))
    client = server.knock()
    server.wait_for("handler.exit")

    history = server.history()
    assert hooks_outside_serving_thread(history, ["verify_request"]) == []
    assert [event.client for event in history.of("hook.enter")] == [client.name]


@requirement("lifecycle.shutdown-request-ends-the-output-first")
@pytest.mark.parametrize("error", [None, "OSError"], ids=["works", "fails"])
def test_the_output_is_ended_and_the_connection_closed(host, error):
    done = host.call(hooks.shut_down_connections, STREAMS, error)

    assert done == {name: ["output ended", "closed"] for name in done}


@requirement("lifecycle.failing-shutdown-closes-all-the-same")
def test_a_connection_is_closed_whatever_keeps_it_from_being_shut_down(host):
    done = host.call(hooks.shut_down_connections, STREAMS, "ValueError")

    assert {name: [call for call in calls if call == "closed"] for name, calls in done.items()} == {
        name: ["closed"] for name in done
    }


@requirement("lifecycle.request-may-be-anything")
@pytest.mark.parametrize("class_name", ["TCPServer", "UDPServer", "ThreadingTCPServer"])
def test_whatever_get_request_returns_goes_through_the_hooks(serve, class_name):
    server = serve(
        class_name,
        hooks.do_nothing,
        get_request=hooks.give_anything,
        verify_request=hooks.verify_noted,
        process_request=hooks.process_noted,
        finish_request=hooks.finish_noted,
        shutdown_request=hooks.shutdown_noted,
        close_request=hooks.close_noted,
        anything={"no": "socket"},
    )
    server.knock()

    server.comes("hook.noted", name="close_request")

    history = server.history()
    noted = [(event.details["name"], event.details["same"]) for event in history.of("hook.noted")]
    handled = [event.client for event in history.of("handler.exit")]
    assert {"noted": noted, "handled": handled} == {
        "noted": [(name, True) for name in hooks.HOOKS],
        "handled": ["anybody"],
    }


@requirement("lifecycle.base-hooks-do-nothing")
def test_hooks_of_the_base_server_return_nothing_and_need_nothing(host):
    seen = host.call(hooks.call_hooks_of_base_server)

    assert seen == {"values": [None] * 6, "closed": True}


@requirement("lifecycle.each-request-is-closed-once")
@each_server(SYNCHRONOUS)
def test_many_requests_are_each_handled_and_closed_once(host, server_class):
    calls = host.call(hooks.count_calls, server_class.name, MANY)

    assert calls == dict.fromkeys(("handler", *hooks.HOOKS), MANY)
