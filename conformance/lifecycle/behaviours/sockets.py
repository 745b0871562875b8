"""The server's socket: its options, its queue, its descriptor, and another one in its place."""

import contextlib
import errno
import os
import selectors
import socket
import struct
import threading

from conformance.lifecycle.behaviours.arranging import (
    LOOPBACK,
    Handler,
    classes_named,
    closed_after,
    failure_of,
    free_address,
    noting_handler,
    waiting_client,
)

LONG = 5  # seconds after which a request that was to be handled will not be


class WatchedSocket(socket.socket):
    """Remembers whether it was told to listen."""

    listened = False

    def listen(self, *backlog):
        """Listen if that is possible."""
        self.listened = True
        with contextlib.suppress(OSError):
            super().listen(*backlog)


def say_whether_the_server_is_inheritable(visit):
    """Say whether programs that this process executes get the server's descriptor, if it still has one."""
    descriptor = visit.server.fileno()
    visit.record("server.seen", inheritable=descriptor >= 0 and os.get_inheritable(descriptor))


def bind_where_another_socket_is_bound(stage, names, value):
    """Bind each class, with this value of allow_reuse_address, to the address of a socket that would share it.

    Return for each class whether it was bound.
    """
    bound = {}
    for name, server_class in classes_named(stage, names):
        reusing = type("Server", (server_class,), {"allow_reuse_address": value})
        with socket.socket(server_class.address_family, server_class.socket_type) as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(LOOPBACK)
            bound[name] = failure_of(reusing, other.getsockname()) is None
    return bound


def bind_where_another_server_listens(stage, names, value):
    """Bind two servers of each class to one port, with this value of allow_reuse_port; return which of them succeed."""
    bound = {}
    for name, server_class in classes_named(stage, names):
        sharing = type("Server", (server_class,), {"allow_reuse_port": True})
        second = type("Server", (server_class,), {"allow_reuse_port": value})
        with closed_after(sharing(LOOPBACK, Handler)) as first:
            bound[name] = failure_of(second, first.socket.getsockname()) is None
    return bound


def share_a_port(stage, names):
    """Bind two servers of each class to one port and close the first; return how many requests the second handles."""
    taken = {}
    for name, server_class in classes_named(stage, names):
        handled = []
        sharing = type("Server", (server_class,), {"allow_reuse_port": True, "timeout": LONG})
        first = sharing(LOOPBACK, Handler)
        with closed_after(sharing(first.socket.getsockname(), noting_handler(handled, 1))) as second:
            first.server_close()
            with waiting_client(second):
                second.handle_request()
        taken[name] = len(handled)
    return taken


def bound_with(stage, names, attribute):
    """Return for each class whether it has the address that it was made for, with its *attribute* true."""
    found = {}
    for name, server_class in classes_named(stage, names):
        address = free_address(stage, server_class)
        derived = type("Server", (server_class,), {attribute: True})
        with closed_after(derived(address, Handler)) as server:
            found[name] = server.socket.getsockname() == address
    return found


def listens_when_activated(stage, names):
    """Return for each class whether server_activate() tells the socket to listen."""
    found = {}
    for name, server_class in classes_named(stage, names):
        server = server_class(free_address(stage, server_class), Handler, False)
        server.socket.close()
        server.socket = WatchedSocket(server_class.address_family, server_class.socket_type)
        with closed_after(server):
            server.server_bind()
            server.server_activate()
            found[name] = server.socket.listened
    return found


def tcp_backlogs(stage, names, size):
    """Return for each class the longest queue that the kernel allows when request_queue_size is *size*."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(type("Server", (server_class,), {"request_queue_size": size})(LOOPBACK, Handler)) as server:
            state = server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
            found[name] = struct.unpack_from("I", state, 28)[0]  # of a listening socket: sk_max_ack_backlog
    return found


def unix_queue(stage, name, size):
    """Return how many clients can connect to a Unix server that accepts none, when request_queue_size is *size*."""
    server_class = type("Server", (getattr(stage.candidate, name),), {"request_queue_size": size})
    with closed_after(server_class(stage.new_path(), Handler)) as server, contextlib.ExitStack() as clients:
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
        with closed_after(server_class(free_address(stage, server_class), Handler)) as server:
            found[name] = os.get_inheritable(server.fileno())
    return found


def inheritable_connections(stage, names):
    """Return for each class whether the descriptor of an accepted connection would be inherited."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(server_class(free_address(stage, server_class), Handler)) as server, waiting_client(server):
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
        with closed_after(type("Server", (server_class,), members)(("::1", 0), Handler)) as server:
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
        server.timeout = LONG
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


def _stopping(server_class, **members):
    """Return a class of server whose loop stops when it has handled a request; for those without a mix-in."""

    def verify_request(self, request, client_address):
        if self.is_looping:
            threading.Thread(target=self.shutdown, daemon=True).start()
        return True

    return type("Stopping", (server_class,), dict(members, verify_request=verify_request, is_looping=False))


def change_socket(stage, names, kind, way):
    """Put something made of it in the place of each server's socket; return what was handled, and what is left open.

    One request is handled before that, and one after it.
    """
    seen = {}
    for name, server_class in classes_named(stage, names):
        handled = []
        server = _stopping(server_class)(free_address(stage, server_class), noting_handler(handled, 1))
        server.timeout = LONG
        with closed_after(server):
            _handle_one(server, way)
            server.socket = _remade(server.socket, kind)
            _handle_one(server, way)
        seen[name] = {"handled": len(handled), "left": server.socket.fileno()}
    return seen


def _remade(own, kind):
    return _Wrapper(own) if kind == "wrapper" else socket.socket(own.family, own.type, fileno=own.detach())


def _handle_one(server, way):
    server.is_looping = way == "serve_forever"
    with waiting_client(server):
        getattr(server, way)()


def serve_at_descriptor_zero(stage, names):
    """Let each server listen at the descriptor of standard input, as some super-servers do.

    Return how many requests were handled, one that came while the loop waited.
    """
    seen, standard_input = {}, os.dup(0)
    for name, server_class in classes_named(stage, names):
        handled = []
        with contextlib.ExitStack() as clients:
            stopping = _stopping(server_class, service_actions=_visit_once(clients))
            server = clients.enter_context(
                closed_after(stopping(free_address(stage, server_class), noting_handler(handled, 1)))
            )
            os.dup2(server.socket.fileno(), 0)
            server.socket.close()
            server.socket = socket.socket(server.address_family, server.socket_type, fileno=0)
            server.is_looping = True
            server.serve_forever(0.01)
        os.dup2(standard_input, 0)  # or the next server would begin there
        seen[name] = len(handled)
    os.close(standard_input)
    return seen


def _visit_once(clients):
    visits = []

    def service_actions(server):
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
