"""Handlers that raise, and threads that cannot be started."""

import pytest

from conformance.locking import behaviours
from conformance.locking.arranging import TURN, handle_one, need_a_refusal, wait_for_a_turn
from conformance.servers import THREADING, THREADING_INET, THREADING_STREAM
from conformance.visitors import sees_the_end, visitor
from harness.marks import each_server, requirement
from harness.outcomes import Unsupported

HANDLED = ("handle_error",)


@requirement("locking.failed-request-is-closed")
@each_server(THREADING)
def test_an_exception_is_reported(serve, server_class):
    server = serve(server_class, behaviours.fail, probes=HANDLED)
    client = visitor(server, server_class)
    server.comes("hook.exit", name="handle_error")

    assert clients_with_errors(server.history()) == [client.name]


@requirement("locking.failed-request-is-closed")
@each_server(THREADING_STREAM)
def test_a_request_that_failed_is_closed(serve, host, server_class):
    server = serve(server_class, behaviours.fail)
    client = visitor(server, server_class)

    assert sees_the_end(host, client)


@requirement("locking.failed-request-is-closed")
@each_server(THREADING)
def test_other_requests_outlive_one_that_fails(serve, server_class):
    server = serve(server_class, behaviours.fail_or_hold, probes=HANDLED)
    steady = visitor(server, server_class, b"steady\n")
    server.wait_for("gate.wait")
    visitor(server, server_class, b"fail\n")
    server.comes("hook.exit", name="handle_error")
    server.release()
    server.comes("handler.exit")

    ended = [event.client for event in server.history().of("handler.exit")]
    assert ended == [steady.name]


@requirement("locking.leaving-is-no-error")
@pytest.mark.parametrize("behaviour", [behaviours.interrupt_itself, behaviours.leave], ids=["interrupt", "exit"])
@each_server(THREADING_INET)
def test_what_is_no_exception_is_not_reported(serve, server_class, behaviour):
    server = serve(server_class, behaviour, probes=HANDLED)
    visitor(server, server_class)
    server.wait_for("handler.raise")
    server.comes("hook.enter", name="handle_error")

    assert clients_with_errors(server.history()) == []


@requirement("locking.system-exit-ends-one-request")
@each_server(THREADING_STREAM)
def test_system_exit_closes_the_request(serve, host, server_class):
    server = serve(server_class, behaviours.leave)
    client = visitor(server, server_class)

    assert sees_the_end(host, client)


@requirement("locking.system-exit-ends-one-request")
@each_server(THREADING)
def test_the_server_goes_on_after_system_exit(serve, server_class):
    server = serve(server_class, behaviours.leave)
    for number in range(2):
        visitor(server, server_class)
        server.comes("handler.raise", count=number + 1)

    assert len(server.history().of("handler.enter")) == 2


@requirement("locking.unstartable-thread-is-reported")
@each_server(THREADING)
def test_a_request_without_a_thread_is_reported(serve, server_class):
    server = serve(server_class, behaviours.pass_by, probes=(*HANDLED, *TURN))
    wait_for_a_turn(server)
    server.host.call(behaviours.refuse_one_start)
    client = visitor(server, server_class)
    server.comes("hook.exit", name="handle_error")

    history = server.history()
    need_a_refusal(history)
    assert outcomes(history) == [client.name]


def outcomes(history):
    """Return whose request was handled, or told to handle_error(), each so often."""
    return sorted(clients_with_errors(history) + [event.client for event in history.of("handler.exit")])


@requirement("locking.unstartable-thread-is-reported")
@each_server(THREADING_STREAM)
def test_the_client_of_a_request_without_a_thread_sees_the_end(serve, host, server_class):
    server = serve(server_class, behaviours.hold, probes=TURN)
    wait_for_a_turn(server)
    server.host.call(behaviours.refuse_one_start)
    client = server.connect()
    seen = ["closed"] if sees_the_end(host, client) else []

    history = server.history()
    need_a_refusal(history)
    assert seen + ["handled" for _ in history.of("handler.enter")] in (["closed"], ["handled"])


@requirement("locking.unstartable-thread-is-reported")
@each_server(THREADING_INET)
def test_a_request_whose_thread_finds_no_room_is_reported(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=HANDLED)
    client = visitor(server, server_class)
    if not server.host.call(behaviours.handle_one_without_room):
        raise Unsupported("threads cannot be asked to have a stack that finds no room")

    assert outcomes(server.history()) == [client.name]


def clients_with_errors(history):
    """Return whose requests handle_error() was told of."""
    return [event.client for event in history.of("hook.enter", name="handle_error")]


@requirement("locking.unstartable-thread-ends-no-loop")
@each_server(THREADING)
def test_the_request_after_one_without_a_thread_is_handled(serve, server_class):
    server = serve(server_class, behaviours.pass_by, probes=(*HANDLED, *TURN))
    wait_for_a_turn(server)
    server.host.call(behaviours.refuse_one_start)
    visitor(server, server_class)
    server.comes("hook.exit", name="handle_error")
    need_a_refusal(server.history())
    later = visitor(server, server_class)
    server.comes("handler.exit", client=later.name)

    handled = [event.client for event in server.history().of("handler.exit", client=later.name)]
    assert handled == [later.name]


@requirement("locking.close-after-an-unstartable-thread")
@each_server(THREADING)
def test_server_close_returns_after_a_request_without_a_thread(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    visitor(server, server_class)
    server.host.call(behaviours.refuse_one_start)
    handle_one(server)
    need_a_refusal(server.history())

    assert server.call("server_close") is None
