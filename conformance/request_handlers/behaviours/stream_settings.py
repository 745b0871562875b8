"""The settings of StreamRequestHandler: timeout, disable_nagle_algorithm, and the sizes of its buffers."""

import select
import socket

from conformance.request_handlers.behaviours.arranging import handle_one
from conformance.request_handlers.behaviours.outcomes import name_of, raised_by
from conformance.request_handlers.behaviours.stream_files import handle_stream, rest_of, tcp_pair

SHORT = 0.005  # seconds
MUCH = 1 << 24  # bytes, more than fits into the buffers of a connection


def patient_pair():
    """Return both ends of a connection, ours with a timeout of 7 seconds."""
    ours, peer = socket.socketpair()
    ours.settimeout(7)
    return ours, peer


def look_at_timeout(stage, timeout):
    """Return the timeout that the connection has in handle(); before the handler it had one of 7 seconds."""
    seen = []

    def handle(handler, peer):
        seen.append(handler.request.gettimeout())

    _, error, _ = handle_stream(stage, handle, pair=patient_pair, timeout=timeout)
    return seen, name_of(error)


def read_in_vain(stage):
    """Read what never comes with a short timeout; tell whether that timed out, or nothing without one."""
    raised = []

    def handle(handler, peer):
        if handler.request.gettimeout() is not None:
            raised.append(isinstance(raised_by(handler.rfile.readline), socket.timeout))

    handle_stream(stage, handle, timeout=SHORT)
    return raised


def look_at_nagle(stage, disable):
    """Tell whether the connection sends small packets without delay."""
    seen = []

    def handle(handler, peer):
        seen.append(_is_nagle_disabled(handler.request))

    _, error, _ = handle_stream(stage, handle, pair=tcp_pair, disable_nagle_algorithm=disable)
    return seen, name_of(error)


def write_in_vain(stage):
    """Write what nobody reads with a short timeout; tell whether that timed out."""
    raised = []

    def handle(handler, peer):
        handler.request.settimeout(SHORT)
        raised.append(isinstance(raised_by(handler.wfile.write, bytes(MUCH)), socket.timeout))

    _, error, _ = handle_stream(stage, handle)
    return raised, name_of(error)


def choose_in_setup(stage, name, value):
    """Set one of the settings in setup(); return what can be seen of all of them in handle()."""
    seen = {}

    def setup(self):
        setattr(self, name, value)
        super(type(self), self).setup()

    def handle(handler, peer):
        seen["timeout"] = handler.request.gettimeout()
        seen["disable_nagle_algorithm"] = _is_nagle_disabled(handler.request)
        handler.rfile.read(1)
        seen["rbufsize"] = _what_waits(handler.request)
        handler.wfile.write(b"output")
        seen["wbufsize"] = rest_of(peer)

    handle_stream(stage, handle, peer_says=b"input", pair=tcp_pair, setup=setup)
    return seen


def _is_nagle_disabled(connection):
    return bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def _what_waits(connection):
    return connection.recv(100) if select.select([connection], [], [], 0)[0] else b""


def nagle_of_accepted(stage, names):
    """Return for each class whether a connection that it has accepted sends small packets without delay."""
    seen = {}

    def handler(request, client_address, server):
        seen[type(server).__name__] = _is_nagle_disabled(request)

    for name, server_class in stage.classes(names):
        handle_one(stage, type(name, (server_class,), {}), handler)
    return seen


def tell_timeouts(visit):
    """Say which timeouts the connection and the server have."""
    visit.record("timeouts", connection=visit.request.gettimeout(), server=visit.server.timeout)
