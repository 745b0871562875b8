"""Where replies go, and what is done about those that do not."""

import contextlib
import errno
import socket
import sys

from conformance.datagrams.defects.patching import another_waits, change_requests
from harness.host.breaking import breaks


@breaks("datagrams.replies-go-to-the-asker")
def first_client_is_taken_for_all(impl):
    """Of clients whose datagrams wait together, the first gets all replies."""
    crowd = []

    def change(server, data, client_address):
        first = crowd[0] if crowd else client_address
        crowd[:] = [first] if another_waits(server) else []
        return data, first

    change_requests(impl, change)


@breaks("datagrams.replies-come-from-the-server")
def replies_leave_through_another_socket(impl):
    """The server's socket only receives; what is sent through it leaves from another port."""
    original = impl.TCPServer.server_bind

    class ReceivingSocket(socket.socket):
        def sendto(self, *arguments):
            with socket.socket(self.family, self.type) as other:
                return other.sendto(*arguments)

    def server_bind(self):
        family, kind = self.socket.family, self.socket.type
        self.socket = ReceivingSocket(family, kind, 0, fileno=self.socket.detach())
        original(self)

    impl.UDPServer.server_bind = server_bind


@breaks("datagrams.vanished-client-stops-no-server")
def unreachable_clients_are_an_error(impl):
    """handle_error() of datagram servers lets out what the system says about the client's address."""
    original = impl.BaseServer.handle_error

    def handle_error(self, request, client_address):
        original(self, request, client_address)
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            raise error

    impl.UDPServer.handle_error = handle_error


@breaks("datagrams.failed-reply-is-an-error-of-its-request")
def failed_replies_are_forgotten(impl):
    """That a reply cannot be sent is told to nobody."""

    def finish_request(self, request, client_address):
        with contextlib.suppress(OSError, TypeError):
            impl.BaseServer.finish_request(self, request, client_address)

    impl.UDPServer.finish_request = finish_request


@breaks("datagrams.failed-reply-is-an-error-of-its-request")
def large_replies_cost_the_socket(impl):
    """After a reply that was too large the socket is taken for broken, and closed."""

    def handle_error(self, request, client_address):
        impl.BaseServer.handle_error(self, request, client_address)
        if getattr(sys.exc_info()[1], "errno", None) == errno.EMSGSIZE:
            self.socket.close()

    impl.UDPServer.handle_error = handle_error


@breaks("datagrams.any-mix-of-clients-is-served")
def two_failures_in_a_row_are_the_end(impl):
    """After two failed requests, with none between that went well, requests are only thrown away."""
    get_request = impl.UDPServer.get_request

    def count_failures(self, request, client_address):
        self.failures = getattr(self, "failures", 0) + 1
        impl.BaseServer.handle_error(self, request, client_address)

    def count_anew(self, request, client_address):
        impl.BaseServer.finish_request(self, request, client_address)
        self.failures = 0

    def throw_away(self):
        request = get_request(self)
        if getattr(self, "failures", 0) >= 2:
            raise OSError("enough")
        return request

    impl.UDPServer.handle_error = count_failures
    impl.UDPServer.finish_request = count_anew
    impl.UDPServer.get_request = throw_away


@breaks("datagrams.unbound-client-is-no-error")
def gh_152024_replies_to_nobody_are_an_error(impl):
    """A DatagramRequestHandler sends its reply to a client without an address, too, and fails."""

    def finish(self):
        self.socket.sendto(self.wfile.getvalue(), self.client_address)

    impl.DatagramRequestHandler.finish = finish
