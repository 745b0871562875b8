"""The way of one request: handlers, hooks that look at it, and calls that handle one and look at the rest."""

import builtins
import contextlib
import io
import sys

from conformance.lifecycle.behaviours.arranging import classes_named, free_address, noting_handler, waiting_client


def do_nothing(visit):
    """Be there."""


def fail(visit):
    """Make the mistake that the server's attribute ``fails_with`` names."""
    raise getattr(builtins, visit.server.fails_with)("a mistake in the handler")


def fail_first(visit):
    """Make that mistake once for each server."""
    if not getattr(visit.server, "has_failed", False):
        visit.server.has_failed = True
        fail(visit)


def report_sameness(visit):
    """Report whether the handler was given the objects that verify_request() was given."""
    request, client_address = visit.server.verified
    visit.record(
        "arguments.compared",
        request=visit.request is request,
        address=visit.client_address is client_address,
    )


def remember_arguments(server, request, client_address):
    """Accept the request, and keep what belongs to it."""
    server.verified = request, client_address
    return True


def give_verdict(server, request, client_address):
    """Return what the test has set."""
    return server.verdict


def raise_in_verify_request(server, request, client_address):
    """Fail to come to a verdict."""
    raise ValueError("a mistake in verify_request()")


def note_exception(server, request, client_address):
    """Report what there is to be seen in handle_error()."""
    error = sys.exc_info()[1]
    connection = request[1] if isinstance(request, tuple) else request
    server.stage.record("error.seen", error=type(error).__name__, open=connection.fileno() >= 0)


def raise_in_handle_error(server, request, client_address):
    """Fail while reporting, and remember the request."""
    server.failed_request = request
    raise LookupError("a mistake in handle_error()")


def failed_request_is_open(stage):
    """Tell whether the connection of the failed request is still open."""
    return stage.servers[0].failed_request.fileno() >= 0


def handle_and_read_reports(stage):
    """Call handle_request() and return what it prints: on standard error, and on standard output."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        stage.servers[0].handle_request()
    return err.getvalue(), out.getvalue()


def handle_and_read_log(stage):
    """Call handle_request() while standard error is a file; return what can be read there before it is closed."""
    path = stage.new_path()
    with open(path, "w") as log, contextlib.redirect_stderr(log):
        stage.servers[0].handle_request()
        with open(path) as reader:
            return reader.read()


def handle_with_closed_stderr(stage):
    """Call handle_request() while standard error is closed."""
    err = io.StringIO()
    err.close()
    with contextlib.redirect_stderr(err):
        stage.servers[0].handle_request()


def call_plain_functions(stage, names):
    """Use a function as handler class of each class; return how it was called."""
    return {name: _call_plain_function(stage, server_class) for name, server_class in classes_named(stage, names)}


def _call_plain_function(stage, server_class):
    calls = []

    def handler(*arguments, **options):
        calls.append((arguments, options))
        return "ignored"

    with server_class(free_address(stage, server_class), handler) as server, waiting_client(server):
        value = server.handle_request()
    [(arguments, options)] = calls
    return {
        "arguments": len(arguments),
        "options": sorted(options),
        "server last": arguments[-1:] == (server,),
        "value": value,
    }


def change_handlers(stage, names):
    """Change the handler class of each class's server after the first request; return which handled the two."""
    handled = {}
    for name, server_class in classes_named(stage, names):
        handled[name] = []
        server = server_class(free_address(stage, server_class), noting_handler(handled[name], "first"))
        with server, waiting_client(server), waiting_client(server):
            server.handle_request()
            server.RequestHandlerClass = noting_handler(handled[name], "second")
            server.handle_request()
    return handled
