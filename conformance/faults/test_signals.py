"""Signals whose handlers return, and signals whose handlers raise."""

import pytest

from conformance.faults.behaviours import signals
from conformance.lifecycle.calls import error_of
from conformance.servers import CONCURRENT_INET_STREAM, SYNCHRONOUS, SYNCHRONOUS_INET
from conformance.visitors import visitor, visitors
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement

VISITS = 5
TIMEOUT = 0.05  # seconds
REST = 0.02  # seconds that a thread is seen asleep of which it is known that it will wait
PATIENCE = 0.1  # the same for one of which it is not known
WAYS = pytest.mark.parametrize("way", ["handle_request", "serve_forever"])


@requirement("faults.signals-disturb-no-loop")
@each_server(SYNCHRONOUS_INET + CONCURRENT_INET_STREAM)
def test_the_loop_serves_everybody_while_signals_come(host, serve, server_class):
    server = serve(server_class, signals.do_nothing, loop=False)
    serving = host.start(signals.serve_amid_signals, thread=False)
    visitors(server, server_class, VISITS)
    host.comes("handler.exit", count=VISITS)
    host.wait_for("signals.came")
    visitors(server, server_class, VISITS)
    host.comes("handler.exit", count=2 * VISITS)
    host.release("one")

    raised = error_of(serving)

    handled = len(server.history().of("handler.exit"))
    assert {"raised": raised, "handled": handled} == {"raised": None, "handled": 2 * VISITS}


@requirement("faults.signals-change-no-timeout")
@each_server(SYNCHRONOUS_INET)
def test_a_wait_is_as_long_with_signals_as_without(host, serve, server_class):
    server = serve(server_class, None, loop=False, timeout=TIMEOUT, probes=("handle_timeout",))

    outcome = host.call(signals.handle_request_amid_signals)

    if outcome["signals"] < signals.FEW and not outcome["early"]:
        raise Inconclusive("too few signals came")
    timeouts = len(server.history().of("hook.enter", name="handle_timeout"))
    seen = {"early": outcome["early"], "late": outcome["signals"] >= signals.MANY, "timeouts": timeouts}
    assert seen == {"early": False, "late": False, "timeouts": 1}


@requirement("faults.exceptions-of-signal-handlers-leave-the-server")
@pytest.mark.parametrize("error", ["ValueError", "KeyboardInterrupt"])
@WAYS
@each_server(SYNCHRONOUS_INET)
def test_what_a_signal_handler_raises_ends_the_wait(host, serve, server_class, way, error):
    serve(server_class, signals.do_nothing, loop=False)

    assert raised_by_signal(host, way, error) == error


@requirement("faults.interrupted-errors-of-signal-handlers-are-not-lost")
@WAYS
def test_an_interrupted_error_of_a_signal_handler_ends_the_wait(host, serve, way):
    serve("TCPServer", signals.do_nothing, loop=False)

    assert raised_by_signal(host, way, "InterruptedError") == "InterruptedError"


def raised_by_signal(host, way, error):
    """Let the main thread serve until a signal comes whose handler raises *error*; return what leaves the server."""
    serving = host.start(signals.serve_until_a_signal, way, error, thread=False)
    if not serving.is_blocked(REST):
        raise Inconclusive("the server did not wait for a request")
    host.release("one")
    host.wait_for("signal.handled")
    return "nothing: it goes on" if serving.is_blocked(PATIENCE) else serving.wait()


@requirement("faults.interrupt-closes-the-request-in-progress")
@each_server(SYNCHRONOUS)
def test_an_interrupt_in_a_handler_closes_its_request_and_ends_the_loop(host, serve, server_class):
    server = serve(server_class, signals.wait_for_a_signal, loop=False, probes=("handle_error",))
    client = visitor(server, server_class)
    serving = host.start(signals.interrupt_the_loop, thread=False)
    server.wait_for("signal.wait")

    server.release("one")
    server.wait_for("handler.raise")
    outcome = "nothing: it goes on" if serving.is_blocked(PATIENCE) else serving.wait()

    errors = len(server.history().of("hook.enter", name="handle_error"))
    is_closed = server_class.transport == "datagram" or client.try_reading_all() is not None
    assert {"raised": outcome, "errors": errors, "closed": is_closed} == {
        "raised": "KeyboardInterrupt",
        "errors": 0,
        "closed": True,
    }
