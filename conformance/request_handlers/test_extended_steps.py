"""setup() and finish() as handlers extend them, and what is left of a handler in the end."""

import pytest

from conformance.request_handlers.behaviours import extended_steps
from conformance.servers import DATAGRAM, IN_ONE_PROCESS, STREAM
from conformance.visitors import visitor
from harness.marks import each_server, requirement

BUFFERED_OR_NOT = pytest.mark.parametrize("wbufsize", [0, -1], ids=["unbuffered", "buffered"])


@requirement("request-handlers.setup-and-finish-may-be-extended")
@pytest.mark.parametrize("members", [{}, {"wbufsize": -1}], ids=["unbuffered", "buffered"])
def test_a_stream_handler_can_write_in_each_of_its_steps(host, members):
    assert host.call(extended_steps.extend_stream_handler, members) == (None, b"setup handle finish")


@requirement("request-handlers.setup-and-finish-may-be-extended")
def test_a_datagram_handler_can_write_in_each_of_its_steps(host):
    assert host.call(extended_steps.extend_datagram_handler) == (None, [b"setup handle finish"])


@requirement("request-handlers.finish-may-be-called-twice")
@BUFFERED_OR_NOT
def test_a_stream_handler_can_finish_itself_before_its_time(host, wbufsize):
    assert host.call(extended_steps.finish_twice, wbufsize) == (None, b"output")


@requirement("request-handlers.failed-setup-is-an-error-of-its-request")
@each_server(STREAM)
def test_a_connection_ends_without_a_reply_when_setup_fails(serve, server_class):
    server = serve_with_failing_setup(serve, server_class, "StreamRequestHandler")

    answers = [server.ask(data) for data in (b"fail\n", b"first line\nsecond line\n")]

    assert (answers, failed_and_finished(server)) == ([b"", b"done"], (1, 1))


@requirement("request-handlers.failed-setup-is-an-error-of-its-request")
@each_server(DATAGRAM)
def test_a_datagram_gets_no_reply_when_setup_fails(serve, server_class):
    server = serve_with_failing_setup(serve, server_class, "DatagramRequestHandler")
    client = server.datagrams()
    client.send(b"fail\n")
    server.comes("hook.exit", name="handle_error")

    answer = client.try_asking(b"a line\n")

    assert (answer, failed_and_finished(server)) == (b"done", (1, 1))


def serve_with_failing_setup(serve, server_class, handler):
    """Serve with a handler class derived from *handler*, whose setup() fails if the client says so."""
    server = serve(server_class, extended_steps.answer, handler=handler, loop=False, probes=("handle_error",))
    server.host.call(extended_steps.let_setup_fail_on_demand)
    server.serve()
    return server


def failed_and_finished(server):
    """Return how many requests were reported, and for how many handlers finish() was called."""
    history = server.history()
    return len(history.of("hook.enter", name="handle_error")), len(history.of("finish"))


@requirement("request-handlers.handlers-are-released")
@each_server(IN_ONE_PROCESS)
def test_no_handler_is_kept_when_its_request_is_over(serve, server_class):
    server = serve(server_class, extended_steps.answer_plainly)
    for _ in range(2):
        visitor(server, server_class).receive()

    if not server.comes("handler.gone", count=2):
        server.host.call(extended_steps.collect_garbage)
        server.comes("handler.gone", count=2)

    assert len(server.history().of("handler.gone")) == 2
