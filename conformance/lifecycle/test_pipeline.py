"""The way of one request: hooks, errors, rejections."""

import pytest

from conformance.lifecycle.behaviours import pipeline
from conformance.lifecycle.calls import end_of
from conformance.servers import ALL, BOTH_TRANSPORTS, IN_ONE_PROCESS, STREAM, SYNCHRONOUS, SYNCHRONOUS_STREAM
from conformance.visitors import visitor
from harness.checks.order import hooks_out_of_order
from harness.marks import each_server, requirement

TO_HANDLER = ["get_request", "verify_request", "process_request", "finish_request", "handler"]
PROBES = ("get_request", "verify_request", "process_request", "finish_request", "handle_error")
NO_EXCEPTIONS = ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException"]
EACH_NO_EXCEPTION = pytest.mark.parametrize(
    ("server_class", "error"), list(zip(SYNCHRONOUS, NO_EXCEPTIONS, strict=True)), ids=NO_EXCEPTIONS
)
WAYS = pytest.mark.parametrize("way", ["handle_request", "serve_forever"])


def take_in(server, way, count=1):
    """Have *count* requests, which wait already, taken in one way or the other, and see all that comes of it."""
    for _ in range(count if way == "handle_request" else 1):
        server.start(way)
        server.settle()


@requirement("lifecycle.request-passes-the-hooks")
@each_server(SYNCHRONOUS)
def test_handle_request_takes_a_request_through_the_hooks(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, probes=PROBES)
    server.knock()

    server.call("handle_request")

    assert hooks_out_of_order(server.history(), TO_HANDLER) == []


@requirement("lifecycle.request-passes-the-hooks")
@each_server(BOTH_TRANSPORTS)
def test_serve_forever_takes_requests_through_the_hooks(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, probes=PROBES)
    server.knock()
    server.knock()

    server.settle()

    assert hooks_out_of_order(server.history(), TO_HANDLER) == []


@requirement("lifecycle.failed-request-is-reported")
@WAYS
@each_server(BOTH_TRANSPORTS)
def test_a_failed_request_is_reported_and_the_next_one_handled(serve, server_class, way):
    server = serve(server_class, pipeline.fail, loop=False, probes=PROBES, fails_with="ValueError")
    server.knock()
    server.knock()

    take_in(server, way, 2)

    handled = len(server.history().of("handler.raise"))
    assert hooks_out_of_order(server.history(), [*TO_HANDLER, "handle_error"]) == []
    assert handled == 2


@requirement("lifecycle.failed-request-is-reported-and-closed")
@WAYS
@each_server(SYNCHRONOUS_STREAM)
def test_a_client_can_be_told_of_an_error_and_then_sees_the_end(serve, server_class, way):
    server = serve(
        server_class, pipeline.fail, loop=False, fails_with="ValueError", handle_error=pipeline.tell_of_an_error
    )
    client = server.connect()

    take_in(server, way)

    assert {"told": client.try_reading_all()} == {"told": b"an error"}


@requirement("lifecycle.exits-close-the-request")
@WAYS
@each_server(SYNCHRONOUS_STREAM)
def test_a_client_sees_the_end_when_its_handler_has_left(serve, server_class, way):
    server = serve(server_class, pipeline.fail, loop=False, fails_with="SystemExit")
    client = server.connect()

    take_in(server, way)

    assert {"told": client.try_reading_all()} == {"told": b""}


@requirement("lifecycle.rejected-request-is-closed")
@each_server(STREAM)
def test_a_client_whom_the_loop_rejects_sees_the_end(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, verify_request=pipeline.give_verdict, verdict=False)
    client = server.connect()

    assert fate_of(client, server) == {"told": b"", "handlers": 0}


@requirement("lifecycle.rejected-request-is-closed")
@each_server(SYNCHRONOUS_STREAM)
def test_a_client_whom_a_call_rejects_sees_the_end(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, verify_request=pipeline.give_verdict, verdict=False)
    client = server.connect()

    server.start("handle_request")

    assert fate_of(client, server) == {"told": b"", "handlers": 0}


def fate_of(client, server):
    """Return what a rejected client reads before the end, and how many handlers there were."""
    told = client.try_reading_all()
    return {"told": told, "handlers": len(server.history().of("handler.enter"))}


@requirement("lifecycle.any-value-is-a-verdict")
def test_any_value_is_a_verdict(serve):
    server = serve("TCPServer", pipeline.do_nothing, loop=False, verify_request=pipeline.give_verdict)

    accepted = []
    for verdict in (None, 0, "", [], 1, "yes", [0]):
        server.set("verdict", verdict)
        client = server.knock()
        server.call("handle_request")
        if server.history().of("handler.enter", client=client.name):
            accepted.append(verdict)

    assert accepted == [1, "yes", [0]]


@requirement("lifecycle.exit-exceptions-are-no-errors")
@EACH_NO_EXCEPTION
@WAYS
def test_what_is_no_exception_is_not_reported(serve, way, server_class, error):
    server = serve(server_class, pipeline.fail, loop=False, probes=("handle_error",), fails_with=error)
    server.knock()

    take_in(server, way)

    history = server.history()
    seen = {"handlers": len(history.of("handler.raise")), "errors": len(history.of("hook.enter"))}
    assert seen == {"handlers": 1, "errors": 0}


@requirement("lifecycle.exit-exceptions-leave-the-server")
@EACH_NO_EXCEPTION
@WAYS
def test_what_is_no_exception_leaves_the_server(serve, way, server_class, error):
    server = serve(server_class, pipeline.fail, loop=False, fails_with=error)
    server.knock()

    assert end_of(server.start(way)) == error


@requirement("lifecycle.error-report-goes-to-stderr")
@each_server(SYNCHRONOUS)
def test_a_mistake_is_printed_with_its_traceback(host, serve, server_class):
    server = serve(server_class, pipeline.fail, loop=False, fails_with="ValueError")
    server.knock()

    report, _ = host.call(pipeline.handle_and_read_reports)

    parts = ["Traceback", "pipeline.py", "ValueError: a mistake in the handler"]
    assert [part for part in parts if part in report] == parts


@requirement("lifecycle.errors-leave-stdout-alone")
@each_server(SYNCHRONOUS)
def test_nothing_of_a_mistake_is_printed_to_stdout(host, serve, server_class):
    server = serve(server_class, pipeline.fail, loop=False, fails_with="ValueError")
    server.knock()

    _, output = host.call(pipeline.handle_and_read_reports)

    assert output == ""


@requirement("lifecycle.error-report-is-written-at-once")
@each_server(SYNCHRONOUS)
def test_the_report_is_in_the_log_before_the_log_is_closed(host, serve, server_class):
    server = serve(server_class, pipeline.fail, loop=False, fails_with="ValueError")
    server.knock()

    log = host.call(pipeline.handle_and_read_log)

    assert {"in the log": "ValueError" in log} == {"in the log": True}


@requirement("lifecycle.handle-error-sees-the-exception")
@each_server(ALL)
def test_handle_error_sees_the_mistake_and_an_open_request(serve, server_class):
    server = serve(server_class, pipeline.fail, fails_with="ValueError", handle_error=pipeline.note_exception)
    server.knock()

    server.comes("error.seen")

    seen = [dict(event.details) for event in server.history().of("error.seen")]
    assert seen == [{"error": "ValueError", "open": True}]


@requirement("lifecycle.hooks-get-the-same-objects")
@each_server(IN_ONE_PROCESS)
def test_hook_and_handler_are_given_what_get_request_returned(serve, server_class):
    server = serve(
        server_class,
        pipeline.compare_arguments,
        get_request=pipeline.remember_request,
        verify_request=pipeline.compare_in_verify_request,
    )
    visitor(server, server_class)

    server.comes("arguments.compared", count=2)

    seen = [dict(event.details) for event in server.history().of("arguments.compared")]
    assert seen == [{"by": name, "request": True, "address": True} for name in ("verify_request", "handler")]


@requirement("lifecycle.handler-gets-three-arguments")
def test_a_plain_function_can_be_the_handler_class(host):
    seen = host.call(pipeline.call_plain_functions, [each.name for each in SYNCHRONOUS])

    assert seen == {name: [{"arguments": 3, "options": [], "server last": True}] for name in seen}


@requirement("lifecycle.handler-class-is-looked-up-each-time")
def test_the_handler_class_can_be_changed_between_requests(host):
    handled = host.call(pipeline.change_handlers, [each.name for each in SYNCHRONOUS])

    assert handled == {name: ["first", "second"] for name in handled}
