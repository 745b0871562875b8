"""The request handlers: a new one for each request, which handles it while it is being made.

The constructor sets `request`, `client_address` and `server`, and then calls

    setup → handle → finish

`finish()` is called whatever `handle()` raises, but not if `setup()` fails.  A handler of one's
own overrides `handle()`, and may extend the other two.  StreamRequestHandler and
DatagramRequestHandler give both kinds of request the same face, two files: `rfile` to read the
request from, `wfile` to write the reply to.
"""

import io
import socket
from contextlib import suppress

from .stream import is_unix

TYPE_CHECKING = False  # The import of `typing` takes longer than that of all of this.
if TYPE_CHECKING:
    from typing import Any, Optional


class BaseRequestHandler:
    """Calls the three methods in order; does nothing else."""

    def __init__(self, request: "Any", client_address: "Any", server: "Any") -> None:
        """Handle *request*; what this raises is for the server to report."""
        self.request = request
        self.client_address = client_address
        self.server = server
        try:
            self.setup()
        except BaseException:
            self._give_up()
            raise
        try:
            self.handle()
        finally:
            self.finish()

    def setup(self) -> None:
        """Get ready; called before handle()."""

    def handle(self) -> None:
        """Handle the request."""

    def finish(self) -> None:
        """Clean up; called after handle()."""

    def _give_up(self) -> None:
        """Release what a failed setup() may have acquired."""


class StreamRequestHandler(BaseRequestHandler):
    """Reads from and writes to a connection as if it were two files: `rfile`, `wfile`."""

    rbufsize: int = -1
    """Bytes of rfile's buffer, -1 for the default; 0 if handle() also reads from the socket."""

    wbufsize: int = 0
    """Bytes of wfile's buffer; with 0 each write is sent at once, and whole."""

    timeout: "Optional[float]" = None
    """Seconds that one read or write on the connection may take; None: leave it alone."""

    disable_nagle_algorithm: bool = False
    """Set TCP_NODELAY: small writes do not wait to become larger ones."""

    def setup(self) -> None:
        """Set up the connection and its two files."""
        self.connection = self.request
        if self.timeout is not None:
            self.connection.settimeout(self.timeout)
        if self.disable_nagle_algorithm and not is_unix(self.connection):
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.rfile = self.connection.makefile("rb", self.rbufsize)
        self.wfile = self.__make_wfile()

    def __make_wfile(self) -> "Any":
        if self.wbufsize == 0:
            return SocketWriter(self.connection)
        return self.connection.makefile("wb", self.wbufsize)

    def finish(self) -> None:
        """Send what is in a buffer still, and close both files, but not the connection."""
        try:
            # A client that has gone away is not an error, and nothing can be done about it here.
            with suppress(OSError):
                self.wfile.close()
        finally:
            self.rfile.close()

    def _give_up(self) -> None:
        for name in ("wfile", "rfile"):
            with suppress(AttributeError, OSError):
                getattr(self, name).close()


class SocketWriter(io.BufferedIOBase):
    """A file whose writes go to a socket at once, and whole; SocketIO may send only a part."""

    def __init__(self, connection: "Any") -> None:
        """Write to *connection*, which is not closed with this file."""
        self._connection = connection

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: "Any") -> int:
        """Send all of *data*; return its size in bytes, whatever its items are."""
        if self.closed:
            raise ValueError("write to closed file")
        with memoryview(data) as view:
            self._connection.sendall(view)
            return view.nbytes

    def fileno(self) -> int:
        """Return the connection's descriptor."""
        return int(self._connection.fileno())


class DatagramRequestHandler(BaseRequestHandler):
    """Reads the datagram from `rfile`; what is in `wfile` in the end is sent as one datagram."""

    def setup(self) -> None:
        """Make the two files, in memory."""
        self.packet, self.socket = self.request
        self.rfile = io.BytesIO(self.packet)
        self.wfile = io.BytesIO()

    def finish(self) -> None:
        """Send the reply, also an empty one, unless the client has no address to send it to."""
        reply = self.wfile.getvalue()
        if not self.client_address:
            return
        if isinstance(self.client_address, (str, bytes)) and hasattr(socket, "MSG_DONTWAIT"):
            # It is a path: unlike UDP, this would wait for room in the client's queue, and a client may never
            # read.
            self.socket.sendto(reply, socket.MSG_DONTWAIT, self.client_address)
        else:
            self.socket.sendto(reply, self.client_address)
