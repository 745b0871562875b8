"""Exceptions in a request's thread that are nobody's business but the thread's."""

from conformance.locking import behaviours
from conformance.servers import THREADING, THREADING_INET
from conformance.visitors import visitor
from harness.checks.order import hooks_out_of_order
from harness.marks import each_server, requirement

HOOKS = ("finish_request", "handle_error", "shutdown_request", "close_request")


@requirement("locking.interrupt-ends-one-request")
@each_server(THREADING)
def test_what_is_no_exception_closes_the_request_without_handle_error(serve, server_class):
    server = serve(server_class, behaviours.interrupt_itself, probes=HOOKS)
    visitor(server, server_class)
    server.comes("hook.exit", name="close_request")

    expected = ("finish_request", "handler", "shutdown_request", "close_request")
    assert hooks_out_of_order(server.history(), expected) == []


@requirement("locking.interrupt-ends-one-request")
@each_server(THREADING_INET)
def test_the_server_goes_on_after_what_is_no_exception(serve, server_class):
    server = serve(server_class, behaviours.interrupt_itself)
    for number in range(2):
        visitor(server, server_class)
        server.comes("handler.raise", count=number + 1)

    assert len(server.history().of("handler.enter")) == 2


@requirement("locking.failing-handle-error-closes-the-request")
@each_server(THREADING)
def test_a_request_is_closed_although_handle_error_fails_in_its_thread(serve, server_class):
    server = serve(server_class, behaviours.fail, probes=HOOKS, handle_error=behaviours.report_in_vain)
    visitor(server, server_class)
    server.comes("hook.exit", name="close_request")

    expected = ("finish_request", "handler", "handle_error", "shutdown_request", "close_request")
    assert hooks_out_of_order(server.history(), expected) == []


@requirement("locking.excepthook-is-told")
@each_server(THREADING_INET)
def test_the_hook_for_threads_is_told_of_what_is_no_exception(serve, server_class):
    server = serve(server_class, behaviours.interrupt_itself)

    assert told_to_excepthook(server, server_class) == [("KeyboardInterrupt", True)]


@requirement("locking.excepthook-is-told")
@each_server(THREADING_INET)
def test_the_hook_for_threads_is_told_why_handle_error_failed(serve, server_class):
    server = serve(server_class, behaviours.fail, handle_error=behaviours.report_in_vain)

    assert told_to_excepthook(server, server_class) == [("LookupError", True)]


def told_to_excepthook(server, server_class):
    """Make a request; return each error that came to threading.excepthook, and whether in the handler's thread."""
    server.host.call(behaviours.listen_to_excepthook)
    visitor(server, server_class)
    server.comes("excepthook")
    history = server.history()
    places = {event.place for event in history.of("handler.enter")}
    return [(event.details["error"], event.place in places) for event in history.of("excepthook")]
