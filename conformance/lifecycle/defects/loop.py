"""Ways to get serve_forever() wrong."""

import contextlib
import threading

from harness.host.breaking import breaks, instead_of, intercept


@breaks("lifecycle.serve-forever-ignores-timeout")
def loop_calls_handle_timeout(impl):
    """A server with a timeout has it handled in each turn."""

    @instead_of(impl.BaseServer, "service_actions")
    def act(method, self):
        method(self)
        if self.timeout:
            self.handle_timeout()


@breaks("lifecycle.service-actions-in-each-turn")
def service_actions_once_a_loop(impl):
    """serve_forever() calls service_actions() in its first turn only."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        self.__dict__["is_first_turn"] = True
        method(self, *arguments, **options)

    @intercept(impl, "service_actions")
    def find(self, method):
        return method if self.__dict__.pop("is_first_turn", False) else (lambda: None)


@breaks("lifecycle.shutdown-leaves-the-socket-open")
def shutdown_closes_the_socket(impl):
    """shutdown() is the end."""

    @instead_of(impl.BaseServer, "shutdown")
    def shut_down(method, self):
        method(self)
        self.socket.close()


@breaks("lifecycle.serving-may-begin-again")
def loop_runs_only_once(impl):
    """serve_forever() raises RuntimeError when it is called for the second time."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        if self.__dict__.get("has_served"):
            raise RuntimeError("a server serves only once")
        method(self, *arguments, **options)
        self.__dict__["has_served"] = True


@breaks("lifecycle.exception-ends-the-loop-cleanly")
def exception_is_kept_in_the_loop(impl):
    """serve_forever() returns as if nothing had happened."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        with contextlib.suppress(Exception):
            method(self, *arguments, **options)


@breaks("lifecycle.exception-ends-the-loop-cleanly")
def exception_is_the_end(impl):
    """After an exception serve_forever() returns at once."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        if self.__dict__.get("is_broken"):
            return
        try:
            method(self, *arguments, **options)
        except Exception:
            self.__dict__["is_broken"] = True
            raise


@breaks("lifecycle.closing-while-serving-does-not-spin")
def gh_79475_loop_does_not_notice_the_end(impl):
    """serve_forever() tries again and again to get a request from a closed server; the standard library does too."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        method(self, *arguments, **options)
        while self.fileno() < 0:
            with contextlib.suppress(OSError):
                self.get_request()


@breaks("lifecycle.closing-ends-the-loop")
def closing_only_closes_the_socket(impl):
    """server_close() of TCPServer does not tell the loop."""

    @instead_of(impl.TCPServer, "server_close")
    def close(method, self):
        self.socket.close()


@breaks("lifecycle.shutdown-of-an-ended-loop-returns")
def shutdown_waits_for_the_next_loop(impl):
    """shutdown() waits for ever when a loop has ended by an exception; the documentation warns of such a deadlock."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        try:
            method(self, *arguments, **options)
        except Exception:
            self.__dict__["is_broken"] = True
            raise

    @instead_of(impl.BaseServer, "shutdown")
    def shut_down(method, self):
        if self.__dict__.get("is_broken"):
            threading.Event().wait()
        method(self)
