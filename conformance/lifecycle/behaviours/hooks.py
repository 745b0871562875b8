"""Hooks that are looked at: which objects they are given, how often they are called, what they do to a connection."""

import collections
import socket

from conformance.lifecycle.behaviours.arranging import classes_named, free_address, waiting_client

HOOKS = ("verify_request", "process_request", "finish_request", "shutdown_request", "close_request")


class Connection:
    """What shutdown_request() may be given instead of a connection; notes what is done to it."""

    def __init__(self, error):
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


def do_nothing(visit):
    """Be there."""


def shut_down_connections(stage, names, error):
    """Call shutdown_request() of each class for a connection that cannot be shut down if *error* is given."""
    errors = {None: None, "OSError": OSError("not connected"), "ValueError": ValueError("on purpose")}
    done = {}
    for name, server_class in classes_named(stage, names):
        connection = Connection(errors[error])
        with server_class(free_address(stage, server_class), None, False) as server:
            try:
                server.shutdown_request(connection)
            except ValueError:
                connection.calls.append("raised")
        done[name] = connection.calls
    return done


def give_anything(server):
    """Take a request, and hand out something that is none."""
    server.taken = server.inherited.get_request()
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


def shutdown_noted(server, request):
    """Only close."""
    _note(server, "shutdown_request", request)
    server.close_request(request)


def close_noted(server, request):
    """There is nothing to be closed."""
    _note(server, "close_request", request)


def _note(server, hook, request):
    server.stage.record("hook.noted", name=hook, same=request is server.anything)


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
    """Handle so many requests one after another; return how often each hook was called for them."""
    [(_, server_class)] = classes_named(stage, [name])
    calls = collections.Counter()
    members = {hook: _counting(server_class, hook, calls) for hook in HOOKS}
    counting = type("Counting", (server_class,), members)
    with counting(free_address(stage, server_class), lambda *arguments: calls.update(["handler"])) as server:
        for _ in range(count):
            with waiting_client(server):
                server.handle_request()
    return dict(calls)


def _counting(server_class, hook, calls):
    def method(self, *arguments):
        calls.update([hook])
        return getattr(super(type(self), self), hook)(*arguments)

    return method
