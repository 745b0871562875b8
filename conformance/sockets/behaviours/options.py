"""What is set on sockets, by the server and by others."""

import contextlib
import socket

from conformance.sockets.behaviours.arranging import closed_after, free_address, ignore, take_one

REUSE = ("SO_REUSEADDR", "SO_REUSEPORT")
ANYWHERE = ("::", 0)  # an address at which the option makes a difference


def sequenced_packets(stage, names):
    """Give each class another socket_type; return for each the messages that two sendings through it become."""

    def look(request, client_address, client):
        return _what_waits(request)

    seen = {}
    for name, server_class in stage.classes(names):
        derived = type(name, (server_class,), {"socket_type": socket.SOCK_SEQPACKET})
        seen[name] = take_one(stage, derived, look, say=(b"one", b"two"))
    return seen


def _what_waits(connection):
    connection.setblocking(False)
    messages = []
    with contextlib.suppress(BlockingIOError):
        while True:
            messages.append(connection.recv(100))
    return messages


def options_left_alone(stage, names):
    """Set the options for reuse on the sockets of classes that do not ask for them; return which are set when bound."""
    seen = {}
    for name, server_class in stage.classes(names):
        with closed_after(server_class(free_address(stage, server_class), ignore, False)) as server:
            for option in REUSE:
                server.socket.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
            server.server_bind()
            values = [server.socket.getsockopt(socket.SOL_SOCKET, getattr(socket, option)) for option in REUSE]
            seen[name] = [bool(value) for value in values]
    return seen


def bind_without_options(stage, names):
    """Ask for reuse where the system has no options for it; return for each class the error, None without one."""
    with _missing(socket, REUSE):
        return {name: _bind_with_reuse(stage, server_class) for name, server_class in stage.classes(names)}


def _bind_with_reuse(stage, server_class):
    members = {"allow_reuse_address": True, "allow_reuse_port": True}
    try:
        type("Server", (server_class,), members)(free_address(stage, server_class), ignore).server_close()
    except Exception as error:  # noqa: BLE001 - whatever comes is the answer
        return type(error).__name__
    return None


@contextlib.contextmanager
def _missing(module, names):
    saved = {name: getattr(module, name) for name in names}
    for name in names:
        delattr(module, name)
    try:
        yield
    finally:
        for name in names:
            setattr(module, name, saved[name])


def dual_stack(stage, names):
    """Return for each class whether IPV6_V6ONLY of its IPv6 server is as the system sets it on any socket."""
    seen = {}
    for name, server_class in stage.classes(names):
        derived = type("Server", (server_class,), {"address_family": socket.AF_INET6})
        with closed_after(derived(ANYWHERE, ignore)) as server, socket.socket(
            socket.AF_INET6, server.socket_type
        ) as new:
            new.bind(ANYWHERE)
            seen[name] = _is_for_ipv6_only(server.socket) == _is_for_ipv6_only(new)
    return seen


def dual_stack_of_a_subclass(stage, names):
    """Return for each class whether IPV6_V6ONLY stays as its subclass set it, turned around, before it bound."""
    seen = {}

    def server_bind(self):
        wanted = not _is_for_ipv6_only(self.socket)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, wanted)
        super(type(self), self).server_bind()
        seen[type(self).__name__] = _is_for_ipv6_only(self.socket) == wanted

    for name, server_class in stage.classes(names):
        members = {"address_family": socket.AF_INET6, "server_bind": server_bind}
        type(name, (server_class,), members)(ANYWHERE, ignore).server_close()
    return seen


def _is_for_ipv6_only(some_socket):
    return bool(some_socket.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))
