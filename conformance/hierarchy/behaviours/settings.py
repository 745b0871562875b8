"""Make, call and set what the documentation names."""

import errno
import inspect
import os
import socket
import struct
import threading

from conformance.hierarchy.behaviours.arranging import LOOPBACK, ignore


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

    class ForkingServer(candidate.ForkingMixIn, candidate.TCPServer):
        pass

    server, threading_server = Server(LOOPBACK, ignore), ThreadingServer(LOOPBACK, ignore)
    yield "serve_forever", server.serve_forever, [("poll_interval", 0.01)]
    for name in ("shutdown_request", "close_request"):
        yield name, getattr(server, name), _request()[:1]
    for name in ("verify_request", "process_request", "finish_request", "handle_error"):
        yield name, getattr(server, name), _request()
    for name in ("process_request", "process_request_thread"):
        yield "ThreadingMixIn." + name, getattr(threading_server, name), _request()
    yield "ForkingMixIn.process_request", ForkingServer(LOOPBACK, ignore).process_request, _request()
    yield "BaseRequestHandler", candidate.BaseRequestHandler, [*_request(), ("server", server)]


def _request():
    return [("request", socket.socketpair()[0]), ("client_address", ("127.0.0.1", 1))]


def effects_of_settings(stage, on_object):
    """Give settings to subclasses, or to objects before use; return for each what came of it."""
    return {
        name: observe(_server_with(stage, class_name, name, value, on_object))
        for name, (class_name, value, observe) in SETTINGS.items()
    }


def _server_with(stage, class_name, name, value, on_object):
    server_class = getattr(stage.candidate, class_name)
    if not on_object:
        return type("Server", (server_class,), {name: value})(LOOPBACK, ignore)
    server = server_class(LOOPBACK, ignore, bind_and_activate=False)
    setattr(server, name, value)
    server.server_bind()
    server.server_activate()
    return server


def _reuses_address(server):
    return bool(server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR))


def _backlog(server):
    state = server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)
    return struct.unpack_from("I", state, 28)[0]  # of a listening socket: sk_max_ack_backlog


def _gives_up(server):
    passed = []
    server.handle_timeout = lambda: passed.append("in vain")
    server.handle_request()
    return passed == ["in vain"]


def _length_of_datagram(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"more than three", server.socket.getsockname())
        (data, _), _ = server.get_request()
    return len(data)


def _has_daemons(server):
    threads, seen = [], threading.Event()

    def handler(request, client_address, server):
        threads.append(threading.current_thread().daemon)
        seen.set()

    server.RequestHandlerClass = handler
    server.process_request(socket.socketpair()[0], "client")
    seen.wait()
    return threads[0]


SETTINGS = {
    "allow_reuse_address": ("TCPServer", True, _reuses_address),
    "request_queue_size": ("TCPServer", 3, _backlog),
    "timeout": ("TCPServer", 0, _gives_up),
    "max_packet_size": ("UDPServer", 3, _length_of_datagram),
    "daemon_threads": ("ThreadingTCPServer", True, _has_daemons),
}


def type_of_socket(stage):
    """Return the type of the socket of a Unix server whose class says that it keeps the bounds of messages."""
    server_class = type("Server", (stage.candidate.UnixStreamServer,), {"socket_type": socket.SOCK_SEQPACKET})
    with server_class(stage.new_path(), ignore) as server:
        return server.socket.type == socket.SOCK_SEQPACKET


def handler_class_in_use(stage):
    """Give a server another handler class after it was made, and return which one was used."""
    used = []
    with stage.candidate.TCPServer(LOOPBACK, lambda *_: used.append("first")) as server:
        server.RequestHandlerClass = lambda *_: used.append("second")
        server.finish_request(None, "client")
    return used


def bind_twice(stage):
    """Bind two servers whose addresses may be used again to the same port; return what came of the second."""
    server_class = type("Server", (stage.candidate.TCPServer,), {"allow_reuse_address": True})
    with server_class(LOOPBACK, ignore) as first:
        try:
            server_class(first.socket.getsockname(), ignore).server_close()
        except OSError as error:
            return errno.errorcode[error.errno]
    return "shared"


def answers_of_hooks(stage, names):
    """Call the hooks that somebody might override of each class; return their answers, and whether anything changed."""
    return {name: _answers_of_hooks(stage, name) for name in names}


def _answers_of_hooks(stage, name):
    server_class = getattr(stage.candidate, name)
    server = server_class(stage.new_path() if "Unix" in name else LOOPBACK, ignore)
    before = dict(vars(server))
    answers = [server.verify_request(None, None) is True, server.handle_timeout(), server.service_actions()]
    changed = vars(server) != before
    server.server_close()
    return [*answers, changed]


def default_of_parameter(stage, class_name, method, parameter):
    """Return the default of a parameter, "none" if it has none."""
    parameters = inspect.signature(getattr(getattr(stage.candidate, class_name), method)).parameters
    default = getattr(parameters.get(parameter), "default", inspect.Parameter.empty)
    return "none" if default is inspect.Parameter.empty else default


def defaults(stage, names):
    """Return the class attributes *names*, each "Class.attribute"; "missing" for those that are."""
    found = {}
    for name in names:
        class_name, attribute = name.split(".")
        found[name] = getattr(getattr(stage.candidate, class_name), attribute, "missing")
    return found
