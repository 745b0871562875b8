"""Ways to get reading from StreamRequestHandler.rfile wrong."""

import io
import socket

from conformance.request_handlers.defects.patching import after_setup
from harness.host.breaking import breaks


class _Forgetful(socket.SocketIO):
    """Does not remember that it has timed out."""

    def readinto(self, target):
        """Read, and after a timeout be as before."""
        try:
            return super().readinto(target)
        except socket.timeout:
            self._timeout_occurred = False
            raise


class _Final(io.BufferedReader):
    """Takes the connection with it when it is closed."""

    connection = None

    def close(self):
        """Close the connection, too, as long as there is one."""
        super().close()
        if self.connection is not None:
            self.connection.close()


def _read_through(self, raw):
    """Let *raw* be what *self* reads from, through a buffer if it has one."""
    self.rfile.close()
    self.connection._io_refs += 1  # noqa: SLF001 - as socket.makefile() does
    self.rfile = raw if self.rbufsize == 0 else io.BufferedReader(raw)


@breaks("request-handlers.rfile-reads-ahead-within-rbufsize")
def rbufsize_is_ignored(impl):
    """The buffer of rfile has the usual size, whatever the class says."""

    def change(self):
        if self.rbufsize > 0:
            self.rfile.close()
            self.rfile = self.connection.makefile("rb")

    after_setup(impl, change)


@breaks("request-handlers.unbuffered-rfile-takes-no-more")
def no_buffer_is_a_small_one(impl):
    """Where rbufsize is 0, rfile reads sixteen bytes ahead."""

    def change(self):
        if self.rbufsize == 0:
            self.rfile.close()
            self.rfile = self.connection.makefile("rb", 16)

    after_setup(impl, change)


@breaks("request-handlers.timed-out-rfile-reads-no-more")
def timeouts_are_forgotten(impl):
    """After a timeout rfile reads on, whatever it has lost."""

    def change(self):
        _read_through(self, _Forgetful(self.connection, "r"))

    after_setup(impl, change)


@breaks("request-handlers.closing-rfile-keeps-connection")
def closing_rfile_closes_the_connection(impl):
    """A handler that closes rfile has lost its connection."""
    original = impl.StreamRequestHandler.finish

    def change(self):
        if self.rbufsize != 0:
            self.rfile = _Final(self.rfile.detach())
            self.rfile.connection = self.connection

    def finish(self):
        if isinstance(self.rfile, _Final):
            self.rfile.connection = None
        original(self)

    after_setup(impl, change)
    impl.StreamRequestHandler.finish = finish
