"""What the host runs for this area."""

import contextlib
import gc
import importlib
import io
import os
import socket
import threading
import warnings

LOOPBACK = ("127.0.0.1", 0)
HOOKS = (
    "get_request",
    "verify_request",
    "process_request",
    "finish_request",
    "handle_error",
    "shutdown_request",
    "close_request",
)


# -- names ---------------------------------------------------------------------------------------------------------


def classes_among(stage, names):
    """Return those of *names* that are classes of the module."""
    return [name for name in names if isinstance(getattr(stage.candidate, name, None), type)]


def star_import(stage, names):
    """Return what a star import fails to bring of *names*, and what it brings that is not a class."""
    brought = {}
    exec("from %s import *" % stage.candidate.__name__, brought)  # noqa: S102 - a star needs a namespace
    del brought["__builtins__"]
    return {
        "missing": [name for name in names if name not in brought],
        "no class": [name for name in sorted(brought) if not isinstance(brought[name], type)],
    }


def names_without(stage, module, attribute, names):
    """Return those of *names* that the module has, and exports, on a system without module.attribute."""
    delattr(importlib.import_module(module), attribute)
    again = stage.load_again()
    exported = getattr(again, "__all__", names)
    return [name for name in names if hasattr(again, name) or name in exported]


def version_of(stage):
    """Return the name of the type of the module's version."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return type(stage.candidate.__version__).__name__


def effects_of_import(stage):
    """Import the module once more and return what more there is than before."""
    before = _resources()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        stage.load_again()
    threads, descriptors = (now - then for now, then in zip(_resources(), before))
    return {"threads": threads, "descriptors": descriptors, "printed": printed.getvalue()}


def _resources():
    gc.collect()
    return threading.active_count(), len(os.listdir("/proc/self/fd"))


# -- inheritance ---------------------------------------------------------------------------------------------------


def ancestors(stage, names):
    """Return for each of *names* those others that it derives from."""
    classes = {name: getattr(stage.candidate, name) for name in names}
    return {
        name: [other for other in names if other != name and issubclass(classes[name], classes[other])]
        for name in names
    }


def is_before(stage, combination, first, second):
    """Tell whether a class derives from *first* before it derives from *second*; None if not from both."""
    order = getattr(stage.candidate, combination).__mro__
    places = [order.index(getattr(stage.candidate, name)) for name in (first, second)]
    return places[0] < places[1]


def handle_with_foreign_base(stage, mix_in):
    """Let a mix-in process one request of a class that has never heard of this module."""

    class Foreign:
        def __init__(self):
            pass

        def finish_request(self, _, client_address):
            stage.record("handler.enter", client=client_address)

        def handle_error(self, _, client_address):
            stage.record("handle_error", client=client_address)

        def shutdown_request(self, request):
            self.close_request(request)

        def close_request(self, request):
            pass

        def server_close(self):
            pass

    class Server(getattr(stage.candidate, mix_in), Foreign):
        def __init__(self):
            Foreign.__init__(self)

    server = Server()
    server.process_request("request", "client")
    server.server_close()


def close_with_another_mix_in(stage, mix_in, other_first):
    """Close a server with one more mix-in; return what was closed."""
    closed = []

    class Other:
        def server_close(self):
            closed.append("other")
            super().server_close()

    mix_ins = (getattr(stage.candidate, mix_in), Other)
    bases = (mix_ins[::-1] if other_first else mix_ins) + (stage.candidate.TCPServer,)
    server = type("Server", bases, {})(LOOPBACK, None)
    server.server_close()
    if server.socket.fileno() == -1:
        closed.append("socket")
    return closed


def missing_methods(stage, names):
    """Return those of *names* that are no methods of BaseServer."""
    return [name for name in names if not callable(getattr(stage.candidate.BaseServer, name, None))]


def serve_pipe(stage):
    """Serve two bytes from a pipe with serve_forever() and return what was handled."""
    server, handled = _pipe_server(stage, b"ab")

    def handler(request, client_address, server):
        handled.append(request)
        if len(handled) == 2:
            stage.start(server.shutdown)

    server.RequestHandlerClass = handler
    server.serve_forever(0.01)
    return handled


def handle_pipe(stage):
    """Handle two bytes from a pipe with handle_request() and return what was handled."""
    server, handled = _pipe_server(stage, b"ab")

    def handler(request, client_address, server):
        handled.append(request)

    server.RequestHandlerClass = handler
    server.handle_request()
    server.handle_request()
    return handled


def _pipe_server(stage, content):
    reader, writer = os.pipe()
    os.write(writer, content)

    class PipeServer(stage.candidate.BaseServer):
        def fileno(self):
            return reader

        def get_request(self):
            return os.read(reader, 1), "pipe"

    return PipeServer("pipe", None), []


# -- making, calling, overriding -------------------------------------------------------------------------------------


def make_base_server(stage):
    """Make a BaseServer and return what it keeps, and how many descriptors it opened."""
    before = len(os.listdir("/proc/self/fd"))
    server = stage.candidate.BaseServer("address", print)
    opened = len(os.listdir("/proc/self/fd")) - before
    return {
        "address": server.server_address,
        "handler kept": server.RequestHandlerClass is print,
        "opened": opened,
    }


def refused_calls(stage, by_keyword):
    """Call what has documented parameters and return the calls that raised TypeError, with what they said."""
    refused = []
    for name, function, arguments in _documented_calls(stage):
        error = _refusal(function, arguments, by_keyword)
        if error is not None:
            refused.append("%s: %s" % (name, error))
    return refused


def _refusal(function, arguments, by_keyword):
    try:
        if by_keyword:
            function(**dict(arguments))
        else:
            function(*[value for _, value in arguments])
    except TypeError as error:
        return error
    return None


def _documented_calls(stage):
    candidate = stage.candidate
    here = [("server_address", LOOPBACK), ("RequestHandlerClass", ignore)]
    yield "BaseServer", candidate.BaseServer, here
    for name, address in (("TCPServer", LOOPBACK), ("UDPServer", LOOPBACK), ("UnixStreamServer", stage.new_path())):
        arguments = [("server_address", address), ("RequestHandlerClass", ignore), ("bind_and_activate", False)]
        yield name, getattr(candidate, name), arguments

    class Server(candidate.TCPServer):
        def service_actions(self):
            stage.start(self.shutdown)

    class ThreadingServer(candidate.ThreadingMixIn, candidate.TCPServer):
        pass

    server, threading_server = Server(LOOPBACK, ignore), ThreadingServer(LOOPBACK, ignore)
    yield "serve_forever", server.serve_forever, [("poll_interval", 0.01)]
    for name in ("verify_request", "process_request", "finish_request", "handle_error"):
        yield name, getattr(server, name), _request()
    for name in ("process_request", "process_request_thread"):
        yield "ThreadingMixIn." + name, getattr(threading_server, name), _request()
    yield "BaseRequestHandler", candidate.BaseRequestHandler, [*_request(), ("server", server)]


def _request():
    return [("request", socket.socketpair()[0]), ("client_address", ("127.0.0.1", 1))]


def defaults(stage, names):
    """Return the class attributes *names*, each "Class.attribute"; "missing" for those that are."""
    found = {}
    for name in names:
        class_name, attribute = name.split(".")
        found[name] = getattr(getattr(stage.candidate, class_name), attribute, "missing")
    return found


def call_overrides_of_instance(stage):
    """Replace the methods of one server object, let it fail a request and time out, return which were called."""
    called = []

    def handler(request, client_address, server):
        raise ValueError("for handle_error")

    server = stage.candidate.TCPServer(LOOPBACK, handler)
    for name in (*HOOKS, "handle_timeout"):
        setattr(server, name, _noting(called, name, getattr(server, name)))
    with socket.create_connection(server.socket.getsockname()):
        server.handle_request()
    server.timeout = 0
    server.handle_request()
    return called


def _noting(called, name, method):
    def noting(*arguments):
        called.append(name)
        return method(*arguments)

    return noting


def call_through_class(stage):
    """Handle one request with overrides that call what they replace through the class; return the overrides called."""
    called = []

    def override(name):
        def method(self, *arguments):
            called.append(name)
            return getattr(stage.candidate.TCPServer, name)(self, *arguments)

        return method

    names = {"server_bind", "server_activate", "server_close", *HOOKS} - {"handle_error"}
    members = {name: override(name) for name in names}
    server_class = type("Server", (stage.candidate.TCPServer,), members)
    with server_class(LOOPBACK, ignore) as server, socket.create_connection(server.socket.getsockname()):
        server.handle_request()
    return called


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


# -- handlers ------------------------------------------------------------------------------------------------------


def shout(visit):
    """Answer with what the client said, in capitals."""
    visit.wfile.write(visit.rfile.readline().upper())


def ignore(request, client_address, server):
    """Be called as a handler class is."""


def do_nothing(visit):
    """Be there."""
