"""handle_request(): hooks that leave it without a request, and calls that look at the clock."""

import socket
import time

from conformance.lifecycle.behaviours.arranging import waiting_client

ROUNDING = 1e-6  # seconds that sums and differences of two readings of a clock may be wrong by


def reject_first(server, request, client_address):
    """Reject the first request of each server."""
    server.rejected, was_rejected = True, getattr(server, "rejected", False)
    return was_rejected


def return_token(server):
    """Return something that nobody else returns."""
    return "nobody came"


def note_the_beginning(stage, seconds=None):
    """Remember when the wait begins, and how many *seconds* it has to last: the server's timeout, unless told."""
    server = stage.servers[-1]
    server.end = time.monotonic() + (server.timeout if seconds is None else seconds) - ROUNDING


def note_the_end(server):
    """Report that time is up, and whether that is too early."""
    server.stage.record("time.is_up", early=time.monotonic() < server.end)


def get_request_after_losing_one(server):
    """Lose the first request."""
    request = server.inherited.get_request()
    if not getattr(server, "has_lost", False):
        server.has_lost = True
        raise ConnectionAbortedError("on purpose")
    return request


def steal_first(server):
    """Let someone else take the first request away, just before the server does."""
    if not hasattr(server, "stolen"):
        is_stream = server.socket_type == socket.SOCK_STREAM
        server.stolen = server.socket.accept() if is_stream else server.socket.recvfrom(100)
        server.stage.record("request.stolen")
    return server.inherited.get_request()


def wait_for_more(visit):
    """Wait for what the client sends, or, where each datagram is a request of its own, for the test."""
    if isinstance(visit.request, tuple):
        visit.wait("hold")
    else:
        visit.request.recv(100)


def values_of_calls(stage, count):
    """Return what handle_request() returns each time, when there is a request each time."""
    [server] = stage.servers
    values = []
    for _ in range(count):
        with waiting_client(server):
            values.append(server.handle_request())
    return values


def set_socket_timeout(stage, seconds):
    """Set the timeout of the server's socket."""
    stage.servers[0].socket.settimeout(seconds)
