"""Ways to get handle_request() and its timeout wrong."""

import os
import select

from conformance.lifecycle.defects.patching import instead_of, intercept, setting
from harness.host.breaking import breaks


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
