"""Reading from rfile of StreamRequestHandler."""

import socket

from conformance.request_handlers.behaviours.outcomes import name_of, raised_by
from conformance.request_handlers.behaviours.stream_files import handle_stream

SHORT = 0.005  # seconds


def read_ahead(stage, rbufsize, reading, amount):
    """Read a part of what has come with a method of rfile; return that part, and what is left to the connection."""
    seen = []

    def handle(handler, peer):
        seen.append(getattr(handler.rfile, reading)(amount))
        seen.append(handler.request.recv(100000))

    _, error, _ = handle_stream(stage, handle, peer_says=b"%099d\n" % 7 + b"rest" * 2500, rbufsize=rbufsize)
    return seen, name_of(error)


def read_after_timeout(stage, rbufsize):
    """Read until that times out, and once more when there is something; tell whether each raised what it should."""
    seen = []

    def handle(handler, peer):
        handler.request.settimeout(SHORT)
        seen.append(isinstance(raised_by(handler.rfile.readline), socket.timeout))
        peer.sendall(b"too late\n")
        seen.append(isinstance(raised_by(handler.rfile.readline), OSError))

    _, error, _ = handle_stream(stage, handle, rbufsize=rbufsize)
    return seen, name_of(error)


def read_in_ways(stage, data, ways):
    """Let the client send *data* and end; return what each of the *ways* to read has given, and the error."""
    gave = []

    def handle(handler, peer):
        peer.shutdown(socket.SHUT_WR)
        gave.extend(read_in_way(handler.rfile, *way) for way in ways)

    _, error, _ = handle_stream(stage, handle, peer_says=data)
    return gave, name_of(error)


def read_in_way(file, method, size):
    """Return what a method of *file* gives for *size*."""
    if method != "readinto":
        return getattr(file, method)(size)
    target = bytearray(size)
    return file.readinto(target), bytes(target)


def close_rfile_and_go_on(stage, wbufsize):
    """Close rfile and use the connection in both directions; return the error, what was read and what arrived."""
    read = []

    def handle(handler, peer):
        handler.rfile.close()
        read.append(handler.request.recv(100))
        handler.wfile.write(b"through wfile")

    _, error, arrived = handle_stream(stage, handle, peer_says=b"line\n", wbufsize=wbufsize)
    return name_of(error), read, arrived
