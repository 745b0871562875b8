"""Signals that come while the main thread serves: many that do nothing, and one whose handler raises.

A timer of the process sends them.  What they interrupt runs in the main thread, where Python runs their handlers.
"""

import itertools
import signal
import threading
import time

INTERVAL = 0.002  # seconds between two signals
FEW = 3  # signals, without which nothing was disturbed
MANY = 100  # signals, that come in several times the timeout of the test
LONG = 30.0  # seconds between two polls of a loop that only a signal can end


def do_nothing(visit):
    """Be there."""


def wait_for_a_signal(visit):
    """Stay until a signal comes, if this is the thread that would hear of it."""
    if threading.current_thread() is threading.main_thread():
        visit.wait_for_a_signal()


def serve_amid_signals(stage):
    """Serve in the main thread while signals come, until the test opens the gate."""
    [server] = stage.servers
    stage.start(_stop_when_told, stage, server)
    _count_signals(stage, limit=None)
    try:
        return server.serve_forever(0.01)
    finally:
        _stop_timer()


def _stop_when_told(stage, server):
    stage.wait("one")
    server.shutdown()


def handle_request_amid_signals(stage):
    """Wait while signals come, and no request; return whether that ended early, and how many signals came."""
    [server] = stage.servers
    count = _count_signals(stage, limit=MANY)
    begin = time.monotonic()
    try:
        server.handle_request()
    finally:
        _stop_timer()
    return {"early": time.monotonic() - begin < server.timeout, "signals": len(count)}


def _count_signals(stage, limit):
    count, numbers = [], itertools.count(1)

    def note(signum, frame):
        number = next(numbers)  # atomic: the next signal may interrupt this very function
        count.append(number)
        if number == FEW:
            stage.record("signals.came")
        if number == limit:
            _stop_timer()

    signal.signal(signal.SIGALRM, note)
    signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
    return count


def _stop_timer():
    signal.setitimer(signal.ITIMER_REAL, 0)


def serve_until_a_signal(stage, way, error):
    """Serve in the main thread until one signal comes, whose handler raises *error*; return what left the server."""
    [server] = stage.servers
    kinds = {"ValueError": ValueError, "KeyboardInterrupt": KeyboardInterrupt, "InterruptedError": InterruptedError}

    def give_up(number, frame):
        stage.record("signal.handled")
        raise kinds[error]("a signal")

    signal.signal(signal.SIGALRM, give_up)
    stage.start(_signal_once, stage)
    try:
        server.serve_forever(LONG) if way == "serve_forever" else server.handle_request()
    except (ValueError, KeyboardInterrupt, InterruptedError) as raised:
        return type(raised).__name__
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
    return None


def _signal_once(stage):
    stage.wait("one")
    signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)


def interrupt_the_loop(stage):
    """Serve in the main thread as a program does that is ended by Ctrl-C; return what left the server."""
    [server] = stage.servers
    signal.signal(signal.SIGINT, signal.default_int_handler)
    stage.start(_interrupt_once, stage)
    try:
        server.serve_forever(LONG)
    except KeyboardInterrupt:
        return "KeyboardInterrupt"
    return None


def _interrupt_once(stage):
    stage.wait("one")
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
