"""What becomes of mistakes in hooks, and of error reports."""

import pytest

from conformance.lifecycle.behaviours import mistakes, pipeline
from conformance.lifecycle.calls import end_of, error_of, needs
from conformance.servers import (
    BOTH_TRANSPORTS,
    CONCURRENT_INET_STREAM,
    IN_ONE_PROCESS,
    INET,
    SYNCHRONOUS,
    SYNCHRONOUS_INET,
    SYNCHRONOUS_STREAM,
)
from harness.checks.order import hooks_out_of_order
from harness.marks import each_server, requirement

PROBES = ("get_request", "verify_request", "process_request", "finish_request", "handle_error")
TO_HANDLER = ["get_request", "verify_request", "process_request", "finish_request", "handler"]
ONE_OF_A_KIND = SYNCHRONOUS_INET + CONCURRENT_INET_STREAM
STREAM_OF_A_KIND = tuple(each for each in ONE_OF_A_KIND if each.transport == "stream")
RULE = "-" * 40
LONG = 30.0  # seconds between two polls of a loop that is not to wake up by itself during the test
SHORT = 0.02  # seconds
WAYS = pytest.mark.parametrize("way", ["handle_request", "serve_forever"])


def serve_one(server, way):
    """Let the server take in one request, one way or the other; return the name of what that raises."""
    return end_of(server.start(way, *([LONG] if way == "serve_forever" else [])))


# -- get_request() -----------------------------------------------------------------------------------------------------


@requirement("lifecycle.failed-get-request-is-passed-over")
@each_server(ONE_OF_A_KIND)
def test_errors_of_accept_do_not_end_the_loop(serve, server_class):
    errors = len(mistakes.PASSING_ERRORS)
    server = serve(
        server_class,
        mistakes.do_nothing,
        loop=False,
        get_request=mistakes.fail_to_get_with_each_error,
        errors_left=errors,
        probes=("get_request", "handle_error"),
    )
    server.knock()

    server.serve()
    handled = server.comes("handler.exit")

    history = server.history()
    failed = len(history.of("hook.raise", name="get_request"))
    needs(failed >= errors or not handled, "attempt to get a request for each error")
    reported = len(history.of("hook.enter", name="handle_error"))
    assert {"handled": handled, "reported": reported} == {"handled": True, "reported": 0}


@requirement("lifecycle.failed-get-request-is-passed-over")
@pytest.mark.parametrize("error", ["OSError", "PermissionError", "TimeoutError", "ConnectionAbortedError"])
@each_server(BOTH_TRANSPORTS)
def test_whatever_error_of_the_system_is_passed_over_by_a_call(serve, server_class, error):
    server = serve(
        server_class,
        mistakes.do_nothing,
        loop=False,
        timeout=SHORT,
        get_request=mistakes.fail_to_get_first,
        fails_with=error,
        probes=("handle_error",),
    )
    server.knock()

    outcomes = [error_of(server.start("handle_request")) for _ in range(2)]

    history = server.history()
    seen = {"reported": len(history.of("hook.enter")), "handled": len(history.of("handler.enter"))}
    assert {"raised": outcomes, **seen} == {"raised": [None, None], "reported": 0, "handled": 1}


@requirement("lifecycle.mistake-in-get-request-leaves-the-server")
@each_server(SYNCHRONOUS_INET)
def test_a_mistake_in_get_request_reaches_whoever_serves(serve, server_class):
    server = serve(
        server_class,
        mistakes.do_nothing,
        loop=False,
        get_request=mistakes.make_two_mistakes_in_get_request,
        mistakes_left=2,
    )
    server.knock()

    outcomes = [serve_one(server, way) for way in ("handle_request", "serve_forever", "handle_request")]

    handled = len(server.history().of("handler.exit"))
    assert {"raised": outcomes, "handled": handled} == {"raised": ["ValueError", "ValueError", None], "handled": 1}


# -- other hooks -------------------------------------------------------------------------------------------------------


@requirement("lifecycle.failing-verify-request-is-contained")
@each_server(SYNCHRONOUS)
def test_a_mistake_in_verify_request_is_reported(serve, server_class):
    server = serve(
        server_class,
        pipeline.do_nothing,
        loop=False,
        verify_request=pipeline.raise_in_verify_request,
        probes=PROBES,
    )
    server.knock()

    outcome = serve_one(server, "handle_request")

    assert hooks_out_of_order(server.history(), ["get_request", "verify_request", "handle_error"]) == []
    assert outcome is None


@requirement("lifecycle.failing-verify-request-is-contained")
@each_server(STREAM_OF_A_KIND)
def test_a_mistake_in_verify_request_does_not_end_the_loop(serve, server_class):
    server = serve(server_class, mistakes.do_nothing, verify_request=mistakes.raise_in_first_verify_request, verified=0)
    first = server.connect()
    told = first.try_reading_all()
    second = server.connect()
    server.comes("handler.exit")

    handlers = [event.client for event in server.history().of("handler.enter")]
    assert {"told": told, "handlers": handlers} == {"told": b"", "handlers": [second.name]}


@requirement("lifecycle.failing-process-request-is-an-error")
@each_server(SYNCHRONOUS)
def test_a_mistake_in_process_request_is_reported(serve, server_class):
    server = serve(
        server_class,
        mistakes.do_nothing,
        loop=False,
        process_request=mistakes.raise_in_process_request,
        probes=PROBES,
    )
    server.knock()

    outcome = serve_one(server, "handle_request")

    expected = ["get_request", "verify_request", "process_request", "handle_error"]
    assert hooks_out_of_order(server.history(), expected) == []
    assert outcome is None


@requirement("lifecycle.failing-process-request-is-an-error")
@each_server(STREAM_OF_A_KIND)
def test_a_client_whose_request_cannot_be_processed_sees_the_end(serve, server_class):
    server = serve(server_class, mistakes.do_nothing, process_request=mistakes.raise_in_process_request)
    client = server.connect()

    assert {"told": client.try_reading_all()} == {"told": b""}


@requirement("lifecycle.failing-close-is-an-error")
@each_server(SYNCHRONOUS_INET)
def test_a_mistake_in_close_request_is_reported_and_closing_tried_again(serve, server_class):
    server = serve(
        server_class,
        mistakes.do_nothing,
        loop=False,
        close_request=mistakes.raise_in_first_close,
        closings=0,
        probes=("close_request", "handle_error"),
    )
    server.knock()

    outcome = serve_one(server, "handle_request")

    hooks = [event.details["name"] for event in server.history().of("hook.enter")]
    assert hooks == ["close_request", "handle_error", "close_request"]
    assert outcome is None


@requirement("lifecycle.failing-handle-error-closes-the-request")
@WAYS
@each_server(SYNCHRONOUS_STREAM)
def test_a_request_is_closed_although_handle_error_fails(serve, server_class, way):
    server = serve(
        server_class,
        pipeline.fail,
        loop=False,
        fails_with="ValueError",
        handle_error=pipeline.raise_in_handle_error,
    )
    client = server.connect()

    server.start(way)

    assert {"told": client.try_reading_all()} == {"told": b""}


@requirement("lifecycle.handle-error-may-stop-the-server")
@WAYS
@each_server(SYNCHRONOUS_INET)
def test_what_handle_error_raises_reaches_whoever_serves(serve, server_class, way):
    server = serve(server_class, mistakes.fail, loop=False, handle_error=mistakes.raise_again)
    server.knock()

    assert serve_one(server, way) == "ValueError"


@requirement("lifecycle.handle-error-is-told-whose-request")
@each_server([each for each in INET if each in IN_ONE_PROCESS])
def test_handle_error_is_given_the_request_and_its_address(serve, server_class):
    server = serve(
        server_class,
        mistakes.fail,
        get_request=pipeline.remember_request,
        handle_error=mistakes.note_whose_error,
    )
    server.knock()

    server.comes("error.compared")

    seen = [dict(event.details) for event in server.history().of("error.compared")]
    assert seen == [{"request": True, "address": True}]


@requirement("lifecycle.handle-error-sees-the-exception")
@each_server(ONE_OF_A_KIND[:1] + CONCURRENT_INET_STREAM)
def test_handle_error_can_tell_that_the_client_broke_off(serve, server_class):
    server = serve(server_class, mistakes.read_what_never_comes, handle_error=mistakes.note_kind_of_error)
    client = server.connect()
    needs(server.comes("gate.wait"), "handler")
    client.reset()
    server.release()

    server.comes("error.seen")

    seen = [event.details["error"] for event in server.history().of("error.seen")]
    assert seen == ["ConnectionResetError"]


@requirement("lifecycle.errors-keep-nothing-alive")
@WAYS
@each_server(SYNCHRONOUS_INET)
def test_nothing_of_a_failed_handler_is_kept(host, serve, server_class, way):
    server = serve(server_class, mistakes.fail_and_hold_a_token, loop=False)
    server.knock()

    server.start(way)
    needs(server.comes("handler.raise"), "handler")
    server.settle()

    assert {"kept": host.call(mistakes.token_is_alive)} == {"kept": False}


# -- error reports -----------------------------------------------------------------------------------------------------


@requirement("lifecycle.error-report-is-framed")
@each_server(SYNCHRONOUS_INET)
def test_a_report_stands_between_two_rules_and_begins_with_the_client(host, serve, server_class):
    server = serve(server_class, pipeline.fail, loop=False, fails_with="ValueError")
    client = server.knock()

    report, _ = host.call(pipeline.handle_and_read_reports)

    lines = report.splitlines()
    named = [client.name in line for line in lines[1:2]]
    assert {"first": lines[:1], "client in heading": named, "last": lines[-1:]} == {
        "first": [RULE],
        "client in heading": [True],
        "last": [RULE],
    }


@requirement("lifecycle.error-reports-do-not-mix")
def test_reports_of_two_threads_are_printed_one_after_the_other(host, serve):
    server = serve("ThreadingTCPServer", mistakes.fail)
    host.call(mistakes.report_hesitantly)
    server.connect()
    needs(server.comes("gate.wait"), "report that is written through sys.stderr")
    server.connect()
    needs(server.comes("handler.raise", count=2), "second handler")
    server.settle()
    server.release()
    server.settle()

    writers = host.call(mistakes.writers_of_reports)
    needs(len(set(writers)) == 2, "second thread that writes its report by itself")
    assert writers == [0, 1]


@requirement("lifecycle.missing-stderr-is-survived")
@each_server(ONE_OF_A_KIND)
def test_a_mistake_is_survived_without_standard_error(host, serve, server_class):
    assert handled_without_reports(host, serve, server_class, "none") == 2


@requirement("lifecycle.broken-stderr-is-survived")
@pytest.mark.parametrize("kind", ["closed", "pipe"])
@each_server(ONE_OF_A_KIND)
def test_a_loop_goes_on_though_mistakes_cannot_be_printed(host, serve, server_class, kind):
    assert handled_without_reports(host, serve, server_class, kind) == 2


@requirement("lifecycle.broken-stderr-is-survived")
@each_server(SYNCHRONOUS)
def test_a_mistake_that_cannot_be_printed_does_not_end_a_call(host, serve, server_class):
    server = serve(server_class, mistakes.fail, loop=False)
    host.call(mistakes.spoil_stderr, "closed")
    server.knock()

    outcome = serve_one(server, "handle_request")

    assert {"raised": outcome, "handled": len(server.history().of("handler.raise"))} == {"raised": None, "handled": 1}


def handled_without_reports(host, serve, server_class, kind):
    """Spoil standard error, let the handlers of two requests fail, and return how many have been called."""
    server = serve(server_class, mistakes.fail)
    host.call(mistakes.spoil_stderr, kind)
    handled = 0
    for number in range(2):
        server.knock()
        handled += server.comes("handler.raise", count=number + 1)
    return handled
