"""Ways to get the clients of Unix servers wrong."""

import socket

from harness.host.breaking import breaks, instead_of


class _Stranger:
    """A connection that keeps to itself who is at the other end."""

    def __init__(self, connection):
        self._connection = connection

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def getsockopt(self, level, option, size=0):
        """Return zeros where there is more to tell than a number."""
        return b"\0" * size if size else self._connection.getsockopt(level, option)


@breaks("sockets.unix-peer-can-be-identified")
def peer_is_hidden(impl):
    """The request of a Unix server tells neither process nor user."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request, client_address = method(self)
        hidden = isinstance(request, socket.socket) and request.family == getattr(socket, "AF_UNIX", None)
        return _Stranger(request) if hidden else request, client_address


@breaks("sockets.full-unix-queue-keeps-clients-waiting")
def queue_has_no_end(impl):
    """A Unix server lets a thousand clients queue."""

    @instead_of(impl.TCPServer, "server_activate")
    def activate(method, self):
        method(self)
        if self.address_family == getattr(socket, "AF_UNIX", None) and self.socket_type == socket.SOCK_STREAM:
            self.socket.listen(1000)
