"""Ways to get wrong what threads share."""

import contextlib
import copy
import threading

from harness.host.breaking import breaks, start_thread


@breaks("locking.no-lock-around-handlers")
def one_handler_at_a_time(impl):
    """A handler waits until no other one is at work."""
    inherited = impl.ThreadingMixIn.process_request_thread
    lock = threading.Lock()

    def process_request_thread(self, request, client_address):
        with lock:
            inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


def give_handlers(impl, make_server):
    """Let handlers in threads see make_server(server) for their server."""

    def finish_request(self, request, client_address):
        self.RequestHandlerClass(request, client_address, make_server(self))

    impl.ThreadingMixIn.finish_request = finish_request


@breaks("locking.threads-share-the-server")
def each_handler_has_a_server_of_its_own(impl):
    """A handler changes a copy of the server."""
    give_handlers(impl, copy.copy)


class Snapshot:
    """A server as it was, except that what is written reaches the server itself."""

    def __init__(self, server):
        vars(self).update(then=copy.copy(server), server=server)

    def __getattr__(self, name):
        return getattr(self.then, name)

    def __setattr__(self, name, value):
        setattr(self.server, name, value)


@breaks("locking.a-lock-protects-shared-state")
def handlers_read_what_was_when_they_began(impl):
    """A handler sees the server as it was when the handler began."""
    give_handlers(impl, Snapshot)


@breaks("locking.datagram-replies-do-not-mix")
def threads_share_one_buffer(impl):
    """All threads see the datagram that came first."""

    def process_request(self, request, client_address):
        self.buffer = getattr(self, "buffer", request)
        start_thread(self, self.buffer if isinstance(request, tuple) else request, client_address)

    impl.ThreadingMixIn.process_request = process_request


@breaks("locking.datagram-socket-stays-open")
def threads_close_the_datagram_socket(impl):
    """A thread that is done closes the socket that came with the datagram."""
    inherited = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        inherited(self, request, client_address)
        if isinstance(request, tuple):
            request[1].close()

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.no-lock-around-hooks")
def requests_are_finished_one_after_another(impl):
    """There is one lock for finish_request() where a subclass has its own."""
    inherited = impl.ThreadingMixIn.process_request_thread
    lock = threading.Lock()

    def process_request_thread(self, request, client_address):
        with lock if "finish_request" in vars(type(self)) else contextlib.ExitStack():
            inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.no-lock-around-closing")
def requests_are_closed_one_after_another(impl):
    """There is one lock for closing requests."""
    lock = threading.Lock()

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:  # noqa: BLE001 - whatever a handler raises
            self.handle_error(request, client_address)
        finally:
            with lock:
                self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.no-lock-around-error-reports")
def errors_are_reported_one_after_another(impl):
    """There is one lock for reports of errors."""
    lock = threading.Lock()

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:  # noqa: BLE001 - whatever a handler raises
            with lock:
                self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread
