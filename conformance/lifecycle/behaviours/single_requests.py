"""handle_request(): hooks that leave it without a request, and calls that look at the clock."""

import builtins
import time

from conformance.lifecycle.behaviours.arranging import waiting_client


def reject_first(server, request, client_address):
    """Reject the first request of each server."""
    server.rejected, was_rejected = True, getattr(server, "rejected", False)
    return was_rejected


def return_token(server):
    """Return something that nobody else returns."""
    return "nobody came"


def note_the_end(server):
    """Report that time is up."""
    server.stage.record("time.is_up")


def fail_to_get_first(server):
    """Fail once as accept() may fail, or as the attribute ``fails_with`` says, then get the request."""
    if not getattr(server, "has_failed", False):
        server.has_failed = True
        raise getattr(builtins, getattr(server, "fails_with", "ConnectionAbortedError"))("on purpose")
    return server.inherited.get_request()


def get_request_after_one_in_vain(server):
    """Lose the first request."""
    request = server.inherited.get_request()
    if not getattr(server, "has_lost", False):
        server.has_lost = True
        server.shutdown_request(request[0])
        raise ConnectionAbortedError("on purpose")
    return request


def steal_first(server):
    """Let someone else take the first request, once."""
    if not hasattr(server, "stolen"):
        server.stolen = server.inherited.get_request()
        server.stage.record("request.stolen")
    return server.inherited.get_request()


def wait_for_more(visit):
    """Wait for what the client sends, or, where each datagram is a request of its own, for the test."""
    if isinstance(visit.request, tuple):
        visit.wait("hold")
    else:
        visit.request.recv(100)


def values_of_calls(stage, count):
    """Return what handle_request() returns each time, when there is a request each time except the last."""
    [server] = stage.servers
    values = []
    for _ in range(count - 1):
        with waiting_client(server):
            values.append(server.handle_request())
    return [*values, server.handle_request()]


def get_request_too_late(server):
    """Let someone else take the request first."""
    server.stolen = server.inherited.get_request()
    return server.inherited.get_request()


def handle_and_time(stage, seconds):
    """Call handle_request() and return its value, and whether that took at least so many *seconds*."""
    server = stage.servers[-1]
    begin = time.monotonic()
    value = server.handle_request()
    return {"value": value, "early": time.monotonic() - begin < seconds}


def set_socket_timeout(stage, seconds):
    """Set the timeout of the server's socket."""
    stage.servers[0].socket.settimeout(seconds)
