"""StreamRequestHandler on one end of a connection, the other end of which is here, too: its files."""

import array
import socket
import struct

from conformance.request_handlers.behaviours.arranging import handled
from conformance.request_handlers.behaviours.outcomes import name_of, raised_by


def handle_stream(stage, handle, peer_says=b"", pair=socket.socketpair, **members):
    """Let a StreamRequestHandler have one end of a connection; return it, what it raised, and what the peer got.

    handle: called with the handler and the peer's socket.  members: of the handler class, such as wbufsize.
    """
    ours, peer = pair()
    with ours, peer:
        made = []
        members["handle"] = lambda self: made.append(self) or handle(self, peer)
        handler_class = type("Handler", (stage.candidate.StreamRequestHandler,), members)
        if peer_says:
            peer.sendall(peer_says)
        raised = handled(stage, handler_class, ours)
        return made[0] if made else None, raised, b"" if peer.fileno() < 0 else rest_of(peer)


def tcp_pair():
    """Return both ends of a TCP connection."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        client = socket.create_connection(listener.getsockname())
        return listener.accept()[0], client


def rest_of(peer):
    """Return what has arrived at *peer*, which is in this process: nothing is on its way any more."""
    peer.setblocking(False)
    got = b""
    while True:
        try:
            chunk = peer.recv(65536)
        except (BlockingIOError, ConnectionResetError):
            return got
        if not chunk:
            return got
        got += chunk


def compare_connection(stage):
    """Tell whether a handler's connection is its request."""
    same = []

    def handle(handler, peer):
        same.append(handler.connection is handler.request)

    _, error, _ = handle_stream(stage, handle)
    return same, name_of(error)


def try_rfile(stage):
    """Use the readable interface of rfile; return what each part of it gave."""
    gave = {}

    def handle(handler, peer):
        peer.shutdown(socket.SHUT_WR)
        target = bytearray(3)
        gave["readable"] = handler.rfile.readable()
        gave["closed"] = handler.rfile.closed
        gave["read"] = handler.rfile.read(2)
        gave["read1"] = handler.rfile.read1(1)
        gave["readinto"] = handler.rfile.readinto(target), bytes(target)
        gave["readline"] = handler.rfile.readline()
        gave["readlines"] = handler.rfile.readlines()
        gave["at the end"] = handler.rfile.read()

    _, error, _ = handle_stream(stage, handle, peer_says=b"aabccc, end of line\nline\nrest")
    return gave, name_of(error)


def try_wfile(stage):
    """Use the writable interface of wfile; return what it said about itself, the error, and what arrived."""
    said = {}

    def handle(handler, peer):
        said["writable"] = handler.wfile.writable()
        said["closed"] = handler.wfile.closed
        handler.wfile.writelines([b"one ", b"two"])
        handler.wfile.flush()

    _, error, arrived = handle_stream(stage, handle)
    return said, name_of(error), arrived


def compare_descriptors(stage):
    """Tell for each file whether its descriptor is that of the connection."""
    same = []

    def handle(handler, peer):
        same.extend(file.fileno() == handler.request.fileno() for file in (handler.rfile, handler.wfile))

    _, error, _ = handle_stream(stage, handle)
    return same, name_of(error)


def count_bytes(stage):
    """Write things of which length and number of bytes differ; return what write() returned, and what arrived."""
    returned = []
    things = (b"bytes", bytearray(b"more"), array.array("H", [1, 2, 3]), memoryview(b"12345678").cast("I"), b"")

    def handle(handler, peer):
        returned.extend(handler.wfile.write(thing) for thing in things)
        handler.wfile.flush()

    _, error, arrived = handle_stream(stage, handle)
    return returned, name_of(error), len(arrived)


def write_after_close(stage):
    """Write to wfile after closing it; return what that raised, and what arrived."""
    raised = []

    def handle(handler, peer):
        handler.wfile.close()
        raised.append(name_of(raised_by(handler.wfile.write, b"after")))

    _, error, arrived = handle_stream(stage, handle)
    return raised, name_of(error), arrived


def close_both_files(stage):
    """Write, and close both files; return the error, and what arrived."""

    def handle(handler, peer):
        handler.wfile.write(b"output")
        handler.rfile.close()
        handler.wfile.close()

    _, error, arrived = handle_stream(stage, handle)
    return name_of(error), arrived


def close_wfile_and_go_on(stage, wbufsize):
    """Close wfile and use the connection in both directions; return the error, what was read and what arrived."""
    read = []

    def handle(handler, peer):
        handler.wfile.write(b"through wfile, ")
        handler.wfile.close()
        handler.request.sendall(b"past it")
        read.append(handler.rfile.readline())

    _, error, arrived = handle_stream(stage, handle, peer_says=b"line\n", wbufsize=wbufsize)
    return name_of(error), read, arrived


def fill_a_buffer(stage, wbufsize, raising):
    """Write less than a buffer takes; return what had arrived before finish(), and what after it."""
    before = []

    def handle(handler, peer):
        handler.wfile.write(b"output")
        before.append(rest_of(peer))
        if raising:
            raise ValueError("handle")

    _, error, after = handle_stream(stage, handle, wbufsize=wbufsize)
    return before, after, name_of(error)


def look_at_files_afterwards(stage, wbufsize, raising):
    """Return whether rfile and wfile are closed once the request was handled."""

    def handle(handler, peer):
        handler.wfile.write(b"output")
        if raising:
            raise ValueError("handle")

    handler, error, _ = handle_stream(stage, handle, wbufsize=wbufsize)
    return {**_closed(handler), "raised": name_of(error)}


def _closed(handler):
    """Tell of both files of *handler*, which there may not be, whether they are closed."""
    return {name: getattr(getattr(handler, name, None), "closed", None) for name in ("rfile", "wfile")}


def break_off(handler, peer):
    """Let the peer break off; return when that has arrived."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    raised_by(handler.request.recv, 1)  # returns only then


def lose_the_peer(stage, wbufsize):
    """Let the peer break off while output waits; return what came out of it, and whether the files are closed."""

    def handle(handler, peer):
        handler.wfile.write(b"output")
        break_off(handler, peer)

    handler, error, _ = handle_stream(stage, handle, pair=tcp_pair, wbufsize=wbufsize)
    return {**_closed(handler), "raised": name_of(error)}
