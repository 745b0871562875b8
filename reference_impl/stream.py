"""TCPServer and UnixStreamServer: a listening socket, and a connection of its own for each request.

`server_bind()` and `server_activate()` make the socket listen, `get_request()` accepts a
connection, and `shutdown_request()` tells the client that nothing more comes before the
connection is closed.  The class attributes are settings; set them in a derived class, or in an
instance made with `bind_and_activate=False`.
"""

import os
import socket
import sys
from contextlib import suppress

from .base import BaseServer

TYPE_CHECKING = False  # The import of `typing` takes longer than that of all of this.
if TYPE_CHECKING:
    from typing import Any, Optional

    from .base import RequestHandlerFactory


class TCPServer(BaseServer):
    """Takes connections at an internet address, `(host, port)`; all servers below build on it."""

    address_family: int = socket.AF_INET
    """Never guessed from the address: set it to AF_INET6 to serve one of those."""

    socket_type: int = socket.SOCK_STREAM

    # A short queue makes clients wait for seconds when many come at once; Python changed it in
    # 3.15.
    request_queue_size: int = 5 if sys.version_info < (3, 15) else socket.SOMAXCONN
    """How many connections may wait to be accepted; the system may have a limit below that."""

    allow_reuse_address: bool = False
    """Set SO_REUSEADDR: bind to the address though connections of an earlier server linger."""

    allow_reuse_port: bool = False
    """Set SO_REUSEPORT: several servers share the address."""

    def __init__(
        self,
        server_address: "Any",
        RequestHandlerClass: "RequestHandlerFactory",
        bind_and_activate: bool = True,
    ) -> None:
        """Make the socket; unless told otherwise bind and activate, and if that fails, close."""
        BaseServer.__init__(self, server_address, RequestHandlerClass)
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.__file: "Optional[str]" = None
        if not bind_and_activate:
            return
        try:
            self.server_bind()
            self.server_activate()
        except BaseException:
            self.server_close()
            self.__remove_file()
            raise

    def fileno(self) -> int:
        """Return the descriptor of the socket, -1 after server_close()."""
        return self.socket.fileno()

    def server_bind(self) -> None:
        """Bind the socket; server_address becomes the system's own: no port 0, no host name."""
        self.__set_options()
        address = self.server_address
        self.socket.bind(os.fspath(address) if hasattr(address, "__fspath__") else address)
        self.server_address = self.socket.getsockname()
        if isinstance(self.server_address, str) and is_unix(self.socket):
            self.__file = self.server_address

    def __set_options(self) -> None:
        if self.allow_reuse_address and hasattr(socket, "SO_REUSEADDR"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Other families refuse the option.
        may_share = self.address_family in (socket.AF_INET, socket.AF_INET6)
        if self.allow_reuse_port and may_share and hasattr(socket, "SO_REUSEPORT"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)

    def __remove_file(self) -> None:
        # Only of a server that never came to be: others leave the file of a Unix socket where it
        # is.
        if self.__file:
            with suppress(OSError):
                os.unlink(self.__file)

    def server_activate(self) -> None:
        """Listen."""
        self.socket.listen(self.request_queue_size)

    def server_close(self) -> None:
        """Close the socket, which also ends the loops; accepted connections stay open."""
        self.socket.close()
        self._wake_loops()

    def _before_waiting(self) -> None:
        # The connection that ended the wait may be gone when accept() is called: taken by another
        # thread or process. Only the descriptor is told not to block: the socket object keeps its
        # timeout, and whoever reads it is right. Elsewhere than on Linux, accepted connections
        # would inherit this.
        if sys.platform == "linux" and is_listening(self.socket):
            os.set_blocking(self.socket.fileno(), False)

    def get_request(self) -> "Any":
        """Accept a connection; return its socket and the client's address."""
        return self.socket.accept()

    def shutdown_request(self, request: "Any") -> None:
        """End the output, which the client notices though copies of the socket are open; close."""
        try:
            request.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The client was quicker.
        finally:
            self.close_request(request)

    def close_request(self, request: "Any") -> None:
        """Close the connection."""
        request.close()

    def _leave_to_parent(self) -> None:
        # A child that lives on would keep the port occupied and let clients queue in vain after
        # server_close(). An unused socket takes the place, so that the handler still finds an
        # open one.
        if is_listening(self.socket):
            with suppress(OSError), socket.socket(self.address_family, self.socket_type) as unused:
                os.dup2(unused.fileno(), self.socket.fileno(), inheritable=False)


if hasattr(socket, "AF_UNIX"):

    class UnixStreamServer(TCPServer):
        """Takes connections at a path (str, bytes, os.PathLike); the file is never removed."""

        address_family = socket.AF_UNIX


def is_listening(some_socket: "Any") -> bool:
    """Tell whether accept() gives connections; not for datagrams, nor if the server is a client."""
    try:
        return bool(some_socket.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except (AttributeError, OSError):
        return False


def is_unix(some_socket: "Any") -> bool:
    """Tell whether a socket belongs to the Unix domain."""
    family = getattr(socket, "AF_UNIX", None)
    return family is not None and getattr(some_socket, "family", None) == family
