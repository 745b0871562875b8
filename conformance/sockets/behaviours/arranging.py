"""What the behaviours of this area begin with: addresses, clients, and what a server takes for its request."""

import contextlib
import os
import socket

LOOPBACK = ("127.0.0.1", 0)


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


def take_one(stage, server_class, look, address=None, client_name=None, say=()):
    """Let a server handle the request of one client; return what look(request, client_address, client) has returned.

    It is called where the server has got the request and not begun to process it.  say: what the client has sent then.
    """
    seen = []

    def get_request(self):
        request, client_address = super(watched, self).get_request()
        seen.append(look(request, client_address, client))
        return request, client_address

    watched = type("Watched", (server_class,), {"get_request": get_request})
    server = watched(address or free_address(stage, server_class), ignore)
    with closed_after(server), waiting_client(server, client_name) as client:
        for message in say:
            client.send(message)
        server.handle_request()
    return seen


def ignore(request, client_address, server):
    """Handle a request by doing nothing."""
