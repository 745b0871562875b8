"""Ways to let a client suffer from how another one behaves."""

import select
import socket
import sys

from conformance.request_handlers.defects.patching import Wrapped, after_setup, instead_of_shutdown, strict_shutdown
from harness.host.breaking import breaks


@breaks("request-handlers.reset-client-stops-no-server")
def broken_connections_are_an_error(impl):
    """shutdown_request() raises when the client has broken the connection off."""
    strict_shutdown(impl, lenient=lambda request: request.fileno() < 0)


@breaks("request-handlers.reset-client-stops-no-server")
def who_leaves_while_written_to_ends_the_loop(impl):
    """A client that is gone while it is written to is taken for the wish to end."""
    original = impl.BaseServer.handle_error

    def handle_error(self, request, client_address):
        if issubclass(sys.exc_info()[0], (BrokenPipeError, ConnectionResetError)):
            raise SystemExit
        original(self, request, client_address)

    impl.BaseServer.handle_error = handle_error


@breaks("request-handlers.reset-before-accept-is-a-request")
def connections_that_broke_off_are_dropped(impl):
    """Who was gone before he was accepted is no request."""
    original = impl.TCPServer.get_request

    def get_request(self):
        request, client_address = original(self)
        poll = select.poll()
        poll.register(request, 0)
        if poll.poll(0):
            request.close()
            raise ConnectionAbortedError("nobody is there")
        return request, client_address

    impl.TCPServer.get_request = get_request


@breaks("request-handlers.mixed-clients-get-their-own")
def the_next_client_gets_what_was_undeliverable(impl):
    """What could not be written, because the client was gone, is written to the next one."""
    undelivered = []

    class Thrifty(Wrapped):
        def write(self, data):
            try:
                return self.file.write(data)
            except OSError:
                undelivered.append(bytes(data))
                raise

    def change(self):
        self.wfile = Thrifty(self.wfile)
        while undelivered:
            self.wfile.write(undelivered.pop(0))

    after_setup(impl, change)


@breaks("request-handlers.silent-clients-hold-up-nobody-else")
def bpo_31639_silent_clients_hold_up_the_others(impl):
    """The serving thread waited until a client had said something; here it does so with threads, too."""
    original = impl.ThreadingMixIn.process_request

    def process_request(self, request, client_address):
        if _reads_a_stream(impl, self):
            request.recv(1, socket.MSG_PEEK)
        original(self, request, client_address)

    impl.ThreadingMixIn.process_request = process_request


def _reads_a_stream(impl, server):
    handler_class = server.RequestHandlerClass
    return isinstance(handler_class, type) and issubclass(handler_class, impl.StreamRequestHandler)


@breaks("request-handlers.handler-timeout-frees-the-server")
def bpo_31639_no_timeout_before_the_first_word(impl):
    """A server without a mix-in waited for the first word of a client as long as it took."""
    original = impl.BaseServer.finish_request
    mix_ins = (impl.ThreadingMixIn, getattr(impl, "ForkingMixIn", impl.ThreadingMixIn))

    def finish_request(self, request, client_address):
        if _reads_a_stream(impl, self) and not isinstance(self, mix_ins):
            request.recv(1, socket.MSG_PEEK)
        original(self, request, client_address)

    impl.BaseServer.finish_request = finish_request


@breaks("request-handlers.connections-leave-no-descriptors")
def refused_connections_stay_open(impl):
    """A duplicate of each connection that gets no handler is forgotten, and stays."""
    original = impl.BaseServer.finish_request
    handled, forgotten = [], []

    def finish_request(self, request, client_address):
        handled.append(request)
        original(self, request, client_address)

    def shutdown_request(original, server, request):
        if request not in handled and request.fileno() >= 0:
            forgotten.append(request.dup())
        original(server, request)

    impl.BaseServer.finish_request = finish_request
    instead_of_shutdown(impl, shutdown_request)
