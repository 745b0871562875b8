"""Exceptions in a request's thread that are nobody's business but the thread's."""

from conformance.locking import behaviours
from conformance.servers import THREADING_INET, THREADING_STREAM
from conformance.visitors import sees_the_end, visitor
from harness.marks import each_server, requirement


@requirement("locking.interrupt-ends-one-request")
@each_server(THREADING_STREAM)
def test_a_request_whose_handler_is_interrupted_is_closed(serve, host, server_class):
    server = serve(server_class, behaviours.interrupt_itself)
    client = visitor(server, server_class)

    assert sees_the_end(host, client)


@requirement("locking.interrupt-ends-one-request")
@each_server(THREADING_INET)
def test_the_server_goes_on_after_what_is_no_exception(serve, server_class):
    server = serve(server_class, behaviours.interrupt_itself)
    for number in range(2):
        visitor(server, server_class)
        server.comes("handler.raise", count=number + 1)

    assert len(server.history().of("handler.enter")) == 2


@requirement("locking.failing-handle-error-closes-the-request")
@each_server(THREADING_STREAM)
def test_a_request_is_closed_although_handle_error_fails_in_its_thread(serve, host, server_class):
    server = serve(server_class, behaviours.fail, handle_error=behaviours.fail_to_report)
    client = visitor(server, server_class)

    assert sees_the_end(host, client)


@requirement("locking.excepthook-is-told")
@each_server(THREADING_INET)
def test_the_hook_for_threads_is_told_of_what_is_no_exception(serve, server_class):
    server = serve(server_class, behaviours.interrupt_itself)

    assert told_to_excepthook(server, server_class) == [("KeyboardInterrupt", True)]


@requirement("locking.excepthook-is-told")
@each_server(THREADING_INET)
def test_the_hook_for_threads_is_told_why_handle_error_failed(serve, server_class):
    server = serve(server_class, behaviours.fail, handle_error=behaviours.fail_to_report)

    assert told_to_excepthook(server, server_class) == [("LookupError", True)]


def told_to_excepthook(server, server_class):
    """Make a request; return each error that came to threading.excepthook, and whether in the handler's thread."""
    server.host.call(behaviours.listen_to_excepthook)
    visitor(server, server_class)
    server.comes("excepthook")
    history = server.history()
    places = {event.place for event in history.of("handler.enter")}
    return [(event.details["error"], event.place in places) for event in history.of("excepthook")]
