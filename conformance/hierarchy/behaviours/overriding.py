"""Replace parts: on the object, through the class, in other modules."""

import contextlib
import io
import os
import socket
import sys
import threading

from conformance.hierarchy.behaviours.arranging import LOOPBACK, bases_named, closed_after, ignore, waiting_client

HOOKS = ("get_request", "verify_request", "process_request", "finish_request", "handle_error")


def _fail(request, client_address, server):
    """Be a handler for handle_error() to hear of."""
    raise ValueError("for handle_error()")


def call_overrides_of_instance(stage, class_name):
    """Replace the methods of one server object, let it fail a request and time out, return which were called."""
    called, reported = [], threading.Event()
    server = _noting_all(_server_of(stage, class_name, _fail), called, ["handle_timeout"])
    with closed_after(server), waiting_client(server):
        handle_error = server.handle_error
        server.handle_error = lambda *arguments: (handle_error(*arguments), reported.set())
        server.handle_request()
        reported.wait()
        server.timeout = 0
        server.handle_request()
    return called


def serve_with_overrides_of_instance(stage, class_name):
    """Replace the methods of one server object, let its loop serve one request that fails, return which were called.

    Whichever service_actions() is called after the request ends the loop.
    """
    called, stoppers = [], []

    def stop():
        if "handle_error" in called and not stoppers:
            stoppers.append(stage.start(server.shutdown))

    class Stopping(getattr(stage.candidate, class_name)):
        def service_actions(self):
            called.append("service_actions() of the class")
            stop()

    with closed_after(_noting_all(Stopping(LOOPBACK, _fail), called, [])) as server, waiting_client(server):
        server.service_actions = lambda: (called.append("service_actions"), stop())
        server.serve_forever(0.01)
        stoppers[0].join()
    return sorted(set(called))


def _noting_all(server, called, further):
    for name in (*HOOKS, *further):
        setattr(server, name, _noting(called, name, getattr(server, name)))
    return server


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
    with closed_after(server_class(LOOPBACK, ignore)) as server, waiting_client(server):
        server.handle_request()
    return called


def call_mix_in_through_class(stage):
    """Handle one request in a thread with overrides that call the mix-in's methods through its class."""
    mix_in, called, handled = stage.candidate.ThreadingMixIn, [], threading.Event()
    members = _calling_through(mix_in, ("process_request", "server_close"), called)
    server_class = type("Server", (mix_in, stage.candidate.TCPServer), members)
    with closed_after(server_class(LOOPBACK, lambda *_: handled.set())) as server, waiting_client(server):
        server.handle_request()
        handled.wait()
    return called


def call_handler_through_class(stage):
    """Handle one request with a handler that calls what it replaces through the class; return the overrides called."""
    base, called = stage.candidate.StreamRequestHandler, []
    handler = type("Handler", (base,), _calling_through(base, ("__init__", "setup", "handle", "finish"), called))
    _handle_one(stage, handler)
    return called


def _handle_one(stage, handler):
    with closed_after(stage.candidate.TCPServer(LOOPBACK, handler)) as server, waiting_client(server):
        server.handle_request()


def _calling_through(base, names, called):
    def override(name):
        def method(self, *arguments):
            called.append(name)
            return getattr(base, name)(self, *arguments)

        return method

    return {name: override(name) for name in names}


def give_attribute_to_server(stage):
    """Give a new attribute to a server of the module's own class, and return what is there then."""
    with closed_after(stage.candidate.TCPServer(LOOPBACK, ignore)) as server:
        server.purpose = "to serve"
        return server.purpose


def give_attribute_to_handler(stage):
    """Give new attributes to a handler before and while it handles its request, and return what is there then."""
    found = []

    class Handler(stage.candidate.StreamRequestHandler):
        def setup(self):
            self.begun = "before"
            super().setup()

        def handle(self):
            self.purpose = "to handle"

        def finish(self):
            found.extend([self.begun, self.purpose])
            super().finish()

    _handle_one(stage, Handler)
    return found


# -- in other modules --------------------------------------------------------------------------------------------------


def uses_socket(stage):
    """Tell whether a server is made with the socket.socket that is there when it is made."""
    used = []
    with _replaced(socket, "socket", _noting_class(used, socket.socket)):
        stage.candidate.TCPServer(LOOPBACK, ignore, bind_and_activate=False).server_close()
    return bool(used)


def uses_thread(stage):
    """Tell whether a request is handled in a threading.Thread as it is when the request comes."""
    used, handled = [], threading.Event()
    server = _server_of(stage, "ThreadingMixIn+TCPServer", lambda *_: handled.set())
    replaced = _replaced(threading, "Thread", _noting_class(used, threading.Thread))
    with closed_after(server), waiting_client(server), replaced:
        server.handle_request()
        handled.wait()
    return bool(used)


def uses_fork(stage):
    """Tell whether a request is handed to an os.fork() as it is when the request comes."""
    used = []

    def fork():
        used.append("os.fork")
        raise OSError("no process today")

    server = _server_of(stage, "ForkingMixIn+TCPServer", ignore)
    no_process = _replaced(os, "fork", fork)
    with closed_after(server), waiting_client(server), no_process, contextlib.suppress(OSError):
        server.handle_request()
    return bool(used)


def uses_stderr(stage):
    """Tell whether an error is reported to the sys.stderr that is there when it happens."""
    server, replacement = _server_of(stage, "TCPServer", _fail), io.StringIO()
    with closed_after(server), waiting_client(server), _replaced(sys, "stderr", replacement):
        server.handle_request()
    return bool(replacement.getvalue())


def _server_of(stage, class_name, handler):
    return type("Server", bases_named(stage, class_name), {})(LOOPBACK, handler)


def _noting_class(used, base):
    def __init__(self, *arguments, **options):  # noqa: N807
        used.append(base)
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
