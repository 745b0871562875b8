"""How the defects of this area change stream handlers and the end of requests."""

import io
import select
import socket


def after_setup(impl, change):
    """Let *change* have a stream handler after its setup()."""
    original = impl.StreamRequestHandler.setup

    def setup(self):
        original(self)
        change(self)

    impl.StreamRequestHandler.setup = setup


class Wrapped(io.BufferedIOBase):
    """A writer that does what the wrapped one does."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        """Say that it is made for writing."""
        return True

    def write(self, data):
        """Write to the wrapped one."""
        return self.file.write(data)

    def flush(self):
        """Flush the wrapped one as long as it is open."""
        if not self.file.closed:
            self.file.flush()

    def fileno(self):
        """Return the descriptor of the wrapped one."""
        return self.file.fileno()

    def close(self):
        """Close both."""
        self.file.close()
        super().close()


def instead_of_shutdown(impl, shutdown_request):
    """Let shutdown_request(original, server, request) end the requests of stream servers."""
    original = impl.TCPServer.shutdown_request

    def replaced(self, request):
        shutdown_request(original, self, request)

    datagrams = impl.UDPServer.shutdown_request
    impl.TCPServer.shutdown_request = replaced
    impl.UDPServer.shutdown_request = datagrams


def has_unread(request):
    """Tell whether the client has said what nobody has read."""
    return request.fileno() >= 0 and bool(select.select([request], [], [], 0)[0])


def strict_shutdown(impl, lenient):
    """Let shutdown_request() raise where there is nothing to shut down, unless lenient(request)."""

    def shutdown_request(original, server, request):
        if not lenient(request):
            request.shutdown(socket.SHUT_WR)
        original(server, request)

    instead_of_shutdown(impl, shutdown_request)
