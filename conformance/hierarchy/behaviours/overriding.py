"""Replace parts: on the object, through the class, in other modules."""

import contextlib
import io
import os
import socket
import sys
import threading

from conformance.hierarchy.behaviours.arranging import LOOPBACK, ignore

HOOKS = (
    "get_request",
    "verify_request",
    "process_request",
    "finish_request",
    "handle_error",
    "shutdown_request",
    "close_request",
)


def call_overrides_of_instance(stage, class_name):
    """Replace the methods of one server object, let it fail a request and time out, return which were called."""
    server, called, closed = _overridden(stage, class_name, ["handle_timeout"])
    with _request_to(server):
        server.handle_request()
        closed.wait()
    server.timeout = 0
    server.handle_request()
    return called


def serve_with_overrides_of_instance(stage, class_name):
    """Replace the methods of one server object, let it serve one request that fails, and return which were called."""
    server, called, closed = _overridden(stage, class_name, ["service_actions", "shutdown", "server_close"])
    stage.start(lambda: (closed.wait(), server.shutdown()))
    with server, _request_to(server):
        server.serve_forever(0.01)
    return sorted(set(called))


def _overridden(stage, class_name, further):
    """Return a server with methods of its own and a handler that fails, the calls, and an event for the last one."""
    called, closed = [], threading.Event()

    def handler(request, client_address, server):
        raise ValueError("for handle_error")

    server = getattr(stage.candidate, class_name)(LOOPBACK, handler)
    for name in (*HOOKS, *further):
        setattr(server, name, _noting(called, name, getattr(server, name)))
    if hasattr(server, "process_request_thread"):
        server.process_request_thread = _noting(called, "process_request_thread", server.process_request_thread)
    close_request = server.close_request
    server.close_request = lambda request: (close_request(request), closed.set())
    return server, called, closed


def _request_to(server):
    """Return the client that has made a request."""
    client = socket.socket(server.socket.family, server.socket.type)
    client.connect(server.socket.getsockname())
    if server.socket.type == socket.SOCK_DGRAM:
        client.send(b"request")
    return client


def _noting(called, name, method):
    def noting(*arguments):
        called.append(name)
        return method(*arguments)

    return noting


def call_through_class(stage, class_name):
    """Handle one request with overrides that call what they replace through the class; return the overrides called."""
    base, called = getattr(stage.candidate, class_name), []
    names = {"__init__", "server_bind", "server_activate", "server_close", *HOOKS} - {"handle_error"}
    server_class = type("Server", (base,), _calling_through(base, names, called))
    with server_class(LOOPBACK, ignore) as server, _request_to(server):
        server.handle_request()
    return called


def call_mix_in_through_class(stage):
    """Handle one request in a thread with overrides that call the mix-in's methods through its class."""
    mix_in, called, handled = stage.candidate.ThreadingMixIn, [], threading.Event()
    names = ("process_request", "process_request_thread", "server_close")
    bases = (mix_in, stage.candidate.TCPServer)
    server_class = type("Server", bases, _calling_through(mix_in, names, called))
    with server_class(LOOPBACK, lambda *_: handled.set()) as server, _request_to(server):
        server.handle_request()
        handled.wait()
    return called


def call_handler_through_class(stage):
    """Make one handler with overrides that call what they replace through the class; return the overrides called."""
    base, called = stage.candidate.StreamRequestHandler, []
    members = _calling_through(base, ("__init__", "setup", "handle", "finish"), called)
    type("Handler", (base,), members)(socket.socketpair()[0], "client", None)
    return called


def _calling_through(base, names, called):
    def override(name):
        def method(self, *arguments):
            called.append(name)
            return getattr(base, name)(self, *arguments)

        return method

    return {name: override(name) for name in names}


def give_attributes(stage):
    """Give a new attribute to a server and to a handler, of the module's own classes, and return what is there then."""
    request = socket.socketpair()[0]
    with stage.candidate.TCPServer(LOOPBACK, ignore) as server:
        handler = stage.candidate.StreamRequestHandler(request, "client", server)
        server.purpose, handler.purpose = "to serve", "to handle"
        return [server.purpose, handler.purpose]


def used_replacements(stage):
    """Replace what the module works with, after it was imported, and return which replacements were used."""
    used = []

    def fork():
        used.append("os.fork")
        raise OSError("no process today")

    with _replaced(socket, "socket", _noting_class(used, "socket.socket", socket.socket)):
        server = stage.candidate.ThreadingTCPServer(LOOPBACK, ignore, bind_and_activate=False)
    with _replaced(threading, "Thread", _noting_class(used, "threading.Thread", threading.Thread)):
        server.process_request(socket.socketpair()[0], "client")
    server.server_close()
    with _replaced(os, "fork", fork), contextlib.suppress(OSError):
        server = stage.candidate.ForkingTCPServer(LOOPBACK, ignore, bind_and_activate=False)
        server.process_request(socket.socketpair()[0], "client")
    with _replaced(sys, "stderr", io.StringIO()):
        server.handle_error(None, "client")
        used += ["sys.stderr"] if sys.stderr.getvalue() else []
    return used


def _noting_class(used, name, base):
    def __init__(self, *arguments, **options):  # noqa: N807
        used.append(name)
        base.__init__(self, *arguments, **options)

    return type(base.__name__, (base,), {"__init__": __init__})


@contextlib.contextmanager
def _replaced(module, name, replacement):
    original = getattr(module, name)
    setattr(module, name, replacement)
    try:
        yield
    finally:
        setattr(module, name, original)
