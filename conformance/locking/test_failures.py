"""Handlers that raise, and threads that cannot be started."""

from conformance.locking import behaviours
from conformance.servers import THREADING, THREADING_INET, THREADING_STREAM
from conformance.visitors import visitor
from harness.checks.order import hooks_out_of_order
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement
from harness.outcomes import Unsupported

HOOKS = ("finish_request", "handle_error", "shutdown_request", "close_request")


@requirement("locking.failed-request-is-closed")
@each_server(THREADING)
def test_an_exception_is_reported_and_the_request_closed(serve, server_class):
    server = serve(server_class, behaviours.fail, probes=HOOKS)
    visitor(server, server_class)
    server.comes("hook.exit", name="close_request")

    expected = ("finish_request", "handler", "handle_error", "shutdown_request", "close_request")
    assert hooks_out_of_order(server.history(), expected) == []


@requirement("locking.failed-request-is-closed")
@each_server(THREADING)
def test_other_requests_outlive_one_that_fails(serve, server_class):
    server = serve(server_class, behaviours.fail_or_hold, probes=HOOKS)
    steady = visitor(server, server_class, b"steady\n")
    server.wait_for("gate.wait")
    visitor(server, server_class, b"fail\n")
    server.comes("hook.exit", name="close_request")
    server.release()
    server.comes("handler.exit")

    ended = [event.client for event in server.history().of("handler.exit")]
    assert ended == [steady.name]


@requirement("locking.system-exit-ends-one-request")
@each_server(THREADING)
def test_system_exit_closes_the_request_without_a_word(serve, server_class):
    server = serve(server_class, behaviours.leave, probes=HOOKS, seen=[])
    visitor(server, server_class)
    server.comes("hook.exit", name="close_request")
    server.host.call(behaviours.join_threads)

    expected = ("finish_request", "handler", "shutdown_request", "close_request")
    assert hooks_out_of_order(server.history(), expected) == []
    assert server.host.complaints() == ""


@requirement("locking.system-exit-ends-one-request")
@each_server(THREADING)
def test_the_server_goes_on_after_system_exit(serve, server_class):
    server = serve(server_class, behaviours.leave, seen=[])
    for number in range(2):
        visitor(server, server_class)
        server.comes("handler.raise", count=number + 1)

    assert len(server.history().of("handler.enter")) == 2


@requirement("locking.unstartable-thread-is-reported")
@each_server(THREADING)
def test_a_request_without_a_thread_is_reported_and_closed(serve, server_class):
    server = serve(server_class, behaviours.pass_by, probes=("handle_error", "shutdown_request"))
    server.host.call(behaviours.refuse_one_start)
    visitor(server, server_class)
    server.comes("hook.exit", name="shutdown_request")

    history = server.history()
    no_thread_was_started(history)
    assert [event.details["name"] for event in history.of("hook.enter")] == ["handle_error", "shutdown_request"]


@requirement("locking.unstartable-thread-is-reported")
@each_server(THREADING_STREAM)
def test_the_client_of_a_request_without_a_thread_sees_the_end(serve, server_class):
    server = serve(server_class, behaviours.pass_by, probes=("close_request",))
    server.host.call(behaviours.refuse_one_start)
    client = server.connect()
    server.comes("hook.exit", name="close_request")

    closed = len(server.history().of("hook.exit"))
    assert (closed, client.read_all() if closed else None) == (1, b"")
    no_thread_was_started(server.history())


@requirement("locking.unstartable-thread-is-reported")
@each_server(THREADING_INET)
def test_a_request_whose_thread_finds_no_room_is_reported_and_closed(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("handle_error", "shutdown_request"))
    visitor(server, server_class)
    if not server.host.call(behaviours.handle_one_without_room):
        raise Unsupported("threads cannot be asked to have a stack that finds no room")

    history = server.history()
    no_thread_was_started(history)
    assert [event.details["name"] for event in history.of("hook.exit")] == ["handle_error", "shutdown_request"]


@requirement("locking.unstartable-thread-ends-no-loop")
@each_server(THREADING)
def test_the_request_after_one_without_a_thread_is_handled(serve, server_class):
    server = serve(server_class, behaviours.pass_by, probes=("shutdown_request",))
    server.host.call(behaviours.refuse_one_start)
    visitor(server, server_class)
    server.comes("hook.exit")
    no_thread_was_started(server.history())
    later = visitor(server, server_class)
    server.comes("handler.exit")

    handled = [event.client for event in server.history().of("handler.exit")]
    assert handled == [later.name]


@requirement("locking.close-after-an-unstartable-thread")
@each_server(THREADING)
def test_server_close_returns_after_a_request_without_a_thread(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    visitor(server, server_class)
    server.host.call(behaviours.refuse_one_start)
    server.start("handle_request", thread=False).wait()
    no_thread_was_started(server.history())

    assert server.call("server_close") is None


def no_thread_was_started(history):
    """Judge nothing if the candidate has other ways to start a thread."""
    if history.of("handler.enter"):
        raise Inconclusive("the request got a thread although threading.Thread.start() failed")
