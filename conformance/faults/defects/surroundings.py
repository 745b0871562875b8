"""Ways to be at the mercy of clocks and other processes."""

import contextlib
import os
import select
import socket
import time

from harness.host.breaking import breaks, instead_of, setting


@breaks("faults.clock-changes-change-no-timeout")
def timeout_is_measured_by_the_time_of_day(impl):
    """handle_request() believes that the time has passed when the clock was set forward."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        begin = time.time()
        has_jumped = time.time() - begin > 1000
        with setting(self, "timeout", 0 if has_jumped else self.timeout):
            return method(self)


@breaks("faults.poll-may-be-missing")
def each_loop_asks_for_poll(impl):
    """serve_forever() makes a poll object for each loop."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        select.poll()
        return method(self, *arguments, **options)


@breaks("faults.other-forks-disturb-nothing")
def closing_a_copy_closes_all(impl):
    """server_close() in a child that does not serve shuts down the socket that it shares with its parent."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        self.__dict__["serving_process"] = os.getpid()
        return method(self, *arguments, **options)

    @instead_of(impl.TCPServer, "server_close")
    def close(method, self):
        if self.__dict__.get("serving_process", os.getpid()) != os.getpid():
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
        method(self)


@breaks("faults.stolen-request-does-not-hold-the-loop")
def loop_waits_in_accept(impl):
    """The loop waits in get_request() for a request that is gone; the standard library's does so too."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        self.__dict__["is_serving"] = True
        return method(self, *arguments, **options)

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        if "is_serving" in self.__dict__:
            os.set_blocking(self.socket.fileno(), True)
        return method(self)


@breaks("faults.shared-socket-serves-each-request-once")
def request_is_handled_twice_in_a_second_process(impl):
    """A synchronous server that serves in another process than it was made in handles each request two times."""
    first = os.getpid()

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        if os.getpid() != first:
            self.finish_request(request, client_address)
        method(self, request, client_address)
