"""Handlers for clients that may break off, leave, or say nothing."""

from conformance.request_handlers.behaviours.connections import echo
from conformance.request_handlers.behaviours.outcomes import name_of, raised_by


def wait_and_echo(visit):
    """Stay at work until the test opens the gate; then send everything back."""
    visit.wait("hold")
    echo(visit)


def write_without_end_or_echo(visit):
    """Write as long as the client is there if it asks for that; otherwise send its line back."""
    line = visit.read_line()
    while line == b"write\n":
        visit.send(bytes(65536))
    visit.send(line)


def fill_buffer_or_echo(visit):
    """Leave output in the buffer and wait if the client asks for that; otherwise send its line back."""
    line = visit.rfile.readline()
    visit.wfile.write(line)
    if line == b"fill\n":
        visit.wait("hold")


def buffer_output(stage):
    """Give the handlers of the server that was built last a buffer for their output."""
    stage.servers[-1].RequestHandlerClass.wbufsize = -1


def try_to_read(visit):
    """Say what reading raises."""
    visit.record("tried", error=name_of(raised_by(visit.request.recv, 1)))


def echo_line(visit):
    """Send one line back, through the handler's files."""
    visit.wfile.write(visit.rfile.readline())


def echo_line_soon(visit):
    """Send one line back, unless it takes too long to come."""
    visit.request.settimeout(0.01)
    echo_line(visit)


def echo_lines(visit):
    """Send every line back, through the handler's files."""
    for line in visit.rfile:
        visit.wfile.write(line)


def keep_silent(server, request, client_address):
    """Do not report the error."""


def fail_or_echo(visit):
    """Fail if the client asks for that; otherwise send its line back."""
    line = visit.read_line()
    if line == b"fail\n":
        raise ValueError("as the client wishes")
    visit.send(line)


def refuse_each_fourth(server, request, client_address):
    """Accept three requests, refuse the next."""
    server.count = getattr(server, "count", 0) + 1
    return server.count % 4 != 0
