"""The way of one request: handlers, hooks that look at it, and calls that handle one and look at the rest."""

import builtins
import contextlib
import os
import sys

from conformance.lifecycle.behaviours.arranging import (
    classes_named,
    closed_after,
    free_address,
    noting_handler,
    waiting_client,
)


def do_nothing(visit):
    """Be there."""


def keep(server, request):
    """Keep a request, so that it is not closed as garbage by an interpreter that counts references."""
    server.__dict__.setdefault("kept", []).append(request)


def fail(visit):
    """Make the mistake that the server's attribute ``fails_with`` names."""
    keep(visit.server, visit.request)
    raise getattr(builtins, visit.server.fails_with)("a mistake in the handler")


def fail_first(visit):
    """Make that mistake once for each server."""
    if not getattr(visit.server, "has_failed", False):
        visit.server.has_failed = True
        fail(visit)


def remember_request(server):
    """Keep what the request is known by."""
    server.got = server.inherited.get_request()
    return server.got


def compare_in_verify_request(server, request, client_address):
    """Report whether verify_request() is given what get_request() returned."""
    _compare(server, "verify_request", request, client_address)
    return True


def compare_arguments(visit):
    """Report whether the handler is given what get_request() returned."""
    _compare(visit.server, "handler", visit.request, visit.client_address)


def _compare(server, by, request, client_address):
    known_request, known_address = server.got
    server.stage.record(
        "arguments.compared", by=by, request=request is known_request, address=client_address == known_address
    )


def give_verdict(server, request, client_address):
    """Return what the test has set."""
    keep(server, request)
    return server.verdict


def raise_in_verify_request(server, request, client_address):
    """Fail to come to a verdict."""
    raise ValueError("a mistake in verify_request()")


def note_exception(server, request, client_address):
    """Report what there is to be seen in handle_error()."""
    error = sys.exc_info()[1]
    connection = request[1] if isinstance(request, tuple) else request
    server.stage.record("error.seen", error=type(error).__name__, open=connection.fileno() >= 0)


def tell_of_an_error(server, request, client_address):
    """Say so to the client, if that is still possible."""
    with contextlib.suppress(OSError):
        request.sendall(b"an error")


def raise_in_handle_error(server, request, client_address):
    """Fail while reporting."""
    raise LookupError("a mistake in handle_error()")


def handle_and_read_reports(stage):
    """Call handle_request() and return what it prints: on standard error, and on standard output."""
    with _caught(stage, sys.stdout) as output, _caught(stage, sys.stderr) as report:
        stage.servers[0].handle_request()
    return _text(report), _text(output)


@contextlib.contextmanager
def _caught(stage, stream):
    """Let a file take what is written to a standard *stream*, whoever writes there and how; give the file's path."""
    path, number = stage.new_path(), stream.fileno()
    stream.flush()
    with open(path, "wb") as file:
        usual = os.dup(number)
        os.dup2(file.fileno(), number)
    try:
        yield path
    finally:
        stream.flush()
        os.dup2(usual, number)
        os.close(usual)


def _text(path):
    with open(path) as file:
        return file.read()


def handle_and_read_log(stage):
    """Call handle_request() while standard error is a file; return what can be read there before it is closed."""
    path = stage.new_path()
    with open(path, "w") as log, contextlib.redirect_stderr(log):
        stage.servers[0].handle_request()
        return _text(path)


def call_plain_functions(stage, names):
    """Use a function as handler class of each class; return how it was called."""
    return {name: _call_plain_function(stage, server_class) for name, server_class in classes_named(stage, names)}


def _call_plain_function(stage, server_class):
    calls = []

    def handler(*arguments, **options):
        calls.append(
            {"arguments": len(arguments), "options": sorted(options), "server last": arguments[-1:] == (server,)}
        )

    server = server_class(free_address(stage, server_class), handler)
    with closed_after(server), waiting_client(server):
        server.handle_request()
    return calls


def change_handlers(stage, names):
    """Change the handler class of each class's server after the first request; return which handled the two."""
    handled = {}
    for name, server_class in classes_named(stage, names):
        handled[name] = []
        server = server_class(free_address(stage, server_class), noting_handler(handled[name], "first"))
        with closed_after(server), waiting_client(server), waiting_client(server):
            server.handle_request()
            server.RequestHandlerClass = noting_handler(handled[name], "second")
            server.handle_request()
    return handled
