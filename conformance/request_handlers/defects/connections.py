"""Ways to get one connection wrong."""

import select
import socket
import struct

from harness.host.breaking import breaks


@breaks("request-handlers.request-is-a-connection")
def client_address_is_the_servers(impl):
    """Handlers are told the near end of the connection for the far one."""
    original = impl.TCPServer.get_request

    def get_request(self):
        request, _ = original(self)
        return request, request.getsockname()

    impl.TCPServer.get_request = get_request


def _instead_of_shutdown(impl, shutdown_request):
    """Let shutdown_request(original, server, request) end the requests of stream servers."""
    original = impl.TCPServer.shutdown_request

    def replaced(self, request):
        shutdown_request(original, self, request)

    datagrams = impl.UDPServer.shutdown_request
    impl.TCPServer.shutdown_request = replaced
    impl.UDPServer.shutdown_request = datagrams


def _has_unread(request):
    return request.fileno() >= 0 and bool(select.select([request], [], [], 0)[0])


@breaks("request-handlers.reply-is-whole-and-ends")
def requests_end_in_a_reset(impl):
    """Connections are broken off, with whatever of the reply is still on its way."""

    def shutdown_request(original, server, request):
        if request.fileno() >= 0 and not _has_unread(request):
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.close()
        original(server, request)

    _instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.copies-do-not-delay-the-end")
def requests_are_left_to_the_collector(impl):
    """Connections without unread input are closed only when nobody knows them any more."""

    def shutdown_request(original, server, request):
        if request.fileno() < 0 or _has_unread(request):
            original(server, request)

    _instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.unread-input-spoils-no-reply")
def no_farewell_to_those_who_still_talk(impl):
    """Connections with unread input are closed without being shut down, which resets them."""

    def shutdown_request(original, server, request):
        if _has_unread(request):
            request.close()
        else:
            original(server, request)

    _instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.copies-do-not-delay-the-end")
def no_farewell_to_those_who_are_silent(impl):
    """Connections without unread input are closed without being shut down, which leaves duplicates open."""

    def shutdown_request(original, server, request):
        if request.fileno() < 0 or _has_unread(request):
            original(server, request)
        else:
            server.close_request(request)

    _instead_of_shutdown(impl, shutdown_request)


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


def _strict_shutdown(impl, lenient):
    """Let shutdown_request() raise where there is nothing to shut down, unless lenient(request)."""

    def shutdown_request(original, server, request):
        if not lenient(request):
            request.shutdown(socket.SHUT_WR)
        original(server, request)

    _instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.handler-may-close-request")
def closed_requests_are_an_error(impl):
    """shutdown_request() raises when the handler has closed the request."""
    _strict_shutdown(impl, lenient=lambda request: request.fileno() >= 0)


@breaks("request-handlers.reset-client-stops-no-server")
def broken_connections_are_an_error(impl):
    """shutdown_request() raises when the client has broken the connection off."""
    _strict_shutdown(impl, lenient=lambda request: request.fileno() < 0)
