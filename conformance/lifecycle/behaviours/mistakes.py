"""Mistakes in hooks, and error reports that cannot be written or must not mix."""

import builtins
import gc
import io
import itertools
import os
import socket
import ssl
import sys
import threading
import weakref

from conformance.lifecycle.behaviours.pipeline import keep

PASSING_ERRORS = (ConnectionAbortedError, socket.timeout, ssl.SSLError, OSError)


class HesitantStream(io.StringIO):
    """Notes which thread writes, and waits after the first piece of text."""

    stage = None
    writers = ()

    def write(self, text):
        """Write, and wait at the gate the first time."""
        self.writers += (threading.get_ident(),)
        length = super().write(text)
        if self.stage is not None:
            stage, self.stage = self.stage, None
            stage.wait("hold")
        return length


class Token:
    """An object that can be watched."""


def do_nothing(visit):
    """Be there."""


def fail(visit):
    """Make a mistake."""
    raise ValueError("a mistake in the handler")


def read_what_never_comes(visit):
    """Read from a connection that its client has broken off."""
    visit.wait("hold")
    visit.read_all()


def fail_and_hold_a_token(visit):
    """Make a mistake while a local variable has a token that nobody else has."""
    token = Token()
    visit.server.token = weakref.ref(token)
    raise ValueError("a mistake in the handler")


def token_is_alive(stage):
    """Tell whether the token is there although everybody has had the chance to forget it."""
    for _ in range(3):
        gc.collect()
    return stage.servers[0].token() is not None


def fail_to_get_with_each_error(server):
    """Fail once with each error that a listening socket may pass on, then get the request."""
    if server.errors_left:
        server.errors_left -= 1
        raise PASSING_ERRORS[server.errors_left]("on purpose")
    return server.inherited.get_request()


def fail_to_get_first(server):
    """Fail once, as the attribute ``fails_with`` says, then get the request."""
    if not getattr(server, "has_failed", False):
        server.has_failed = True
        raise getattr(builtins, server.fails_with)("on purpose")
    return server.inherited.get_request()


def make_two_mistakes_in_get_request(server):
    """Fail twice as no socket does, then get the request."""
    if server.mistakes_left:
        server.mistakes_left -= 1
        raise ValueError("a mistake in get_request()")
    return server.inherited.get_request()


def raise_in_first_verify_request(server, request, client_address):
    """Fail to come to a verdict for the first request."""
    server.verified += 1
    if server.verified == 1:
        keep(server, request)
        raise ValueError("a mistake in verify_request()")
    return True


def raise_in_process_request(server, request, client_address):
    """Fail before the request has a handler."""
    keep(server, request)
    raise ValueError("a mistake in process_request()")


def raise_again(server, request, client_address):
    """Let the handler's exception go on."""
    raise  # noqa: PLE0704 - handle_error() is called while the exception is handled


def raise_in_first_close(server, request):
    """Fail to close a request for the first time."""
    server.closings += 1
    if server.closings == 1:
        raise ValueError("a mistake in close_request()")
    server.inherited.close_request(request)


def note_kind_of_error(server, request, client_address):
    """Report the class of the exception."""
    server.stage.record("error.seen", error=sys.exc_info()[0].__name__)


def note_whose_error(server, request, client_address):
    """Report whether handle_error() was given what get_request() returned."""
    known_request, known_address = server.got
    server.stage.record("error.compared", request=request is known_request, address=client_address == known_address)


def report_hesitantly(stage):
    """Let error reports be written to a stream that waits in between."""
    stage.errors = sys.stderr = HesitantStream()
    stage.errors.stage = stage


def writers_of_reports(stage):
    """Return which thread wrote to that stream, and which then, and so on; threads are numbered from 0."""
    sys.stderr = sys.__stderr__
    threads = [thread for thread, _ in itertools.groupby(stage.errors.writers)]
    numbers = list(dict.fromkeys(threads))
    return [numbers.index(thread) for thread in threads]


def spoil_stderr(stage, kind):
    """Replace standard error by nothing, by a closed stream, or by a pipe that nobody reads."""
    sys.stderr = {"none": lambda: None, "closed": _closed_stream, "pipe": _broken_pipe}[kind]()


def _closed_stream():
    stream = io.StringIO()
    stream.close()
    return stream


def _broken_pipe():
    reader, writer = os.pipe()
    os.close(reader)
    return io.TextIOWrapper(io.FileIO(writer, "w", closefd=False), "utf-8", line_buffering=True)
