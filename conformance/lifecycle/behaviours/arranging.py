"""What the behaviours of this area begin with: the classes there are, addresses, clients whose request waits."""

import contextlib
import socket

LOOPBACK = ("127.0.0.1", 0)


class Handler:
    """A handler class that does nothing, and owes nothing to the candidate."""

    def __init__(self, request, client_address, server):
        """Do it."""

    def handle(self):
        """Leave nothing to do to a server that calls this itself."""

    setup = finish = handle


def noting_handler(handled, what):
    """Return a handler class that appends *what* to *handled* for each request."""

    def note(self, request, client_address, server):
        handled.append(what)

    return type("NotingHandler", (Handler,), {"__init__": note})


def failure_of(server_class, address, handler=Handler):
    """Make a server at *address* and close it; return the error that prevents it, None without one."""
    try:
        server_class(address, handler).server_close()
    except (OSError, OverflowError, TypeError, ValueError) as error:
        return error
    return None


def classes_named(stage, names):
    """Return those of *names* that the module has, with their classes; some are newer than others.

    A name with a plus stands for the class that a user makes of several.  AttributeError if the module has none.
    """
    found = []
    for name in names:
        bases = [getattr(stage.candidate, part, None) for part in name.split("+")]
        if None not in bases:
            found.append((name, bases[0] if len(bases) == 1 else type("Combination", tuple(bases), {})))
    if not found:
        raise AttributeError("module %r has no attribute %r" % (stage.candidate.__name__, names[0].split("+")[0]))
    return found


def free_address(stage, server_class):
    """Return an address that nobody uses, fit for the family of *server_class*."""
    if server_class.address_family == getattr(socket, "AF_UNIX", None):
        return stage.new_path()
    return tuple(LOOPBACK)


@contextlib.contextmanager
def closed_after(server):
    """Close *server* at the end, also if it is no context manager."""
    try:
        yield server
    finally:
        server.server_close()


@contextlib.contextmanager
def waiting_client(server):
    """Keep a client of *server* whose request waits: a connection, or a datagram that was sent."""
    with socket.socket(server.socket.family, server.socket.type) as client:
        client.connect(server.socket.getsockname())
        if server.socket.type == socket.SOCK_DGRAM:
            client.send(b"a request")
        yield client
