"""What becomes of errors when each request has a process of its own."""

from conformance.isolation import behaviours
from conformance.isolation.arranging import take_in, wait_for_the_end_of_children
from conformance.servers import FORKING, FORKING_STREAM
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
