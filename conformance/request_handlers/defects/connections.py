"""Ways to get one connection wrong."""

import select
import socket
import struct

from conformance.request_handlers.defects.patching import has_unread, instead_of_shutdown
from harness.host.breaking import breaks


@breaks("request-handlers.request-is-a-connection")
def client_of_unix_server_has_its_address(impl):
    """Handlers of Unix servers are told the near end of the connection for the far one."""
    original = impl.UnixStreamServer.get_request

    def get_request(self):
        request, _ = original(self)
        return request, request.getsockname()

    impl.UnixStreamServer.get_request = get_request


@breaks("request-handlers.reply-is-whole-and-ends")
def requests_end_in_a_reset(impl):
    """Connections are broken off, with whatever of the reply is still on its way."""

    def shutdown_request(original, server, request):
        if request.fileno() >= 0 and not has_unread(request):
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.close()
        original(server, request)

    instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.unread-input-spoils-no-reply")
def no_farewell_to_those_who_still_talk(impl):
    """Connections with unread input are closed without being shut down, which resets them."""

    def shutdown_request(original, server, request):
        if has_unread(request):
            request.close()
        else:
            original(server, request)

    instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.half-closed-client-is-answered")
def half_closed_means_gone(impl):
    """Who has shut down its sending side is taken for gone."""
    original = impl.BaseServer.finish_request

    def finish_request(self, request, client_address):
        if isinstance(request, tuple) or not _is_half_closed(request):
            original(self, request, client_address)

    impl.BaseServer.finish_request = finish_request


def _is_half_closed(request):
    poll = select.poll()
    poll.register(request, select.POLLRDHUP)
    events = poll.poll(0)
    return bool(events) and not events[0][1] & (select.POLLHUP | select.POLLERR)


@breaks("request-handlers.connection-does-not-have-the-listeners-timeout")
def connections_inherit_the_timeout(impl):
    """A connection gets the timeout of the socket that accepted it."""
    _after_accepting(impl, lambda server, request: request.settimeout(server.socket.gettimeout()))


@breaks("request-handlers.connection-has-default-timeout")
def connections_always_block(impl):
    """A connection has no timeout, whatever the default is."""
    _after_accepting(impl, lambda server, request: request.settimeout(None))


def _after_accepting(impl, change):
    original = impl.TCPServer.get_request

    def get_request(self):
        request, client_address = original(self)
        change(self, request)
        return request, client_address

    impl.TCPServer.get_request = get_request
