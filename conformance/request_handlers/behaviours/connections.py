"""Handlers for one connection of a stream server, which owe nothing to the candidate."""

import array
import socket

from conformance.request_handlers.behaviours.arranging import handle_one


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
    """Take a request with a listening socket that has a timeout; return for each class that of the connection.

    default: what socket.setdefaulttimeout() is given before.
    """
    found = {}

    def get_request(self):
        self.socket.settimeout(7)
        socket.setdefaulttimeout(default)
        try:
            return super(type(self), self).get_request()
        finally:
            socket.setdefaulttimeout(None)

    def handler(request, client_address, server):
        found[type(server).__name__] = request.gettimeout()

    for name, server_class in stage.classes(names):
        handle_one(stage, type(name, (server_class,), {"get_request": get_request}), handler)
    return found
