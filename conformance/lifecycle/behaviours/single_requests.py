"""handle_request(): hooks that leave it without a request, and calls that look at the clock."""

import time


def reject_first(server, request, client_address):
    """Reject the first request of each server."""
    server.rejected, was_rejected = True, getattr(server, "rejected", False)
    return was_rejected


def return_token(server):
    """Return something that nobody else returns."""
    return "nobody came"


def fail_to_get_first(server):
    """Fail once as accept() may fail, then get the request."""
    if not getattr(server, "has_failed", False):
        server.has_failed = True
        raise ConnectionAbortedError("on purpose")
    return server.inherited.get_request()


def get_request_too_late(server):
    """Let someone else take the request first."""
    server.stolen = server.inherited.get_request()
    return server.inherited.get_request()


def handle_and_time(stage, seconds):
    """Call handle_request() and return its value, and whether that took at least so many *seconds*."""
    [server] = stage.servers
    begin = time.monotonic()
    value = server.handle_request()
    return {"value": value, "early": time.monotonic() - begin < seconds}


def set_socket_timeout(stage, seconds):
    """Set the timeout of the server's socket."""
    stage.servers[0].socket.settimeout(seconds)
