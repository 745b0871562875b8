"""Ways to get handle_request() and its timeout wrong."""

import os
import select
import socket
import threading
import time

from harness.host.breaking import breaks, instead_of, intercept, setting


def is_ready(server):
    """Tell whether a request waits."""
    return bool(select.select([server.socket], [], [], 0)[0])


@breaks("lifecycle.handle-request-handles-one")
def one_call_handles_two(impl):
    """handle_request() handles the next request too if it is there."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        value = method(self)
        return method(self) if is_ready(self) else value


@breaks("lifecycle.handle-request-returns-nothing")
def success_is_returned(impl):
    """handle_request() returns True when it has passed a request on."""

    @intercept(impl, "process_request")
    def find(self, method):
        self.__dict__["has_processed"] = True
        return method

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        value = method(self)
        return self.__dict__.pop("has_processed", value)


@breaks("lifecycle.handle-request-calls-no-service-actions")
def each_call_is_a_turn(impl):
    """handle_request() calls service_actions() at its end."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        value = method(self)
        self.service_actions()
        return value


@breaks("lifecycle.handle-request-and-loop-take-turns")
def loop_is_the_end_of_single_requests(impl):
    """handle_request() does nothing when there has been a loop."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments):
        self.has_served = True
        method(self, *arguments)

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        return None if self.__dict__.get("has_served") else method(self)


@breaks("lifecycle.concurrent-calls-share-the-requests")
def one_caller_is_enough(impl):
    """handle_request() returns at once while another thread is in it."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        lock = self.__dict__.setdefault("one_at_a_time", threading.Lock())
        if not lock.acquire(False):
            return None
        try:
            return method(self)
        finally:
            lock.release()


@breaks("lifecycle.handle-request-waits-without-timeout")
def there_is_always_a_timeout(impl):
    """handle_request() of a server without a timeout waits for a millisecond."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        with setting(self, "timeout", 0.001 if self.timeout is None else self.timeout):
            return method(self)


@breaks("lifecycle.timeout-ends-in-handle-timeout")
def timeout_is_early(impl):
    """handle_request() gives up when half of the time has passed."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        with setting(self, "timeout", self.timeout / 2 if self.timeout else self.timeout):
            return method(self)


@breaks("lifecycle.timeout-ends-in-handle-timeout")
def timeout_is_handled_twice(impl):
    """handle_timeout() is called two times."""

    @intercept(impl, "handle_timeout")
    def find(self, method):
        return (lambda: (method(), method())) if self.timeout else method


@breaks("lifecycle.handle-timeout-value-is-returned")
def handle_request_returns_nothing(impl):
    """What handle_timeout() returns gets lost."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        method(self)


@breaks("lifecycle.smaller-timeout-counts")
def timeout_of_the_socket_does_not_count(impl):
    """handle_request() looks at the server's own timeout if there is one."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        if self.timeout is not None:
            self.socket.settimeout(None)
        return method(self)


@breaks("lifecycle.smaller-timeout-counts")
def the_two_timeouts_are_one_half(impl):
    """handle_request() gives up after half of the time when both the server and its socket have a limit."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        limits = [self.timeout, self.socket.gettimeout()]
        if None in limits:
            return method(self)
        with setting(self, "timeout", min(limits) / 2):
            return method(self)


@breaks("lifecycle.negative-timeout-is-zero")
def negative_means_without_limit(impl):
    """A negative timeout is taken for none."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        with setting(self, "timeout", None if (self.timeout or 0) < 0 else self.timeout):
            return method(self)


@breaks("lifecycle.timeout-is-for-the-wait-only")
def connections_get_the_timeout(impl):
    """The timeout is set on each connection that is accepted."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request, client_address = method(self)
        if isinstance(request, socket.socket) and self.timeout:
            request.settimeout(self.timeout)
        return request, client_address


@breaks("lifecycle.timeout-is-for-the-wait-only")
def gh_102156_slow_handler_is_a_timeout(impl):
    """handle_timeout() is called when the request was handled after the time was up."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        begin = time.monotonic()
        value = method(self)
        if self.timeout and self.__dict__.pop("has_got", False) and time.monotonic() - begin > self.timeout:
            self.handle_timeout()
        return value

    @instead_of(impl.BaseServer, "verify_request")
    def verify(method, self, *arguments):
        self.has_got = True
        return method(self, *arguments)


@breaks("lifecycle.timeout-zero-polls")
def zero_means_without_limit(impl):
    """A timeout of 0 is taken for none."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        with setting(self, "timeout", self.timeout or None):
            return method(self)


@breaks("lifecycle.rejected-request-counts")
def rejected_request_does_not_count(impl):
    """handle_request() takes the next request when one was rejected."""

    @intercept(impl, "verify_request")
    def find(self, method):
        def verify(request, client_address):
            accepted = method(request, client_address)
            self.__dict__["was_rejected"] = not accepted
            return accepted

        return verify

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        value = method(self)
        while self.__dict__.pop("was_rejected", False) and is_ready(self):
            value = method(self)
        return value


@breaks("lifecycle.failed-get-request-is-passed-over")
def failed_get_request_ends_the_server(impl):
    """An OSError of get_request() becomes a RuntimeError, which nobody expects."""

    @intercept(impl, "get_request")
    def find(self, method):
        def get():
            try:
                return method()
            except ConnectionAbortedError as error:
                raise RuntimeError("no request") from error

        return get


@breaks("lifecycle.failed-get-request-is-passed-over")
def some_errors_of_get_request_are_reported(impl):
    """handle_error() is called for a PermissionError and a TimeoutError of get_request()."""

    @intercept(impl, "get_request")
    def find(self, method):
        def get():
            try:
                return method()
            except (PermissionError, TimeoutError):
                self.handle_error(None, None)
                raise

        return get


@breaks("lifecycle.nonblocking-server-passes-over-theft")
def theft_ends_the_loop(impl):
    """A BlockingIOError of get_request() becomes a RuntimeError, which nobody expects."""

    @intercept(impl, "get_request")
    def find(self, method):
        def get():
            try:
                return method()
            except BlockingIOError as error:
                raise RuntimeError("no request") from error

        return get


@breaks("lifecycle.timeout-holds-when-request-is-stolen")
def accept_waits_for_the_next(impl):
    """get_request() waits when there is no connection; the standard library does so too."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        os.set_blocking(self.socket.fileno(), True)
        return method(self)


@breaks("lifecycle.any-timeout-is-accepted")
def long_timeout_overflows(impl):
    """handle_request() refuses a timeout of years; the standard library does so too."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        if self.timeout is not None and self.timeout > 1e6:
            raise OverflowError("timeout is too large")
        return method(self)
