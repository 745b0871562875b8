"""The three steps of every request handler."""

import pytest

from conformance.request_handlers.behaviours import steps
from conformance.servers import IN_ONE_PROCESS
from harness.marks import each_server, requirement

OBJECTS = ("request", "client_address", "server")
ERRORS = pytest.mark.parametrize("error", ["ValueError", "KeyboardInterrupt", "SystemExit"])


@requirement("request-handlers.runs-setup-handle-finish")
def test_a_request_goes_through_the_three_steps_of_its_handler_in_order(host):
    assert host.call(steps.go_through, []) == (["setup", "handle", "finish"], [])


@requirement("request-handlers.knows-request-client-and-server")
@each_server(IN_ONE_PROCESS)
def test_the_handler_of_a_server_knows_what_the_server_has(serve, server_class):
    server = serve(
        server_class, steps.say_what_it_has, handler="BaseRequestHandler", get_request=steps.remember_what_was_got
    )

    visit(server, server_class)

    assert what_steps_have(server) == {"handle": dict.fromkeys(OBJECTS, True)}


@requirement("request-handlers.other-steps-know-request-client-and-server")
@each_server(IN_ONE_PROCESS)
def test_the_handler_knows_it_before_and_after_the_request_is_handled(serve, server_class):
    server = serve(
        server_class,
        steps.say_what_it_has,
        handler="BaseRequestHandler",
        loop=False,
        get_request=steps.remember_what_was_got,
    )
    server.host.call(steps.say_in_other_steps_too)
    server.serve()

    visit(server, server_class)
    server.comes("has", step="finish")

    assert what_steps_have(server) == dict.fromkeys(("setup", "handle", "finish"), dict.fromkeys(OBJECTS, True))


def what_steps_have(server):
    """Return for each step of the one handler which of the objects it had."""
    return {
        event.details["step"]: {name: event.details[name] for name in OBJECTS} for event in server.history().of("has")
    }


@requirement("request-handlers.default-steps-do-nothing")
def test_the_inherited_steps_return_nothing_and_change_nothing(host):
    assert host.call(steps.use_the_bare_class) == ([None, None, None], [], None)


@requirement("request-handlers.failed-setup-skips-the-rest")
@ERRORS
def test_after_a_failed_setup_nothing_is_finished(host, error):
    taken, _ = host.call(steps.go_through, ["setup"], error)

    assert (taken[:1], "finish" in taken) == (["setup"], False)


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
def test_a_handler_may_take_more_and_keep_it_before_the_inherited_init(host):
    assert host.call(steps.do_more_in_init, False) == (["its own"], None)


@requirement("request-handlers.own-init-may-take-more")
def test_a_handler_may_take_more_and_keep_it_after_the_inherited_init(host):
    found, error = host.call(steps.do_more_in_init, True)

    assert (len(found), error) == (1, None)


@requirement("request-handlers.new-instance-for-each-request")
@each_server(IN_ONE_PROCESS)
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
