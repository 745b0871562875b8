"""UDPServer and UnixDatagramServer: one socket for everything, each datagram a request.

A request is a pair: the datagram's bytes, and the server's own socket, on which replies are sent.
So there is no connection to shut down or to close, and nothing to listen to.
"""

import socket

from .stream import TCPServer

TYPE_CHECKING = False  # The import of `typing` takes longer than that of all of this.
if TYPE_CHECKING:
    from typing import Any


class UDPServer(TCPServer):
    """Takes datagrams at an internet address, `(host, port)`."""

    socket_type: int = socket.SOCK_DGRAM
    allow_reuse_address: bool = False
    allow_reuse_port: bool = False

    max_packet_size: int = 8192
    """Bytes; of a longer datagram the rest is lost."""

    _receive_flags = 0

    def server_activate(self) -> None:
        """Do nothing: datagrams arrive from the moment the socket is bound."""

    def _before_waiting(self) -> None:
        # The datagram that ended the wait may be gone: taken by another thread or process, or
        # found damaged. A flag for this one call, since handlers that share the socket may rely
        # on its blocking.
        self._receive_flags = getattr(socket, "MSG_DONTWAIT", 0)

    def get_request(self) -> "Any":
        """Receive a datagram; return it together with the socket, and the client's address."""
        data, client_address = self.socket.recvfrom(self.max_packet_size, self._receive_flags)
        return (data, self.socket), client_address

    def shutdown_request(self, request: "Any") -> None:
        """Do nothing but close_request()."""
        self.close_request(request)

    def close_request(self, request: "Any") -> None:
        """Do nothing: the socket is the server's."""


if hasattr(socket, "AF_UNIX"):

    class UnixDatagramServer(UDPServer):
        """Takes datagrams at a path; only clients bound to a path of their own can get a reply."""

        address_family = socket.AF_UNIX
