"""Handlers for one connection of a stream server, which owe nothing to the candidate."""

import array
from contextlib import suppress


def echo(visit):
    """Send everything back that arrives before the client's end."""
    visit.send(visit.read_all())


def introduce(visit):
    """Say what the request is connected to."""
    visit.record(
        "introduced",
        listens=visit.request is visit.server.socket or visit.request.fileno() == visit.server.fileno(),
        address=_plain(visit.client_address),
        peer=_plain(visit.request.getpeername()),
    )


def _plain(address):
    return list(address) if isinstance(address, tuple) else address


def reply_long(visit):
    """Send more than fits into the buffers of a connection."""
    visit.send(long_reply())


def long_reply():
    """Return a megabyte in which no two pieces are alike."""
    return array.array("I", range(1 << 18)).tobytes()


def reply(visit):
    """Send without having read anything."""
    visit.send(b"reply")


def reply_and_keep_request(visit):
    """Send, and hold on to the request."""
    visit.send(b"reply")
    visit.stage.kept = visit.request


def reply_and_keep_duplicate(visit):
    """Send, and hold on to a duplicate of the request."""
    visit.send(b"reply")
    visit.stage.kept = visit.request.dup()


def use_what_was_kept(stage):
    """Try to send more to a client that was served, and close what was kept of its connection."""
    with stage.kept, suppress(OSError):  # as it should be: this side of the connection is shut, or closed
        stage.kept.sendall(b" and more")


def close_request(visit):
    """Close the request, which is the server's task."""
    visit.send(b"reply")
    visit.request.close()


def wait_and_echo(visit):
    """Stay at work until the test opens the gate; then send everything back."""
    visit.wait("hold")
    echo(visit)
