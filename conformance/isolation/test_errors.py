"""What becomes of errors when each request has a process of its own."""

import pytest

from conformance.isolation import behaviours
from conformance.isolation.arranging import (
    PATIENCE,
    children_end,
    take_in,
    wait_for_the_end_of_handlers,
    zombies_that_stay,
)
from conformance.servers import FORKING, FORKING_INET, FORKING_STREAM
from conformance.visitors import sees_the_end
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement


@requirement("isolation.errors-of-handlers-reach-handle-error")
@each_server(FORKING)
def test_handle_error_is_called_for_the_handler_that_failed(serve, server_class):
    server = serve(server_class, behaviours.fail, loop=False, probes=("handle_error",))

    clients = take_in(server)
    server.wait_for("handler.raise")
    server.comes("hook.enter", name="handle_error")

    told = [event.client for event in server.history().of("hook.enter", name="handle_error")]
    assert told == [client.name for client in clients]


@requirement("isolation.errors-are-handled-in-the-child")
@each_server(FORKING)
def test_handle_error_is_called_where_the_handler_failed(serve, server_class):
    server = serve(server_class, behaviours.fail, loop=False, probes=("handle_error",))

    take_in(server)
    server.wait_for("handler.raise")
    if not server.comes("hook.enter", name="handle_error"):
        raise Inconclusive("handle_error() was not called")

    history = server.history()
    failed = [event.pid for event in history.of("handler.raise")]
    assert [event.pid for event in history.of("hook.enter", name="handle_error")] == failed


@requirement("isolation.errors-of-children-are-reported")
@each_server(FORKING)
def test_the_error_report_of_a_child_reaches_standard_error(serve, host, server_class):
    server = serve(server_class, behaviours.fail, loop=False)
    host.call(behaviours.redirect_errors)

    take_in(server)
    server.wait_for("handler.raise")
    wait_for_the_end_of_handlers(host)
    expected = ["in fail", "ValueError: told to fail"]
    host.becomes(lambda: found_in_the_report(host, expected) == expected, "the report")

    assert found_in_the_report(host, expected) == expected


def found_in_the_report(host, words):
    """Return which of the *words* have been written to where standard error of *host* goes."""
    report = (host.folder / "errors").read_text()
    return [each for each in words if each in report]


@requirement("isolation.fork-failure-is-an-error-of-the-request")
@each_server(FORKING)
def test_handle_error_is_called_for_a_request_for_which_fork_fails(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("handle_error",))
    host.call(behaviours.let_the_next_fork_fail)

    clients = take_in(server, 2)
    server.comes("handler.exit", count=2)

    assert outcomes(server.history()) == sorted(client.name for client in clients)


@requirement("isolation.fork-failure-is-an-error-of-the-request")
@each_server(FORKING)
def test_the_loop_goes_on_after_a_fork_that_failed(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("handle_error",))
    host.call(behaviours.let_the_next_fork_fail)

    server.serve()
    clients = [server.knock()]
    server.comes("hook.exit", name="handle_error")
    clients.append(server.knock())
    server.comes("handler.exit", count=2)

    assert outcomes(server.history()) == sorted(client.name for client in clients)


def outcomes(history):
    """Return whose request was handled, or told to handle_error(), each so often; Inconclusive if no fork failed."""
    need_a_refusal(history)
    failed = [event.client for event in history.of("hook.enter", name="handle_error")]
    return sorted(failed + [event.client for event in history.of("handler.exit")])


def need_a_refusal(history):
    """Judge nothing if the candidate has not called the os.fork() that was to fail."""
    if not history.of("fork.refused"):
        raise Inconclusive("os.fork() was not called")


@requirement("isolation.fork-failure-is-an-error-of-the-request")
@each_server(FORKING_STREAM)
def test_the_client_for_whom_fork_failed_sees_the_end(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    host.call(behaviours.let_the_next_fork_fail)

    clients = take_in(server)
    seen = ["closed"] if sees_the_end(host, clients[0]) else []

    history = server.history()
    need_a_refusal(history)
    assert seen + ["handled" for _ in history.of("handler.enter")] in (["closed"], ["handled"])


@requirement("isolation.a-failing-error-report-ends-the-child-alone")
@each_server(FORKING)
def test_a_child_whose_handle_error_fails_ends_and_the_server_goes_on(serve, host, server_class):
    server = serve(server_class, behaviours.fail, loop=False, handle_error=behaviours.fail_in_handle_error)

    take_in(server)
    server.wait_for("handler.raise")
    ended = children_end(host)
    take_in(server)
    went_on = server.comes("handler.raise", count=2)

    assert (ended, server.history().of("child.returned"), went_on) == (True, [], True)


@requirement("isolation.a-failing-error-report-ends-the-child-alone")
@each_server(FORKING_STREAM)
def test_the_client_of_a_child_whose_handle_error_fails_sees_the_end(serve, host, server_class):
    server = serve(server_class, behaviours.fail, loop=False, handle_error=behaviours.fail_in_handle_error)

    clients = take_in(server)

    assert sees_the_end(host, clients[0])


@requirement("isolation.leaving-is-no-error")
@pytest.mark.parametrize("behaviour", [behaviours.interrupt, behaviours.leave], ids=["interrupt", "exit"])
@each_server(FORKING_INET)
def test_a_child_that_is_told_to_leave_is_no_error(serve, host, server_class, behaviour):
    server = serve(server_class, behaviour, loop=False, probes=("handle_error",))

    take_in(server)
    server.wait_for("handler.raise")
    ended = children_end(host)

    assert (ended, server.history().of("hook.enter", name="handle_error")) == (True, [])


@requirement("isolation.a-failing-close-in-the-parent-spares-the-child")
@each_server(FORKING_STREAM)
def test_a_parent_that_fails_to_close_its_copy_leaves_the_connection_to_the_child(serve, host, server_class):
    server = serve(
        server_class,
        behaviours.answer_later,
        loop=False,
        get_request=behaviours.take_in_what_the_parent_fails_to_close,
    )
    client = server.knock()
    server.start("handle_request").is_blocked(PATIENCE)
    server.wait_for("gate.wait")

    server.release()

    assert client.receive() == b"the answer"


@requirement("isolation.warnings-about-fork-do-no-harm")
@each_server(FORKING_INET)
def test_requests_are_handled_though_warnings_are_exceptions(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("handle_error",))
    host.call(behaviours.take_exceptions_for_warnings)

    server.serve()
    server.knock()
    server.knock()
    handled = server.comes("handler.exit", count=2)

    assert (handled, server.history().of("hook.enter", name="handle_error")) == (True, [])


@requirement("isolation.warnings-about-fork-do-no-harm")
@each_server(FORKING_INET)
def test_children_are_collected_though_warnings_are_exceptions(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    host.call(behaviours.take_exceptions_for_warnings)
    loop = server.serve()
    server.knock()
    server.wait_for("handler.exit")
    wait_for_the_end_of_handlers(host)

    server.call("shutdown")
    loop.wait()
    server.call("service_actions")

    assert zombies_that_stay(host) == []
