"""What becomes of errors when each request has a process of its own."""

import pytest

from conformance.isolation import behaviours
from conformance.isolation.arranging import take_in, wait_for_the_end_of_children, was_closed, zombies
from conformance.servers import FORKING, FORKING_INET, FORKING_STREAM
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement


@requirement("isolation.errors-are-handled-in-the-child")
@each_server(FORKING)
def test_handle_error_is_called_where_the_handler_failed(serve, host, server_class):
    server = serve(server_class, behaviours.fail, loop=False, probes=("handle_error",))

    take_in(server)
    server.wait_for("handler.raise")
    wait_for_the_end_of_children(host)

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
    wait_for_the_end_of_children(host)

    report = (host.folder / "errors").read_text().splitlines()
    assert [line for line in report if line.startswith("ValueError")] == ["ValueError: told to fail"]


@requirement("isolation.fork-failure-is-an-error-of-the-request")
@each_server(FORKING_STREAM)
def test_a_request_for_which_fork_fails_is_reported_and_closed(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("handle_error", "shutdown_request"))
    host.call(behaviours.let_the_next_fork_fail)

    take_in(server, 2)
    server.wait_for("handler.exit")
    wait_for_the_end_of_children(host)

    history = server.history()
    if len(history.of("handler.enter")) != 1:
        raise Inconclusive("the server did not fork")
    in_the_parent = [event for event in history.of("hook.enter") if event.pid == host.pid]
    assert [event.details["name"] for event in in_the_parent] == ["handle_error", "shutdown_request"]


@requirement("isolation.fork-failure-is-an-error-of-the-request")
@each_server(FORKING)
def test_the_loop_goes_on_after_a_fork_that_failed(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("handle_error", "shutdown_request"))
    host.call(behaviours.let_the_next_fork_fail)

    server.serve()
    server.knock()
    server.knock()
    handled = server.comes("handler.exit")

    in_the_parent = [event for event in server.history().of("hook.enter") if event.pid == host.pid]
    hooks = [event.details["name"] for event in in_the_parent]
    assert (handled, hooks) == (True, ["handle_error", "shutdown_request"])


@requirement("isolation.fork-failure-is-an-error-of-the-request")
@each_server(FORKING_STREAM)
def test_the_client_for_whom_fork_failed_sees_the_end(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    host.call(behaviours.let_the_next_fork_fail)
    client = server.knock()

    server.call("handle_request")

    assert was_closed(client)


@requirement("isolation.a-failing-error-report-ends-the-child-alone")
@each_server(FORKING)
def test_a_child_whose_handle_error_fails_ends_with_a_failure(serve, host, server_class):
    server = serve(
        server_class,
        behaviours.fail,
        loop=False,
        probes=("shutdown_request",),
        handle_error=behaviours.fail_in_handle_error,
    )

    take_in(server)
    status = host.call(behaviours.take_a_child)

    history = server.history()
    [failed] = history.of("handler.raise")
    closed = [event.pid for event in history.of("hook.enter", name="shutdown_request")]
    assert (status, closed, history.of("child.returned")) == (1, [failed.pid], [])


@requirement("isolation.leaving-is-no-error")
@pytest.mark.parametrize("behaviour", [behaviours.interrupt, behaviours.leave], ids=["interrupt", "exit"])
@each_server(FORKING_INET)
def test_a_child_that_is_told_to_leave_reports_nothing(serve, host, server_class, behaviour):
    server = serve(server_class, behaviour, loop=False, probes=("handle_error",))
    host.call(behaviours.redirect_errors)

    take_in(server)
    server.wait_for("handler.raise")
    wait_for_the_end_of_children(host)

    report = (host.folder / "errors").read_text()
    assert (server.history().of("hook.enter", name="handle_error"), report) == ([], "")


@requirement("isolation.a-failing-close-in-the-parent-spares-the-child")
@each_server(FORKING_STREAM)
def test_a_parent_that_fails_to_close_its_copy_leaves_the_connection_to_the_child(serve, server_class):
    server = serve(
        server_class,
        behaviours.answer_later,
        loop=False,
        close_request=behaviours.fail_to_close_in_the_parent,
        has_failed=False,
        probes=("handle_error",),
    )
    client = server.knock()
    server.call("handle_request")
    server.wait_for("gate.wait")

    server.release()

    reported = [event.pid == server.host.pid for event in server.history().of("hook.enter", name="handle_error")]
    assert (client.receive(), reported) == (b"the answer", [True])


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
    wait_for_the_end_of_children(host)

    server.call("shutdown")
    loop.wait()
    server.call("service_actions")

    assert zombies(host) == []
