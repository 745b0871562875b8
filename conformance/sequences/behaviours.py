"""What the host runs for this area.

A visitor sends its number and its kind, which are only looked at and never read, so that everybody can see them.
"""

import socket


def said_by(request):
    """Return the number and the kind of a visit, as the visitor has sent them."""
    line = request[0] if isinstance(request, tuple) else request.recv(64, socket.MSG_PEEK)
    number, kind = line.decode("ascii").split()
    return int(number), kind


def note(server, kind, **details):
    """Record an event of this server, which has a label because there may be several in one host."""
    server.stage.record(kind, server=server.label, **details)


def do_as_said(visit):
    """Be the handler that the visitor has asked for."""
    number, kind = said_by(visit.request)
    note(visit.server, "visit.begin", number=number)
    try:
        if kind == "held":
            visit.wait(visit.server.gate)
        elif kind == "failing":
            raise ValueError("asked to fail")
        elif kind == "quitting":
            raise SystemExit(0)
    finally:
        note(visit.server, "visit.end", number=number)


def verify_request(server, request, client_address):
    """Refuse those who have asked for it."""
    number, kind = said_by(request)
    note(server, "visit.take", number=number)
    return kind != "refused"


def handle_error(server, request, client_address):
    """Keep silent about what was asked for."""


def handle_timeout(server):
    """Say that there was nobody."""
    note(server, "nobody")
    return server.inherited.handle_timeout()


def service_actions(server):
    """Say, once in each loop, that it has begun."""
    if server.unseen_loop is not None:
        note(server, "loop.turn", loop=server.unseen_loop)
        server.unseen_loop = None
    server.inherited.service_actions()


def perform(server, method, *arguments):
    """Call a method and say how that ended."""
    how = "returned"
    try:
        getattr(server, method)(*arguments)
    except BaseException as error:  # noqa: BLE001 - how the call ended is what the test wants to know
        how = type(error).__name__
    note(server, "call.end", method=method, how=how)


def handle_within(server, timeout):
    """Call handle_request() with this timeout."""
    server.timeout = timeout
    perform(server, "handle_request")


def serve_on(server, loop):
    """Call serve_forever(), for the time of this number."""
    server.unseen_loop = loop
    perform(server, "serve_forever", 0.005)
