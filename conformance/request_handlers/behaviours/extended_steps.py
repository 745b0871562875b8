"""Handlers of streams and datagrams that extend setup() and finish()."""

import gc
import socket
import weakref

from conformance.request_handlers.behaviours.arranging import DATAGRAM_SERVERS, handled
from conformance.request_handlers.behaviours.datagram_files import datagrams_at
from conformance.request_handlers.behaviours.outcomes import name_of
from conformance.request_handlers.behaviours.stream_files import rest_of


def answer(visit):
    """Answer through the handler's file, once its request has been read."""
    visit.rfile.readline()
    visit.wfile.write(b"done")


def answer_plainly(visit):
    """Leave what tells when the handler is gone, and answer."""
    stage = visit.stage
    weakref.finalize(visit, stage.record, "handler.gone")
    visit.send(b"done")


def collect_garbage(stage):
    """Collect what is left in cycles, and where nothing is collected before it has to be."""
    for _ in range(3):
        gc.collect()


def let_setup_fail_on_demand(stage):
    """Let the handlers of the server extend both steps, and setup() raise if the client says so."""
    handler_class = stage.servers[-1].RequestHandlerClass

    def setup(self):
        super(handler_class, self).setup()
        if self.rfile.readline() == b"fail\n":
            raise ValueError("setup")

    def finish(self):
        self.record("finish")
        super(handler_class, self).finish()

    handler_class.setup, handler_class.finish = setup, finish


def extend_stream_handler(stage, members):
    """Extend both steps of a stream handler; return the error, and what arrived.

    members: of the handler class, such as wbufsize.
    """
    ours, peer = socket.socketpair()
    with ours, peer:
        error = handled(stage, _extended(stage.candidate.StreamRequestHandler, members), ours)
        return name_of(error), rest_of(peer)


def extend_datagram_handler(stage):
    """Extend both steps of a datagram handler; return the error, and the datagrams that the client got."""
    path = stage.new_path("client")
    ours, client = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
    with ours, client:
        client.bind(path)
        handler_class = _extended(stage.candidate.DatagramRequestHandler, {})
        error = handled(stage, handler_class, (b"packet", ours), path, DATAGRAM_SERVERS)
        return name_of(error), datagrams_at(client)


def _extended(base, members):
    class Handler(base):
        def setup(self):
            super().setup()
            self.wfile.write(b"setup ")

        def handle(self):
            self.wfile.write(b"handle ")

        def finish(self):
            self.wfile.write(b"finish")
            super().finish()

    return type("Extended", (Handler,), members)


def finish_twice(stage, wbufsize):
    """Let a stream handler finish itself before its time; return the error, and what arrived."""
    ours, peer = socket.socketpair()
    with ours, peer:

        def handle(self):
            self.wfile.write(b"output")
            self.finish()

        members = {"handle": handle, "wbufsize": wbufsize}
        error = handled(stage, type("Handler", (stage.candidate.StreamRequestHandler,), members), ours)
        return name_of(error), rest_of(peer)
