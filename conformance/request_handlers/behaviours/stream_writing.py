"""Writing to wfile of StreamRequestHandler, as it is meant and as it is not."""

import io

from conformance.request_handlers.behaviours.outcomes import name_of, raised_by
from conformance.request_handlers.behaviours.stream_files import break_off, handle_stream, rest_of, tcp_pair


def write_text(stage):
    """Write text, then bytes; return the first error, the last one, and what arrived."""
    return _write_before_bytes(stage, "text")


def write_memory_with_gaps(stage):
    """Write memory with gaps, then bytes; return the first error, the last one, and what arrived."""
    return _write_before_bytes(stage, memoryview(b"a-b-c-")[::2])


def _write_before_bytes(stage, thing):
    raised = []

    def handle(handler, peer):
        raised.append(name_of(raised_by(handler.wfile.write, thing)))
        handler.wfile.write(b"bytes")

    _, error, arrived = handle_stream(stage, handle)
    return raised, name_of(error), arrived


def read_and_seek(stage):
    """Use wfile for what it is not made for; return which of that raised io.UnsupportedOperation."""
    refused = {}
    attempts = {
        "read": (1,),
        "read1": (1,),
        "readline": (),
        "readinto": (bytearray(1),),
        "seek": (0,),
        "truncate": (0,),
    }

    def handle(handler, peer):
        for name, arguments in attempts.items():
            raised = raised_by(getattr(handler.wfile, name), *arguments)
            refused[name] = isinstance(raised, io.UnsupportedOperation)

    _, error, _ = handle_stream(stage, handle)
    return refused, name_of(error)


def print_to_wfile(stage):
    """Read text from rfile and print some to wfile, both wrapped; return what was read, the error, and what arrived."""
    read = []

    def handle(handler, peer):
        into, out_of = (io.TextIOWrapper(each, "utf-8") for each in (handler.wfile, handler.rfile))
        read.append(out_of.readline())
        print("größer", "als", file=into)
        into.flush()
        into.detach()
        out_of.detach()

    _, error, arrived = handle_stream(stage, handle, peer_says="weiß\n".encode())
    return read, name_of(error), arrived


def write_in_ways(stage, ways, members):
    """Write, flush or write lines in this order; return the error, and what arrived.

    members: of the handler class, such as wbufsize.
    """

    def handle(handler, peer):
        for method, arguments in ways:
            getattr(handler.wfile, method)(*arguments)

    _, error, arrived = handle_stream(stage, handle, **members)
    return name_of(error), arrived


def flush_a_buffer(stage, wbufsize):
    """Write less than a buffer takes, and flush it; return what had arrived then."""
    arrived = []

    def handle(handler, peer):
        handler.wfile.write(b"output")
        handler.wfile.flush()
        arrived.append(rest_of(peer))

    _, error, _ = handle_stream(stage, handle, wbufsize=wbufsize)
    return arrived, name_of(error)


def overfill_a_buffer(stage, wbufsize, piece, count):
    """Write *count* pieces and do not flush; return how many of the bytes written had not arrived after each."""
    waiting = []

    def handle(handler, peer):
        arrived = 0
        for number in range(1, count + 1):
            handler.wfile.write(b"x" * piece)
            arrived += len(rest_of(peer))
            waiting.append(number * piece - arrived)

    _, error, _ = handle_stream(stage, handle, wbufsize=wbufsize)
    return waiting, name_of(error)


def lose_the_peer_without_output(stage):
    """Let the peer break off when no output waits; return what came out of it."""

    def handle(handler, peer):
        handler.wfile.write(b"output")
        handler.wfile.flush()
        break_off(handler, peer)

    _, error, _ = handle_stream(stage, handle, pair=tcp_pair)
    return name_of(error)


def look_at_files_of_failed_setup(stage, wbufsize):
    """Let an extended setup() raise; return the error, and of both files whether they were closed before and after."""
    files = []

    def setup(self):
        super(type(self), self).setup()
        files.extend([self.rfile, self.wfile])
        before.extend(each.closed for each in files)
        raise ValueError("setup")

    before = []
    _, error, _ = handle_stream(stage, None, wbufsize=wbufsize, setup=setup)
    return name_of(error), before, [each.closed for each in files]
