"""What hooks are given, when, and how often."""

import pytest

from conformance.lifecycle.behaviours import hooks
from conformance.servers import CONCURRENT, INET, INET_STREAM_IN_ONE_PROCESS, STREAM, SYNCHRONOUS, THREADING
from conformance.visitors import visitor
from harness.marks import each_server, requirement

STREAMS = [each.name for each in STREAM]
MANY = 300


@requirement("lifecycle.verdict-comes-before-thread-or-child")
@each_server(CONCURRENT)
def test_a_request_is_verified_once_and_then_processed(serve, server_class):
    server = serve(server_class, hooks.do_nothing, probes=("verify_request", "process_request"))
    client = visitor(server, server_class)
    server.comes("handler.exit")
    server.settle()

    seen = [
        (event.kind, event.details["name"]) for event in server.history().of("hook.*") if event.client == client.name
    ]
    assert seen[:3] == [
        ("hook.enter", "verify_request"),
        ("hook.exit", "verify_request"),
        ("hook.enter", "process_request"),
    ]
    assert [step for step in seen if step == ("hook.enter", "verify_request")] == seen[:1]


@requirement("lifecycle.shutdown-request-ends-the-output-first")
@pytest.mark.parametrize("error", [None, "OSError"], ids=["works", "fails"])
def test_the_output_is_ended_and_the_connection_closed(host, error):
    done = host.call(hooks.shut_down_connections, STREAMS, error)

    assert done == {name: ["output ended", "closed"] for name in done}


@requirement("lifecycle.failing-shutdown-closes-all-the-same")
@each_server(INET_STREAM_IN_ONE_PROCESS)
def test_a_connection_is_closed_whatever_keeps_it_from_being_shut_down(serve, server_class):
    server = serve(server_class, hooks.do_nothing, get_request=hooks.get_what_cannot_be_shut_down)
    client = server.connect()

    assert {"told": client.try_reading_all()} == {"told": b""}


@requirement("lifecycle.request-may-be-anything")
@pytest.mark.parametrize("class_name", ["TCPServer", "UDPServer", "ThreadingTCPServer"])
def test_whatever_get_request_returns_goes_through_the_hooks(serve, class_name):
    server = serve(
        class_name,
        hooks.compare_in_handler,
        get_request=hooks.give_anything,
        verify_request=hooks.verify_noted,
        process_request=hooks.process_noted,
        finish_request=hooks.finish_noted,
    )
    server.knock()

    server.comes("request.seen", by="handler")

    seen = [(event.details["by"], event.details["same"]) for event in server.history().of("request.seen")]
    assert seen == [(name, True) for name in (*hooks.HOOKS, "handler")]


@requirement("lifecycle.base-hooks-do-nothing")
def test_hooks_of_the_base_server_return_nothing_and_need_nothing(host):
    seen = host.call(hooks.call_hooks_of_base_server)

    assert seen == {"values": [None] * 6, "closed": True}


@requirement("lifecycle.each-request-is-closed-once")
@each_server(SYNCHRONOUS)
def test_many_requests_each_pass_every_hook_once_and_are_closed(host, server_class):
    counts = host.call(hooks.count_calls, server_class.name, MANY)

    assert counts == {**dict.fromkeys((*hooks.HOOKS, "handler"), MANY), "left open": 0}


@requirement("lifecycle.closing-can-be-overridden")
@each_server([each for each in INET if each in SYNCHRONOUS + THREADING])
def test_each_request_is_closed_by_the_methods_that_programs_override(serve, server_class):
    fates = ["polite", "failing", "refused", "polite"]
    server = serve(
        server_class,
        hooks.meet_fate,
        loop=False,
        verify_request=hooks.tell_fate,
        handle_error=hooks.keep_silent,
        fates=fates,
        probes=("shutdown_request", "close_request"),
    )
    for number in range(len(fates)):
        visitor(server, server_class)
        server.call("handle_request")
        server.comes("hook.exit", count=number + 1, name="shutdown_request")
    server.settle()

    called = [event.details["name"] for event in server.history().of("hook.enter")]
    assert called == ["shutdown_request", "close_request"] * len(fates)
