"""Ways to get the end of a server wrong."""

import os

from conformance.lifecycle.defects.patching import instead_of
from harness.host.breaking import breaks


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
