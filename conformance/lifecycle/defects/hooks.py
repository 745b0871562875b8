"""Ways to call hooks wrong."""

import contextlib
import threading

from harness.host.breaking import breaks, instead_of, intercept


@breaks("lifecycle.verdict-comes-before-thread-or-child")
def verdict_is_given_in_another_thread(impl):
    """verify_request() runs in a thread of its own."""

    @intercept(impl, "verify_request")
    def find(self, method):
        def verify(request, client_address):
            verdicts = []
            asking = threading.Thread(target=lambda: verdicts.append(method(request, client_address)))
            asking.start()
            asking.join()
            return verdicts[0] if verdicts else False

        return verify


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
        if not hasattr(request, "fileno"):
            with contextlib.suppress(OSError):
                request.shutdown(1)
            self.close_request(request)
            return
        method(self, request)


@breaks("lifecycle.request-may-be-anything")
def request_is_copied(impl):
    """finish_request() is given a copy of a request that is a dictionary."""

    @intercept(impl, "finish_request")
    def find(self, method):
        return lambda request, client_address: method(
            dict(request) if isinstance(request, dict) else request, client_address
        )


@breaks("lifecycle.base-hooks-do-nothing")
def closing_needs_a_connection(impl):
    """BaseServer.close_request() calls the request's close() method."""

    @instead_of(impl.BaseServer, "close_request")
    def close(method, self, request):
        if not isinstance(request, dict):
            request.close()


@breaks("lifecycle.each-request-is-closed-once")
def hundredth_request_is_closed_twice(impl):
    """Each hundredth request is shut down two times."""

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        method(self, request, client_address)
        self.__dict__["processed"] = self.__dict__.get("processed", 0) + 1
        if self.__dict__["processed"] % 100 == 0:
            self.shutdown_request(request)
