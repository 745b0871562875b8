"""Writing to wfile of StreamRequestHandler without a server, as it is meant and as it is not."""

import io

from conformance.request_handlers.behaviours.outcomes import name_of, raised_by
from conformance.request_handlers.behaviours.stream_files import break_off, handle_one, rest_of, tcp_pair


def write_what_is_not_bytes(stage, wbufsize):
    """Write text and memory with gaps, then bytes; return their errors, the last error, and what arrived."""
    raised = []
    gaps = memoryview(b"a-b-c-")[::2]

    def handle(handler, peer):
        raised.extend(name_of(raised_by(handler.wfile.write, thing)) for thing in ("text", gaps))
        handler.wfile.write(b"bytes")

    _, error, arrived = handle_one(stage, handle, wbufsize=wbufsize)
    return raised, name_of(error), arrived


def read_and_seek(stage, wbufsize):
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

    handle_one(stage, handle, wbufsize=wbufsize)
    return refused


def print_to_wfile(stage, wbufsize):
    """Read text from rfile and print some to wfile, both wrapped; return what was read, the error, and what arrived."""
    read = []

    def handle(handler, peer):
        into, out_of = (io.TextIOWrapper(each, "utf-8") for each in (handler.wfile, handler.rfile))
        read.append(out_of.readline())
        print("größer", "als", file=into)
        into.flush()
        into.detach()
        out_of.detach()

    _, error, arrived = handle_one(stage, handle, peer_says="weiß\n".encode(), wbufsize=wbufsize)
    return read, name_of(error), arrived


def write_in_ways(stage, wbufsize, ways):
    """Write, flush or write lines in this order; return the error, and what arrived."""

    def handle(handler, peer):
        for method, arguments in ways:
            getattr(handler.wfile, method)(*arguments)

    _, error, arrived = handle_one(stage, handle, wbufsize=wbufsize)
    return name_of(error), arrived


def flush_a_buffer(stage, wbufsize):
    """Write less than a buffer takes, and flush it; return what had arrived before and after."""
    arrived = []

    def handle(handler, peer):
        handler.wfile.write(b"output")
        arrived.append(rest_of(peer))
        handler.wfile.flush()
        arrived.append(rest_of(peer))

    _, error, _ = handle_one(stage, handle, wbufsize=wbufsize)
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

    handle_one(stage, handle, wbufsize=wbufsize)
    return waiting


def lose_the_peer_without_output(stage, wbufsize):
    """Let the peer break off when no output waits; return what came out of it, and whether the files are closed."""

    def handle(handler, peer):
        handler.wfile.write(b"output")
        handler.wfile.flush()
        break_off(handler, peer)

    handler, error, _ = handle_one(stage, handle, pair=tcp_pair, wbufsize=wbufsize)
    return {"raised": name_of(error), "rfile": handler.rfile.closed, "wfile": handler.wfile.closed}


def look_at_files_of_failed_setup(stage, wbufsize):
    """Let an extended setup() raise; return the error, and whether the files were closed, first open, then closed."""
    files = []

    def setup(self):
        super(type(self), self).setup()
        files.extend([self.rfile, self.wfile])
        files.append([each.closed for each in files])
        raise ValueError("setup")

    _, error, _ = handle_one(stage, None, wbufsize=wbufsize, setup=setup)
    return name_of(error), files.pop(), [each.closed for each in files]
