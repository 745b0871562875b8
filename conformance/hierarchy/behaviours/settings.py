"""Make, call and set what the documentation names."""

import errno
import inspect
import os
import socket
import struct
import threading

from conformance.hierarchy.behaviours.arranging import (
    LOOPBACK,
    bases_named,
    closed_after,
    free_address,
    ignore,
    waiting_client,
)

LEFT_TO_DERIVED_CLASSES = ("fileno", "get_request", "server_bind", "server_activate", "server_close")
FOR_A_REQUEST = ("verify_request", "process_request", "finish_request", "handle_error")


def make_base_server(stage):
    """Make a server that is little more than a BaseServer; return what it keeps, and how many descriptors it opened."""
    server_class = _bare_server_class(stage)
    before = len(os.listdir("/proc/self/fd"))
    server = server_class("address", print)
    opened = len(os.listdir("/proc/self/fd")) - before
    return {
        "address": server.server_address,
        "handler kept": server.RequestHandlerClass is print,
        "opened": opened,
    }


def _bare_server_class(stage):
    """Return a class derived from BaseServer, with what the documentation leaves to such classes."""

    def supplied(self):
        """Be there."""

    return type("BareServer", (stage.candidate.BaseServer,), dict.fromkeys(LEFT_TO_DERIVED_CLASSES, supplied))


# -- parameters --------------------------------------------------------------------------------------------------------


def construct(stage, class_name, by_keyword):
    """Make a server of the class; return why its constructor refused, None if it did not."""
    if class_name == "BaseServer":
        server_class = _bare_server_class(stage)
        arguments = {"server_address": LOOPBACK, "RequestHandlerClass": ignore}
    else:
        server_class = getattr(stage.candidate, class_name)
        address = free_address(stage, server_class)
        arguments = {"server_address": address, "RequestHandlerClass": ignore, "bind_and_activate": False}
    try:
        server = server_class(**arguments) if by_keyword else server_class(*arguments.values())
    except TypeError as error:
        return str(error)
    server.server_close()
    return None


def serve_at_an_interval(stage, by_keyword):
    """Let a server serve with a poll interval until its first turn is over; return why it refused, None if not."""
    stoppers = []

    class Server(stage.candidate.TCPServer):
        def service_actions(self):
            if not stoppers:
                stoppers.append(stage.start(self.shutdown))

    with closed_after(Server(LOOPBACK, ignore)) as server:
        try:
            server.serve_forever(poll_interval=0.01) if by_keyword else server.serve_forever(0.01)
        except TypeError as error:
            return str(error)
        stoppers[0].join()
    return None


def hand_arguments_on(stage, class_name, by_keyword):
    """Handle a request that fails, with methods that hand their arguments on to those that they replace."""

    def fail(request, client_address, server):
        raise ValueError("for handle_error()")

    def overriding(name):
        def method(self, request, client_address):
            inherited = getattr(super(server_class, self), name)
            stage.record("handed.on", name=name)
            try:
                if by_keyword:
                    return inherited(request=request, client_address=client_address)
                return inherited(request, client_address)
            except TypeError as error:
                stage.record("refused", name=name, says=str(error))
                raise

        return method

    members = {name: overriding(name) for name in FOR_A_REQUEST}
    server_class = type("Server", bases_named(stage, class_name), members)
    with closed_after(server_class(LOOPBACK, fail)) as server, waiting_client(server):
        server.handle_request()


def make_handler_by_name(stage):
    """Make a BaseRequestHandler from arguments by name; return why it refused, None if it did not."""
    here, there = socket.socketpair()
    try:
        stage.candidate.BaseRequestHandler(request=here, client_address="client", server=None)
    except TypeError as error:
        return str(error)
    finally:
        here.close()
        there.close()
    return None


def default_of_parameter(stage, class_name, method, parameter):
    """Return the default of a parameter, "none" if it has none."""
    parameters = inspect.signature(getattr(getattr(stage.candidate, class_name), method)).parameters
    default = getattr(parameters.get(parameter), "default", inspect.Parameter.empty)
    return "none" if default is inspect.Parameter.empty else default


# -- settings ----------------------------------------------------------------------------------------------------------


def effect_of_setting(stage, setting, way):
    """Give a setting to a subclass, or to an object before use; return what came of it."""
    class_name, value, observe = SETTINGS[setting]
    members = {"handle_timeout": _note_timeout, "timed_out": False, "daemons": [], "is_over": threading.Event()}
    server_class = type("Server", bases_named(stage, class_name), members)
    with closed_after(WAYS[way](server_class, setting, value)) as server:
        return observe(server)


def _in_subclass(server_class, name, value):
    return type("WithSetting", (server_class,), {name: value})(LOOPBACK, _note_thread)


def _before_use(server_class, name, value):
    server = server_class(LOOPBACK, _note_thread, bind_and_activate=False)
    setattr(server, name, value)
    server.server_bind()
    server.server_activate()
    return server


def _before_construction(server_class, name, value):
    class Prepared(server_class):
        def __init__(self, address, handler):
            setattr(self, name, value)
            super().__init__(address, handler)

    return Prepared(LOOPBACK, _note_thread)


WAYS = {"class": _in_subclass, "object": _before_use, "before construction": _before_construction}


def _note_timeout(self):
    self.timed_out = True


def _note_thread(request, client_address, server):
    server.daemons.append(threading.current_thread().daemon)
    server.is_over.set()


def _reuses_address(server):
    return bool(server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR))


def _backlog(server):
    state = server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)
    return struct.unpack_from("I", state, 28)[0]  # of a listening socket: sk_max_ack_backlog


def _gives_up(server):
    server.handle_request()
    return server.timed_out


def _has_daemons(server):
    with waiting_client(server):
        server.handle_request()
        server.is_over.wait()
    return server.daemons == [True]


SETTINGS = {
    "allow_reuse_address": ("TCPServer", True, _reuses_address),
    "request_queue_size": ("TCPServer", 3, _backlog),
    "timeout": ("TCPServer", 0, _gives_up),
    "daemon_threads": ("ThreadingMixIn+TCPServer", True, _has_daemons),
}


def type_of_socket(stage):
    """Return the type of the socket of a Unix server whose class says that it keeps the bounds of messages."""
    server_class = type("Server", (stage.candidate.UnixStreamServer,), {"socket_type": socket.SOCK_SEQPACKET})
    with closed_after(server_class(stage.new_path(), ignore)) as server:
        return server.socket.type == socket.SOCK_SEQPACKET


def bind_twice(stage):
    """Bind two servers whose addresses may be used again to the same port; return what came of the second."""
    server_class = type("Server", (stage.candidate.TCPServer,), {"allow_reuse_address": True})
    with closed_after(server_class(LOOPBACK, ignore)) as first:
        try:
            server_class(first.socket.getsockname(), ignore).server_close()
        except OSError as error:
            return errno.errorcode[error.errno]
    return "shared"


def defaults(stage, names):
    """Return the class attributes *names*, each "Class.attribute", of the classes that are there; "missing" if one is.

    AttributeError if the candidate has none of the classes.
    """
    classes = dict(stage.classes([name.partition(".")[0] for name in names]))
    found = {}
    for name in names:
        class_name, attribute = name.split(".")
        if class_name in classes:
            found[name] = getattr(classes[class_name], attribute, "missing")
    return found


# -- hooks that nobody overrides ---------------------------------------------------------------------------------------


def tell_answer(server, request, client_address):
    """Report whether the inherited verify_request() returns True."""
    answer = server.inherited.verify_request(request, client_address)
    server.stage.record("verified", answer=repr(answer))
    return answer


def tell_what_changes(server):
    """Report which public attributes of the server the inherited handle_timeout() changes."""
    before = dict(vars(server))
    server.inherited.handle_timeout()
    after = vars(server)
    changed = [name for name in {*before, *after} if before.get(name) is not after.get(name)]
    server.stage.record("timeout", changed=sorted(name for name in changed if not name.startswith("_")))
