"""Hooks that are looked at: which objects they are given, how often they are called, what they do to a connection."""

import collections
import socket

from conformance.lifecycle.behaviours.arranging import (
    Handler,
    classes_named,
    closed_after,
    free_address,
    waiting_client,
)

HOOKS = ("verify_request", "process_request", "finish_request")


class Connection:
    """What is closed like a connection; notes what is done to it."""

    def __init__(self, error=None):
        self.calls = []
        self._error = error

    def shutdown(self, how):
        """Note it, and raise the error if there is one."""
        self.calls.append("output ended" if how == socket.SHUT_WR else "shut down")
        if self._error is not None:
            raise self._error

    def close(self):
        """Note it."""
        self.calls.append("closed")


class StubbornConnection(socket.socket):
    """A connection that cannot be shut down."""

    def shutdown(self, how):
        """Fail as no socket does."""
        raise ValueError("a mistake in shutdown()")


def do_nothing(visit):
    """Be there."""


def shut_down_connections(stage, names, error):
    """Call shutdown_request() of each class for a connection that cannot be shut down if *error* is given."""
    errors = {None: None, "OSError": OSError("not connected")}
    done = {}
    for name, server_class in classes_named(stage, names):
        connection = Connection(errors[error])
        with closed_after(server_class(free_address(stage, server_class), Handler, False)) as server:
            server.shutdown_request(connection)
        done[name] = connection.calls
    return done


def get_what_cannot_be_shut_down(server):
    """Take a connection in, and keep it, so that it is not closed as garbage."""
    request, client_address = server.inherited.get_request()
    server.kept = StubbornConnection(request.family, request.type, fileno=request.detach())
    return server.kept, client_address


def give_anything(server):
    """Take a request, and hand out something else."""
    server.taken = server.inherited.get_request()
    server.anything = Connection()
    return server.anything, "anybody"


def verify_noted(server, request, client_address):
    """Accept."""
    _note(server, "verify_request", request)
    return True


def process_noted(server, request, client_address):
    """Do as usual."""
    _note(server, "process_request", request)
    server.inherited.process_request(request, client_address)


def finish_noted(server, request, client_address):
    """Do as usual."""
    _note(server, "finish_request", request)
    server.inherited.finish_request(request, client_address)


def compare_in_handler(visit):
    """Say whether the handler is given what get_request() has handed out."""
    _note(visit.server, "handler", visit.request)


def _note(server, by, request):
    server.stage.record("request.seen", by=by, same=request is server.anything)


def call_hooks_of_base_server(stage):
    """Call the hooks of BaseServer that have nothing to do; return their values and what shutdown_request() calls."""
    closed = []
    base = stage.candidate.BaseServer
    noting = type("Noting", (base,), {"close_request": lambda self, request: closed.append(request)})
    server, request = base(None, None), object()
    values = [
        server.server_activate(),
        server.service_actions(),
        server.handle_timeout(),
        server.close_request(request),
        server.shutdown_request(request),
        server.server_close(),
    ]
    noting(None, None).shutdown_request(request)
    return {"values": values, "closed": closed == [request]}


def count_calls(stage, name, count):
    """Handle so many requests one after another; return how often each hook was called, and how many are still open."""
    [(_, server_class)] = classes_named(stage, [name])
    calls, requests = collections.Counter(), []

    class CountingHandler(Handler):
        def __init__(self, request, client_address, server):
            calls.update(["handler"])
            requests.append(request)

    members = {hook: _counting(hook, calls) for hook in HOOKS}
    server = type("Counting", (server_class,), members)(free_address(stage, server_class), CountingHandler)
    with closed_after(server):
        for _ in range(count):
            with waiting_client(server):
                server.handle_request()
            calls.update({"left open": sum(_is_open(request) for request in requests)})
            requests.clear()
    return dict(calls)


def _counting(hook, calls):
    def method(self, *arguments):
        calls.update([hook])
        return getattr(super(type(self), self), hook)(*arguments)

    return method


def _is_open(request):
    """Tell whether a request is a connection that is open; a datagram has nothing to be closed."""
    return not isinstance(request, tuple) and request.fileno() >= 0


def tell_fate(server, request, client_address):
    """Give the request the next of the server's fates, and refuse it if that is its fate."""
    server.fate = server.fates.pop(0)
    return server.fate != "refused"


def meet_fate(visit):
    """Fail if that is the fate of the request."""
    if visit.server.fate == "failing":
        raise ValueError("fated to fail")


def keep_silent(server, request, client_address):
    """Do not report the error."""
