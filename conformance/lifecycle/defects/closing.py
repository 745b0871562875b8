"""Ways to get the end of a server wrong."""

import contextlib
import os
import select
import socket

from harness.host.breaking import breaks, instead_of


@breaks("lifecycle.server-close-closes-the-socket")
def listener_lives_on_as_a_copy(impl):
    """After server_close() the kernel still takes clients in, since there is another descriptor."""

    @instead_of(impl.TCPServer, "server_activate")
    def activate(method, self):
        method(self)
        os.dup(self.socket.fileno())


@breaks("lifecycle.closing-is-always-possible")
def second_closing_is_an_error(impl):
    """server_close() of a closed server raises ValueError."""

    @instead_of(impl.TCPServer, "server_close")
    def close(method, self):
        if self.socket.fileno() < 0:
            raise ValueError("closed")
        method(self)


@breaks("lifecycle.closed-server-serves-nobody")
def closed_server_has_nothing_to_handle(impl):
    """handle_request() of a closed server returns as if there had been a request."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        return None if self.fileno() < 0 else method(self)


@breaks("lifecycle.closed-server-serves-nobody")
def loop_of_a_closed_server_ends(impl):
    """serve_forever() of a closed server returns as if it had been shut down."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments):
        return None if self.fileno() < 0 else method(self, *arguments)


@breaks("lifecycle.address-stays-after-close")
def closed_server_has_no_address(impl):
    """server_close() forgets the address."""

    @instead_of(impl.TCPServer, "server_close")
    def close(method, self):
        method(self)
        self.server_address = None


@breaks("lifecycle.closing-leaves-connections-open")
def server_close_cuts_connections_off(impl):
    """server_close() ends all connections that were accepted."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request, client_address = method(self)
        if isinstance(request, socket.socket):
            self.__dict__.setdefault("accepted", []).append(request)
        return request, client_address

    @instead_of(impl.TCPServer, "server_close")
    def close(method, self):
        method(self)
        for request in self.__dict__.get("accepted", ()):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)


@breaks("lifecycle.closing-resets-who-waits")
def who_waits_is_sent_away(impl):
    """server_close() accepts those who wait, and ends their connections in good order."""

    @instead_of(impl.TCPServer, "server_close")
    def close(method, self):
        listens = self.socket_type == socket.SOCK_STREAM and self.fileno() >= 0
        while listens and select.select([self.socket], [], [], 0)[0]:
            with contextlib.suppress(OSError):
                self.socket.accept()[0].close()
        method(self)


@breaks("lifecycle.with-statement-closes")
def bpo_26404_there_is_no_with_statement(impl):
    """A server cannot be used in a with statement."""
    del impl.BaseServer.__enter__, impl.BaseServer.__exit__


@breaks("lifecycle.with-statement-closes")
def with_statement_shuts_down(impl):
    """Leaving a with statement calls shutdown() too, when the server is closed."""

    @instead_of(impl.BaseServer, "__exit__")
    def leave(method, self, *exception):
        method(self, *exception)
        if type(self).__name__ == "WatchedServer":
            self.shutdown()


@breaks("lifecycle.with-statement-closes")
def exception_prevents_closing(impl):
    """The with statement does not close the server when it ends by an exception."""

    @instead_of(impl.BaseServer, "__exit__")
    def leave(method, self, kind, *rest):
        if kind is None:
            method(self, kind, *rest)


@breaks("lifecycle.with-statement-closes")
def exception_ends_with_the_with_statement(impl):
    """The with statement swallows exceptions."""

    @instead_of(impl.BaseServer, "__exit__")
    def leave(method, self, *exception):
        method(self, *exception)
        return True
