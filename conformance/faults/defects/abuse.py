"""Ways to be at the mercy of clients."""

import select
import socket

from harness.host.breaking import breaks, instead_of, intercept


@breaks("faults.no-client-stops-the-server")
def bytes_that_are_no_text_end_the_server(impl):
    """A handler that cannot decode what the client sent ends the server."""

    @intercept(impl, "finish_request")
    def find(self, method):
        def finish(request, client_address):
            try:
                method(request, client_address)
            except UnicodeDecodeError as error:
                self.__dict__["has_had_enough"] = True
                raise RuntimeError("enough") from error

        return finish

    @intercept(impl, "service_actions")
    def find_actions(self, method):
        if "has_had_enough" in self.__dict__:
            raise RuntimeError("enough")
        return method


@breaks("faults.errors-are-not-told-to-clients")
def errors_are_told_to_clients(impl):
    """handle_error() sends the client a line before it does what it should."""

    @intercept(impl, "handle_error")
    def find(self, method):
        def handle(request, client_address):
            if isinstance(request, tuple):
                request[1].sendto(b"error", client_address)
            else:
                request.sendall(b"error")
            method(request, client_address)

        return handle


@breaks("faults.answers-go-to-who-asked")
def tenth_client_takes_the_place_of_the_eleventh(impl):
    """Under load, a datagram server confuses the addresses of two clients."""

    @intercept(impl, "process_request")
    def find(self, method):
        def process(request, client_address):
            addresses = self.__dict__.setdefault("addresses", [])
            addresses.append(client_address)
            is_confused = isinstance(request, tuple) and len(addresses) == 11
            method(request, addresses[-2] if is_confused else client_address)

        return process


@breaks("faults.time-limit-frees-the-server")
def time_limits_are_lifted(impl):
    """finish_request() lets a connection wait as long as it likes."""

    @instead_of(impl.BaseServer, "finish_request")
    def finish(method, self, request, client_address):
        if isinstance(request, socket.socket):
            request.settimeout(None)
        method(self, request, client_address)


@breaks("faults.flood-is-survived")
def clients_that_left_end_the_server(impl):
    """A server with a short queue ends its loop when the client of a new connection is gone already."""

    @intercept(impl, "verify_request")
    def find(self, method):
        def verify(request, client_address):
            if self.request_queue_size == 1 and _has_left(request):
                raise SystemExit("nobody there")
            return method(request, client_address)

        return verify


def _has_left(request):
    return bool(select.select([request], [], [], 0)[0]) and request.recv(1, socket.MSG_PEEK) == b""
