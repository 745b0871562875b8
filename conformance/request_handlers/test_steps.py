"""The three steps of every request handler, tried without a server."""

import pytest

from conformance.request_handlers.behaviours import steps
from conformance.servers import ALL, SYNCHRONOUS, THREADING
from harness.marks import each_server, requirement

ERRORS = pytest.mark.parametrize("error", ["ValueError", "KeyboardInterrupt", "SystemExit"])


@requirement("request-handlers.runs-setup-handle-finish")
def test_creating_a_handler_runs_its_three_steps_in_order(host):
    assert host.call(steps.go_through, []) == (["setup", "handle", "finish"], [])


@requirement("request-handlers.knows-request-client-and-server")
def test_every_step_sees_the_objects_that_the_handler_was_created_with(host):
    everything = ["client_address", "request", "server"]

    seen = host.call(steps.see_in_steps)

    assert seen == {"setup": everything, "handle": everything, "finish": everything}


@requirement("request-handlers.knows-request-client-and-server")
@each_server(ALL)
def test_the_handler_of_a_server_knows_that_server(serve, server_class):
    server = serve(server_class, steps.say_what_it_has, handler="BaseRequestHandler")

    visit(server, server_class)

    assert [event.details["server"] for event in server.history().of("has")] == [True]


@requirement("request-handlers.default-steps-do-nothing")
def test_a_bare_handler_returns_nothing_and_touches_nothing(host):
    assert host.call(steps.use_the_bare_class) == ([None, None, None], [])


@requirement("request-handlers.failed-setup-skips-the-rest")
@ERRORS
def test_after_a_failed_setup_nothing_else_runs(host, error):
    assert host.call(steps.go_through, ["setup"], error) == (["setup"], [(error, "setup")])


@requirement("request-handlers.failed-handle-is-finished")
@ERRORS
def test_after_a_failed_handle_finish_runs_and_the_exception_goes_on(host, error):
    taken, raised = host.call(steps.go_through, ["handle"], error)

    assert (taken[-2:], raised) == (["handle", "finish"], [(error, "handle")])


@requirement("request-handlers.failed-finish-tells-the-cause")
@pytest.mark.parametrize("failing", [["finish"], ["finish", "handle"]], ids=" and ".join)
def test_the_exception_of_finish_goes_on_with_that_of_handle_as_context(host, failing):
    _, raised = host.call(steps.go_through, failing)

    assert raised == [("ValueError", step) for step in failing]


@requirement("request-handlers.own-init-may-take-more")
def test_a_handler_with_an_init_of_its_own_is_ready_before_handle(host):
    assert host.call(steps.create_with_own_init) == ["here"]


@requirement("request-handlers.new-instance-for-each-request")
@each_server(SYNCHRONOUS + THREADING)
def test_what_a_handler_keeps_on_itself_is_not_there_for_the_next(serve, server_class):
    server = serve(server_class, steps.remember_on_itself)

    for _ in range(3):
        visit(server, server_class)

    assert [event.details["times"] for event in server.history().of("remembered")] == [0, 0, 0]


def visit(server, server_class):
    """Ask once, and see the answer."""
    if server_class.transport == "stream":
        assert server.ask(b"ask") == b"done"
    else:
        with server.datagrams() as client:
            assert client.ask(b"ask") == b"done"
