"""What several behaviours of this area set up with."""

import contextlib
import socket

LOOPBACK = ("127.0.0.1", 0)

#: What the documentation lists for server objects.
METHODS = (
    "fileno",
    "handle_request",
    "serve_forever",
    "service_actions",
    "shutdown",
    "server_close",
    "finish_request",
    "get_request",
    "handle_error",
    "handle_timeout",
    "process_request",
    "server_activate",
    "server_bind",
    "verify_request",
    "__enter__",
    "__exit__",
)
ATTRIBUTES = (
    "address_family",
    "RequestHandlerClass",
    "server_address",
    "socket",
    "allow_reuse_address",
    "request_queue_size",
    "socket_type",
    "timeout",
)
SETTINGS_OF_MIX_INS = ("block_on_close", "max_children", "daemon_threads")


def ignore(request, client_address, server):
    """Be called as a handler class is."""


def bases_named(stage, class_name):
    """Return the classes of the module that *class_name* is made of: its names are joined by plus signs."""
    return tuple(getattr(stage.candidate, name) for name in class_name.split("+"))


def free_address(stage, server_class):
    """Return an address that nobody uses, fit for the family of *server_class*."""
    return stage.new_path() if server_class.address_family == getattr(socket, "AF_UNIX", None) else LOOPBACK


@contextlib.contextmanager
def closed_after(server):
    """Close *server* at the end, also if it is no context manager."""
    try:
        yield server
    finally:
        server.server_close()


@contextlib.contextmanager
def waiting_client(server):
    """Keep a client whose request waits at *server*: a connection, or a datagram."""
    with socket.socket(server.socket.family, server.socket.type) as client:
        client.connect(server.socket.getsockname())
        if server.socket.type == socket.SOCK_DGRAM:
            client.send(b"a request")
        yield client
