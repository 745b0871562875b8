"""What the behaviours of this area begin with: the classes there are, addresses, clients."""

import contextlib
import os
import socket

LOOPBACK = ("127.0.0.1", 0)


def classes_named(stage, names):
    """Return those of *names* that the module has, with their classes; some are newer than others."""
    return [(name, getattr(stage.candidate, name)) for name in names if hasattr(stage.candidate, name)]


def free_address(stage, server_class):
    """Return an address that nobody uses, fit for the family of *server_class*."""
    if server_class.address_family == getattr(socket, "AF_UNIX", None):
        return stage.new_path()
    return tuple(LOOPBACK)


def abstract_name(stage):
    """Return a new name, in text, that begins with a zero byte."""
    return "\0" + stage.new_path().replace(os.sep, "-")


@contextlib.contextmanager
def closed_after(server):
    """Close *server* at the end, also if it is no context manager."""
    try:
        yield server
    finally:
        server.server_close()


@contextlib.contextmanager
def waiting_client(server, name=None):
    """Keep a client of *server*, perhaps with a *name*, whose request waits: a connection, or a datagram."""
    with socket.socket(server.socket.family, server.socket.type) as client:
        if name is not None:
            client.bind(name)
        client.connect(server.socket.getsockname())
        if server.socket.type == socket.SOCK_DGRAM:
            client.send(b"a request")
        yield client


def ignore(request, client_address, server):
    """Handle a request by doing nothing."""
