"""A server of each class with a connection that it has accepted, for behaviours that look at that."""

import contextlib
import socket


def classes_named(stage, names):
    """Return those of *names* that the module has, with their classes; some are newer than others."""
    return [(name, getattr(stage.candidate, name)) for name in names if hasattr(stage.candidate, name)]


@contextlib.contextmanager
def waiting_client(stage, server_class):
    """Yield a server of a class whose client waits to be accepted."""
    is_unix = server_class.address_family == getattr(socket, "AF_UNIX", None)
    server = server_class(stage.new_path() if is_unix else ("127.0.0.1", 0), None)
    with contextlib.closing(server.socket), socket.socket(server.socket.family) as client:
        client.connect(server.socket.getsockname())
        yield server
