"""Unix clients, seen from the server: who they are, and how many may wait."""

import errno
import socket
import struct

PEERCRED = getattr(socket, "SO_PEERCRED", 17)  # PyPy has no name for Linux's number


def do_nothing(visit):
    """Be there."""


def report_process(visit):
    """Report the process at the other end, and whose it is."""
    size = struct.calcsize("3i")
    process, user, _ = struct.unpack("3i", visit.request.getsockopt(socket.SOL_SOCKET, PEERCRED, size))
    visit.record("process.seen", process=process, user=user)


def fill_queue(stage):
    """Connect clients that cannot wait until one is refused; return the name of its error, None if none is."""
    [server] = stage.servers
    server.clients = []
    for _ in range(100):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.clients.append(client)
        client.setblocking(False)
        error = client.connect_ex(server.socket.getsockname())
        if error:
            return errno.errorcode.get(error)
    return None


def connect_one_that_waits(stage):
    """Connect a client that can wait."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(stage.servers[0].socket.getsockname())
