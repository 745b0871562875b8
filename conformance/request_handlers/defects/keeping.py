"""Ways to get wrong who may hold on to a connection."""

import socket
from contextlib import suppress

from conformance.request_handlers.defects.patching import has_unread, instead_of_shutdown, strict_shutdown
from harness.host.breaking import breaks


@breaks("request-handlers.copies-do-not-delay-the-end")
def requests_are_left_to_the_collector(impl):
    """Connections without unread input are closed only when nobody knows them any more."""

    def shutdown_request(original, server, request):
        if request.fileno() < 0 or has_unread(request):
            original(server, request)

    instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.copies-do-not-delay-the-end")
def no_farewell_to_those_who_are_silent(impl):
    """Connections without unread input are closed without being shut down, which leaves duplicates open."""

    def shutdown_request(original, server, request):
        if request.fileno() < 0 or has_unread(request):
            original(server, request)
        else:
            server.close_request(request)

    instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.handler-may-close-request")
def closed_requests_are_an_error(impl):
    """shutdown_request() raises when the handler has closed the request."""
    strict_shutdown(impl, lenient=lambda request: request.fileno() >= 0)


@breaks("request-handlers.handler-may-detach-request")
def detached_connections_are_shut_down(impl):
    """The server remembers the descriptor, and shuts the connection down through that."""
    accept = impl.TCPServer.get_request
    remembered = {}

    def get_request(self):
        request, client_address = accept(self)
        if not hasattr(impl, "ForkingMixIn") or not isinstance(self, impl.ForkingMixIn):
            remembered[id(request)] = request.dup()
        return request, client_address

    def shutdown_request(original, server, request):
        original(server, request)
        duplicate = remembered.pop(id(request), None)
        if duplicate is not None:
            with duplicate, suppress(OSError):
                duplicate.shutdown(socket.SHUT_WR)

    impl.TCPServer.get_request = get_request
    instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.process-request-may-keep-connection")
def requests_are_over_after_process_request(impl):
    """When an own process_request() of a server without a mix-in has returned, the request is shut down."""
    original = impl.TCPServer.__getattribute__
    others = (impl.UDPServer, impl.ThreadingMixIn, getattr(impl, "ForkingMixIn", impl.ThreadingMixIn))

    def get(self, name):
        found = original(self, name)
        if name != "process_request" or isinstance(self, others):
            return found

        def process_and_shut_down(request, client_address):
            found(request, client_address)
            if request.fileno() >= 0:
                self.shutdown_request(request)

        return process_and_shut_down

    impl.TCPServer.__getattribute__ = get
