"""Ways to get the files of Unix sockets wrong."""

import contextlib
import os
import socket

from harness.host.breaking import breaks, instead_of


def path_of(server):
    """Return the path of a server that was bound to one, else None."""
    is_unix = server.address_family == getattr(socket, "AF_UNIX", None)
    return server.server_address if is_unix and isinstance(server.server_address, str) else None


@breaks("sockets.unix-file-stays")
def file_is_removed_at_the_end(impl):
    """server_close() removes the file of the socket."""

    @instead_of(impl.TCPServer, "server_close")
    def close(method, self):
        method(self)
        if path_of(self):
            with contextlib.suppress(OSError):
                os.unlink(self.server_address)


@breaks("sockets.unix-file-stays")
def file_in_the_way_is_removed(impl):
    """A server that may reuse an address removes the file that is in its way."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        if path_of(self) and self.allow_reuse_address:
            with contextlib.suppress(OSError):
                os.unlink(self.server_address)
        method(self)


@breaks("sockets.failed-construction-leaves-no-file")
def file_of_a_failure_stays(impl):
    """The file is left where it is when the constructor fails; the standard library does so too."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, False)
        if not bind_and_activate:
            return
        try:
            self.server_bind()
            self.server_activate()
        except BaseException:
            self.server_close()
            raise


@breaks("sockets.removed-file-keeps-who-waits")
def server_without_a_file_takes_no_request(impl):
    """get_request() fails when the file of the socket is not there any more."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request, client_address = method(self)
        if path_of(self) and not os.path.exists(self.server_address):
            request.close()
            raise FileNotFoundError(self.server_address)
        return request, client_address
