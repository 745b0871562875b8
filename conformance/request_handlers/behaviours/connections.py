"""Handlers for one connection of a stream server, which owe nothing to the candidate."""

import array
import socket

from conformance.request_handlers.behaviours.arranging import classes_named, waiting_client


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


def timeouts_of_accepted(stage, names, default):
    """Accept with a listening socket that has a timeout; return for each class that of the connection, and the former.

    default: what socket.setdefaulttimeout() is given before.
    """
    found = {}
    for name, server_class in classes_named(stage, names):
        with waiting_client(stage, server_class) as server:
            server.socket.settimeout(7)
            socket.setdefaulttimeout(default)
            request, _ = server.get_request()
            socket.setdefaulttimeout(None)
            with request:
                found[name] = request.gettimeout(), server.socket.gettimeout()
    return found
