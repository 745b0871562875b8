"""Ways to get unusual descriptors wrong."""

import os
import socket

from harness.host.breaking import breaks, instead_of

_REMEMBERED = []


@breaks("sockets.fileno-decides-what-is-watched")
def the_socket_is_what_is_watched(impl):
    """handle_request() waits for the server's socket, and serve_forever() too, whatever fileno() says."""

    def to_the_socket(name):
        @instead_of(impl.BaseServer, name)
        def wait(method, self, *arguments):
            own = getattr(self, "socket", None)
            if own is None or own.fileno() < 0 or self.fileno() == own.fileno():
                return method(self, *arguments)
            type(self).fileno = lambda self: self.socket.fileno()
            return method(self, *arguments)

    to_the_socket("handle_request")
    to_the_socket("serve_forever")


@breaks("sockets.server-may-be-a-client")
def only_who_listens_is_a_server(impl):
    """A connection that is also the server's socket is not handled."""

    @instead_of(impl.BaseServer, "verify_request")
    def verify(method, self, request, client_address):
        is_own = isinstance(request, socket.socket) and request is getattr(self, "socket", None)
        return not is_own and method(self, request, client_address)


@breaks("sockets.server-may-be-a-client")
def own_socket_does_not_block(impl):
    """A server's socket is told not to block, also if it is a connection."""

    @instead_of(impl.BaseServer, "verify_request")
    def verify(method, self, request, client_address):
        if isinstance(request, socket.socket) and request is getattr(self, "socket", None):
            os.set_blocking(request.fileno(), False)
        return method(self, request, client_address)


@breaks("sockets.listener-may-be-wrapped")
def listener_has_to_be_a_socket(impl):
    """Stream requests are refused unless socket.socket is the class of what they came from."""

    @instead_of(impl.TCPServer, "verify_request")
    def verify(method, self, request, client_address):
        is_socket = isinstance(self.socket, socket.socket) or not hasattr(self.socket, "getsockname")
        return is_socket and method(self, request, client_address)


@breaks("sockets.listener-may-be-bare")
def socket_is_asked_for_its_address(impl):
    """Before each stream request the socket is asked for its name."""

    @instead_of(impl.TCPServer, "verify_request")
    def verify(method, self, request, client_address):
        self.socket.getsockname()
        return method(self, request, client_address)


@breaks("sockets.closed-server-leaves-no-warning")
def loop_leaves_a_socket_to_the_collector(impl):
    """A loop makes a pair of sockets to be woken by, and does not close them."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        ends = socket.socketpair()
        try:
            method(self, *arguments, **options)
        finally:
            del ends


@breaks("sockets.dropped-server-is-released")
def servers_are_remembered(impl):
    """The module keeps a list of all servers."""

    @instead_of(impl.BaseServer, "__init__")
    def initialise(method, self, *arguments):
        _REMEMBERED.append(self)
        method(self, *arguments)
