"""Servers for one request: a real one, or one that a behaviour has made up and holds the other end of."""

import contextlib
import socket

from conformance.request_handlers.behaviours.outcomes import raised_by

STREAM_SERVERS = ("TCPServer", "UnixStreamServer")
DATAGRAM_SERVERS = ("UDPServer", "UnixDatagramServer")


def handle_one(stage, server_class, handler_class):
    """Let a server of this class handle the request of a client that waits."""
    with _with_client(stage, server_class, handler_class) as server:
        server.handle_request()


def handled(stage, handler_class, request, client_address="client", servers=STREAM_SERVERS):
    """Let a server take *request* for what it has got, and handle it; return what its handler raised, None if nothing.

    servers: names of classes, the first of which that the module has is used.
    """
    outcomes = []

    def get_request(self):
        return request, client_address

    def finish_request(self, *arguments):
        outcomes.append(raised_by(super(server_class, self).finish_request, *arguments))

    base = stage.classes(servers)[0][1]
    server_class = type("Server", (base,), {"get_request": get_request, "finish_request": finish_request})
    handle_one(stage, server_class, handler_class)
    if not outcomes:
        raise AssertionError("the server did not come to handling the request")
    return outcomes[0]


@contextlib.contextmanager
def _with_client(stage, server_class, handler_class):
    """Yield a server with a client that has connected, or sent a datagram."""
    is_unix = server_class.address_family == getattr(socket, "AF_UNIX", None)
    server = server_class(stage.new_path() if is_unix else ("127.0.0.1", 0), handler_class)
    try:
        with socket.socket(server.socket.family, server.socket.type) as client:
            client.connect(server.socket.getsockname())
            if server.socket.type == socket.SOCK_DGRAM:
                client.send(b"a request")
            yield server
    finally:
        server.server_close()
