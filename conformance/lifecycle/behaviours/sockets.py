"""The server's socket: its options, its queue, its descriptor, and another one in its place."""

import contextlib
import errno
import os
import selectors
import socket
import struct

from conformance.lifecycle.behaviours.arranging import (
    LOOPBACK,
    classes_named,
    closed_after,
    failure_of,
    free_address,
    noting_handler,
    waiting_client,
)


class WatchedSocket(socket.socket):
    """Remembers an option at the time of bind(), and whether it was told to listen."""

    option = None
    value_at_bind = None
    listened = False

    def bind(self, address):
        """Bind, after a look at the option."""
        if self.option is not None:
            self.value_at_bind = bool(self.getsockopt(socket.SOL_SOCKET, self.option))
        super().bind(address)

    def listen(self, *backlog):
        """Listen if that is possible."""
        self.listened = True
        with contextlib.suppress(OSError):
            super().listen(*backlog)


def say_whether_the_server_is_inheritable(visit):
    """Say whether programs that this process executes get the server's descriptor."""
    visit.record("server.seen", inheritable=os.get_inheritable(visit.server.fileno()))


def option_at_bind(stage, names, attribute, option, value):
    """Return for each class whether *option* was set when it bound with its *attribute* set to *value*."""
    found = {}
    for name, server_class in classes_named(stage, names):
        watched = type("Watched", (server_class,), {attribute: value})
        with closed_after(_watched_server(stage, watched)) as server:
            server.socket.option = getattr(socket, option)
            server.server_bind()
            found[name] = server.socket.value_at_bind
    return found


def share_a_port(stage, names):
    """Bind two servers of each class to one port and close the first; return whether the second gets a request."""
    taken = {}
    for name, server_class in classes_named(stage, names):
        sharing = type("Server", (server_class,), {"allow_reuse_port": True})
        first = sharing(LOOPBACK, None)
        with closed_after(sharing(first.server_address, None)) as second:
            first.server_close()
            with waiting_client(second) as client:
                second.socket.setblocking(False)
                request, client_address = second.get_request()
                taken[name] = client_address == client.getsockname()
                second.shutdown_request(request)
    return taken


def bound_with(stage, names, attribute):
    """Return for each class whether it has the address that it was made for, with its *attribute* true."""
    found = {}
    for name, server_class in classes_named(stage, names):
        address = free_address(stage, server_class)
        derived = type("Server", (server_class,), {attribute: True})
        with closed_after(derived(address, None)) as server:
            found[name] = server.socket.getsockname() == address
    return found


def listens_when_activated(stage, names):
    """Return for each class whether server_activate() tells the socket to listen."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(_watched_server(stage, server_class)) as server:
            server.server_bind()
            server.server_activate()
            found[name] = server.socket.listened
    return found


def _watched_server(stage, server_class):
    server = server_class(free_address(stage, server_class), None, False)
    server.socket.close()
    server.socket = WatchedSocket(server_class.address_family, server_class.socket_type)
    return server


def tcp_backlogs(stage, names, size):
    """Return for each class the longest queue that the kernel allows when request_queue_size is *size*."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(type("Server", (server_class,), {"request_queue_size": size})(LOOPBACK, None)) as server:
            state = server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
            found[name] = struct.unpack_from("I", state, 28)[0]  # of a listening socket: sk_max_ack_backlog
    return found


def unix_queue(stage, name, size):
    """Return how many clients can connect to a Unix server that accepts none, when request_queue_size is *size*."""
    server_class = type("Server", (getattr(stage.candidate, name),), {"request_queue_size": size})
    with closed_after(server_class(stage.new_path(), None)) as server, contextlib.ExitStack() as clients:
        for count in range(100):
            client = clients.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            client.setblocking(False)
            if client.connect_ex(server.socket.getsockname()) == errno.EAGAIN:
                return count
    return None


def inheritable_listeners(stage, names):
    """Return for each class whether its server's descriptor would be inherited."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(server_class(free_address(stage, server_class), None)) as server:
            found[name] = os.get_inheritable(server.fileno())
    return found


def inheritable_connections(stage, names):
    """Return for each class whether the descriptor of an accepted connection would be inherited."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(server_class(free_address(stage, server_class), None)) as server, waiting_client(server):
            request, _ = server.get_request()
            found[name] = os.get_inheritable(request.fileno())
            request.close()
    return found


def ipv6_hosts(stage, names, on_object):
    """Return for each class the host to which a server bound whose address_family says IPv6."""
    found = {}

    def initialise(self, *arguments):
        self.address_family = socket.AF_INET6
        super(type(self), self).__init__(*arguments)

    members = {"__init__": initialise} if on_object else {"address_family": socket.AF_INET6}
    for name, server_class in classes_named(stage, names):
        with closed_after(type("Server", (server_class,), members)(("::1", 0), None)) as server:
            found[name] = server.socket.getsockname()[0]
    return found


def bind_ipv4_server_to_ipv6(stage, names):
    """Return for each class whether an IPv6 address fails unless address_family is changed."""
    failed = {}
    for name, server_class in classes_named(stage, names):
        failed[name] = failure_of(server_class, ("::1", 0)) is not None
    return failed


def replace_socket(stage, names):
    """Serve one request from a socket that was not the server's own; return for each class what was seen of it."""
    seen = {}
    for name, server_class in classes_named(stage, names):
        handled = []
        server = server_class(free_address(stage, server_class), noting_handler(handled, name), False)
        server.socket.close()
        server.socket = own = socket.socket(server_class.address_family, server_class.socket_type)
        own.bind(free_address(stage, server_class))
        if server_class.socket_type == socket.SOCK_STREAM:
            own.listen(1)
        is_its_own = server.fileno() == own.fileno()
        with waiting_client(server):
            server.handle_request()
        server.server_close()
        seen[name] = {"descriptor": is_its_own, "handled": len(handled), "left": own.fileno()}
    return seen


class _Wrapper:
    """What is no socket and behaves like the one that it was made of."""

    def __init__(self, wrapped):
        self._wrapped = wrapped

    def __getattr__(self, name):
        return getattr(self._wrapped, name)


def change_socket(stage, names, kind, way):
    """Put something made of it in the place of each server's socket; return what was handled, and what is left open.

    One request is handled before that, and one after it.
    """
    seen = {}
    for name, server_class in classes_named(stage, names):
        handled = []
        members = {"service_actions": _leave_when(handled)}
        server = type("Server", (server_class,), members)(free_address(stage, server_class), noting_handler(handled, 1))
        with closed_after(server):
            _handle_one(server, way)
            server.socket = _remade(server.socket, kind)
            _handle_one(server, way)
        seen[name] = {"handled": len(handled), "left": server.socket.fileno()}
    return seen


def _remade(own, kind):
    return _Wrapper(own) if kind == "wrapper" else socket.socket(own.family, own.type, fileno=own.detach())


class _HandledError(Exception):
    """Leaves the loop after each request."""


def _leave_when(handled):
    counts = [0]

    def service_actions(self):
        if len(handled) > counts[0]:
            counts[0] = len(handled)
            raise _HandledError

    return service_actions


def _handle_one(server, way):
    with waiting_client(server), contextlib.suppress(_HandledError):
        getattr(server, way)()


def serve_at_descriptor_zero(stage, names):
    """Let each server listen at the descriptor of standard input, as some super-servers do.

    Return how many requests were handled that came when the loop had waited for one in vain.
    """
    seen, standard_input = {}, os.dup(0)
    for name, server_class in classes_named(stage, names):
        handled = []
        server = server_class(free_address(stage, server_class), noting_handler(handled, 1))
        with contextlib.ExitStack() as clients, closed_after(server):
            os.dup2(server.socket.fileno(), 0)
            server.socket.close()
            server.socket = socket.socket(server.address_family, server.socket_type, fileno=0)
            server.service_actions = _visit_once_and_leave(server, handled, clients)
            with contextlib.suppress(_HandledError):
                server.serve_forever(0.001)
        os.dup2(standard_input, 0)  # or the next server would begin there
        seen[name] = len(handled)
    os.close(standard_input)
    return seen


def _visit_once_and_leave(server, handled, clients):
    visits = []

    def service_actions():
        if handled:
            raise _HandledError
        if not visits:
            visits.append(clients.enter_context(waiting_client(server)))

    return service_actions


def select_two_servers(stage, names):
    """Watch two servers of each class with a selector; return which handled requests, and whose fileno() was right."""
    return {name: _select_two(stage, server_class) for name, server_class in classes_named(stage, names)}


def _select_two(stage, server_class):
    handled = []
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as opened:
        servers = [server_class(free_address(stage, server_class), noting_handler(handled, index)) for index in (0, 1)]
        for server in servers:
            selector.register(opened.enter_context(closed_after(server)), selectors.EVENT_READ)
            opened.enter_context(waiting_client(server))
        for _ in range(20):
            for key, _ in selector.select(1):
                key.fileobj.handle_request()
            if len(handled) == len(servers):
                break
        same = [server.fileno() == server.socket.fileno() for server in servers]
    return {"handled": sorted(handled), "descriptor": same}
