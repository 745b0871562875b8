"""Handlers and servers that hold on to a connection longer than its request."""

import os
from contextlib import suppress


def reply(visit):
    """Send without having read anything."""
    visit.send(b"reply")


def wait_and_reply(visit):
    """Stay at work until the test opens the gate; then reply."""
    visit.wait("hold")
    visit.send(b"reply")


def reply_and_keep_request(visit):
    """Send, and hold on to the request."""
    visit.send(b"reply")
    visit.stage.kept = visit.request


def reply_and_keep_duplicate(visit):
    """Send, and hold on to a duplicate of the request."""
    visit.send(b"reply")
    visit.stage.kept = visit.request.dup()


def reply_and_keep_file(visit):
    """Send, and hold on to a file that writes to the connection."""
    visit.send(b"reply")
    visit.stage.kept = visit.request.makefile("wb", 0)


def close_request(visit):
    """Close the request, which is the server's task."""
    visit.send(b"reply")
    visit.request.close()


def reply_and_fork(visit):
    """Send, and leave the connection to a process, too."""
    visit.send(b"reply")
    visit.stage.forked = os.fork()
    if visit.stage.forked == 0:
        visit.wait("hold")
        os._exit(0)


def bury(stage):
    """Wait for the process that a handler has forked, if that was a handler of this process."""
    if hasattr(stage, "forked"):
        os.waitpid(stage.forked, 0)


def detach(visit):
    """Send, and take the descriptor away from the request."""
    visit.send(b"one ")
    visit.stage.descriptor = visit.request.detach()


def use_detached(stage):
    """Send more through the descriptor that was taken away, and close it."""
    with suppress(OSError):  # it may have been closed or shut, which the client sees
        os.write(stage.descriptor, b"two")
    with suppress(OSError):
        os.close(stage.descriptor)


def keep_connection(server, request, client_address):
    """Put the request aside instead of processing it."""
    server.kept = getattr(server, "kept", [])
    server.kept.append(request)
    server.stage.record("kept")


def answer_those_kept_first(stage, count):
    """Answer on the connections that were put aside first, and end them."""
    [server] = stage.servers
    for request in server.kept[:count]:
        with suppress(OSError):  # it may have been closed or shut, which the client sees
            request.sendall(b"later")
        request.close()


def process_in_own_thread(server, request, client_address):
    """Process the request in a thread that is the program's own."""
    server.stage.start(_process, server, request, client_address)


def _process(server, request, client_address):
    try:
        server.finish_request(request, client_address)
    finally:
        request.close()
