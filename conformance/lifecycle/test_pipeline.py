"""The way of one request: hooks, errors, rejections."""

import pytest

from conformance.lifecycle.behaviours import pipeline
from conformance.lifecycle.calls import error_of
from conformance.servers import ALL, BOTH_TRANSPORTS, SYNCHRONOUS, SYNCHRONOUS_STREAM
from harness.checks.order import REQUEST_HOOKS, hooks_out_of_order
from harness.marks import each_server, requirement

PROBES = ("get_request", *REQUEST_HOOKS)
TO_HANDLER = ["get_request", "verify_request", "process_request", "finish_request", "handler"]
NO_EXCEPTIONS = ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException"]
CLOSING = ["shutdown_request", "close_request"]
WAYS = pytest.mark.parametrize("way", ["handle_request", "serve_forever"])


def take_in(server, way, count):
    """Have *count* requests, which wait already, taken in one way or the other, and see them closed."""
    for _ in range(count if way == "handle_request" else 0):
        server.call("handle_request")
    if way == "serve_forever":
        server.serve()
        server.comes("hook.exit", count=count, name="close_request")


@requirement("lifecycle.request-passes-the-hooks")
@each_server(SYNCHRONOUS)
def test_handle_request_takes_a_request_through_the_hooks(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, probes=PROBES)
    server.knock()

    server.call("handle_request")

    assert hooks_out_of_order(server.history(), TO_HANDLER + CLOSING) == []


@requirement("lifecycle.request-passes-the-hooks")
@each_server(BOTH_TRANSPORTS)
def test_serve_forever_takes_requests_through_the_hooks(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, probes=PROBES)
    server.knock()
    server.knock()

    server.wait_for("handler.exit", count=2)
    server.call("shutdown")

    assert hooks_out_of_order(server.history(), TO_HANDLER + CLOSING) == []


@requirement("lifecycle.failed-request-is-reported-and-closed")
@WAYS
@each_server(BOTH_TRANSPORTS)
def test_a_failed_request_is_reported_before_it_is_closed(serve, server_class, way):
    server = serve(server_class, pipeline.fail, loop=False, probes=PROBES, fails_with="ValueError")
    server.knock()
    server.knock()

    take_in(server, way, 2)

    assert hooks_out_of_order(server.history(), [*TO_HANDLER, "handle_error", *CLOSING]) == []


@requirement("lifecycle.rejected-request-is-closed")
@WAYS
@each_server(BOTH_TRANSPORTS)
def test_a_rejected_request_is_only_closed(serve, server_class, way):
    server = serve(
        server_class,
        pipeline.do_nothing,
        loop=False,
        probes=PROBES,
        verify_request=pipeline.give_verdict,
        verdict=False,
    )
    server.knock()

    take_in(server, way, 1)

    assert hooks_out_of_order(server.history(), ["get_request", "verify_request", *CLOSING]) == []


@requirement("lifecycle.rejected-request-is-closed")
@each_server(SYNCHRONOUS_STREAM)
def test_a_rejected_client_sees_the_end(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, verify_request=pipeline.give_verdict, verdict=False)
    client = server.connect()

    server.call("handle_request")

    assert (client.receive(), len(server.history().of("handler.enter"))) == (b"", 0)


@requirement("lifecycle.rejected-request-is-closed")
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


@requirement("lifecycle.exit-exceptions-leave-the-server")
@pytest.mark.parametrize(
    ("server_class", "error"), list(zip(SYNCHRONOUS, NO_EXCEPTIONS, strict=True)), ids=NO_EXCEPTIONS
)
@WAYS
def test_what_is_no_exception_leaves_the_server(serve, way, server_class, error):
    server = serve(server_class, pipeline.fail, loop=False, probes=PROBES, fails_with=error)
    server.knock()

    outcome = error_of(server.start(way))

    assert hooks_out_of_order(server.history(), TO_HANDLER + CLOSING) == []
    assert outcome == error


@requirement("lifecycle.exit-exceptions-leave-the-server")
@each_server(SYNCHRONOUS)
def test_after_an_exit_the_server_can_go_on(serve, server_class):
    server = serve(server_class, pipeline.fail_first, loop=False, fails_with="KeyboardInterrupt")

    outcomes = []
    for _ in range(2):
        server.knock()
        outcomes.append(error_of(server.start("handle_request")))

    assert outcomes == ["KeyboardInterrupt", None]


@requirement("lifecycle.error-report-goes-to-stderr")
@each_server(SYNCHRONOUS)
def test_a_mistake_is_printed_with_traceback_and_client(host, serve, server_class):
    server = serve(server_class, pipeline.fail, loop=False, fails_with="ValueError")
    client = server.knock()

    report, output = host.call(pipeline.handle_and_read_reports)

    expected = ["Traceback", "pipeline.py", "ValueError: a mistake in the handler", client.name]
    missing = [part for part in expected if part not in report]
    assert {"missing": missing, "on stdout": output} == {"missing": [], "on stdout": ""}


@requirement("lifecycle.error-report-is-written-at-once")
@each_server(SYNCHRONOUS)
def test_the_report_is_in_the_log_before_the_log_is_closed(host, serve, server_class):
    server = serve(server_class, pipeline.fail, loop=False, fails_with="ValueError")
    client = server.knock()

    log = host.call(pipeline.handle_and_read_log)

    assert [part for part in ("ValueError", client.name) if part not in log] == []


@requirement("lifecycle.handle-error-sees-the-exception")
@each_server(ALL)
def test_handle_error_sees_the_mistake_and_an_open_request(serve, server_class):
    server = serve(server_class, pipeline.fail, fails_with="ValueError", handle_error=pipeline.note_exception)
    server.knock()

    server.wait_for("error.seen")

    seen = [dict(event.details) for event in server.history().of("error.seen")]
    assert seen == [{"error": "ValueError", "open": True}]


@requirement("lifecycle.hooks-get-the-same-objects")
@each_server(ALL)
def test_the_handler_is_given_what_verify_request_was_given(serve, server_class):
    server = serve(server_class, pipeline.report_sameness, verify_request=pipeline.remember_arguments)
    client = server.knock()

    server.wait_for("arguments.compared")

    seen = [dict(event.details) for event in server.history().of("arguments.compared")]
    assert seen == [{"client": client.name, "request": True, "address": True}]


@requirement("lifecycle.handler-gets-three-arguments")
def test_a_plain_function_can_be_the_handler_class(host):
    seen = host.call(pipeline.call_plain_functions, [each.name for each in SYNCHRONOUS])

    assert seen == {name: {"arguments": 3, "options": [], "server last": True, "value": None} for name in seen}


@requirement("lifecycle.handler-class-is-looked-up-each-time")
def test_the_handler_class_can_be_changed_between_requests(host):
    handled = host.call(pipeline.change_handlers, [each.name for each in SYNCHRONOUS])

    assert handled == {name: ["first", "second"] for name in handled}
