"""Ways to call hooks wrong."""

import contextlib
import copy
import socket

from harness.host.breaking import breaks, instead_of, intercept


@breaks("lifecycle.verdict-comes-before-thread-or-child")
def verdict_is_given_by_thread_or_child(impl):
    """verify_request() is called when the request has its thread or child, which pays no heed to it."""

    @intercept(impl, "verify_request")
    def find_verdict(self, method):
        return lambda request, client_address: True

    @intercept(impl, "finish_request")
    def find_finish(self, method):
        def verify_and_finish(request, client_address):
            type(self).verify_request(self, request, client_address)
            method(request, client_address)

        return verify_and_finish


@breaks("lifecycle.verdict-comes-before-thread-or-child")
def verdict_is_asked_for_again(impl):
    """verify_request() is called once more before the request is processed."""

    @intercept(impl, "process_request")
    def find(self, method):
        return lambda *arguments: (self.verify_request(*arguments), method(*arguments))


@breaks("lifecycle.shutdown-request-ends-the-output-first")
def connection_is_only_closed(impl):
    """shutdown_request() does not end the output of what is no socket."""

    @instead_of(impl.TCPServer, "shutdown_request")
    def shut_down(method, self, request):
        if hasattr(request, "fileno"):
            method(self, request)
        else:
            self.close_request(request)


@breaks("lifecycle.failing-shutdown-closes-all-the-same")
def connection_that_cannot_be_shut_down_stays_open(impl):
    """shutdown_request() gives up for any error but OSError; the standard library's does so too."""

    @instead_of(impl.TCPServer, "shutdown_request")
    def shut_down(method, self, request):
        if isinstance(request, tuple):
            return
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
        self.close_request(request)


@breaks("lifecycle.request-may-be-anything")
def request_is_copied(impl):
    """finish_request() is given a copy of a request that is no socket."""

    @intercept(impl, "finish_request")
    def find(self, method):
        return lambda request, client_address: method(
            request if isinstance(request, (socket.socket, tuple)) else copy.copy(request), client_address
        )


@breaks("lifecycle.base-hooks-do-nothing")
def closing_needs_a_connection(impl):
    """BaseServer.close_request() calls the request's close() method."""

    @instead_of(impl.BaseServer, "close_request")
    def close(method, self, request):
        request.close()


@breaks("lifecycle.each-request-is-closed-once")
def hundredth_request_stays_open(impl):
    """Each hundredth request is handled and then forgotten."""

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        self.__dict__["processed"] = self.__dict__.get("processed", 0) + 1
        if self.__dict__["processed"] % 100:
            method(self, request, client_address)
        else:
            self.finish_request(request, client_address)


@breaks("lifecycle.closing-can-be-overridden")
def refused_connections_are_closed_past_the_override(impl):
    """A connection that verify_request() refuses is closed without shutdown_request()."""

    @intercept(impl, "verify_request")
    def find_verdict(self, method):
        def verify(request, client_address):
            accepted = method(request, client_address)
            self.__dict__["was_refused"] = not accepted
            return accepted

        return verify

    @intercept(impl, "shutdown_request")
    def find_shutdown(self, method):
        was_refused = self.__dict__.pop("was_refused", False)
        return (lambda request: getattr(request, "close", int)()) if was_refused else method
