"""Handlers of streams and datagrams that extend setup() and finish(), in a server and without one."""

import gc
import socket
import weakref

from conformance.request_handlers.behaviours.outcomes import name_of, raised_by


def answer(visit):
    """Answer through the handler's file, once its request has been read."""
    visit.rfile.readline()
    visit.wfile.write(b"done")


def answer_plainly(visit):
    """Leave what can tell whether the handler is still there, and answer."""
    visit.stage.handlers = getattr(visit.stage, "handlers", [])
    visit.stage.handlers.append(weakref.ref(visit))
    visit.send(b"done")


def living_handlers(stage):
    """Return for each handler there was whether it is still there."""
    for _ in range(3):
        gc.collect()
    return [handler() is not None for handler in stage.handlers]


def let_setup_fail_on_demand(stage):
    """Let the handlers of the server extend both steps, and setup() raise if the client says so."""
    handler_class = stage.servers[-1].RequestHandlerClass
    extended = type("Extended", (handler_class,), {})

    def setup(self):
        super(extended, self).setup()
        rude = self.packet if isinstance(self.request, tuple) else self.rfile.readline()
        if rude == b"fail\n":
            raise ValueError("setup")

    def finish(self):
        self.record("finish")
        super(extended, self).finish()

    extended.setup, extended.finish = setup, finish
    stage.servers[-1].RequestHandlerClass = extended


def extend_stream_handler(stage, wbufsize):
    """Extend both steps of a stream handler; return what was there before and after them, the error, what arrived."""
    ours, peer = socket.socketpair()
    with ours, peer:
        seen, error = _extend(stage.candidate.StreamRequestHandler, (ours, "client", "server"), wbufsize=wbufsize)
        peer.setblocking(False)
        return seen, error, peer.recv(100)


def extend_datagram_handler(stage):
    """Extend both steps of a datagram handler; return what extend_stream_handler() does."""
    path = stage.new_path("client")
    ours, client = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
    with ours, client:
        client.bind(path)
        seen, error = _extend(stage.candidate.DatagramRequestHandler, ((b"packet", ours), path, "server"))
        client.setblocking(False)
        del seen["after finish"]  # these files hold nothing that has to be given back
        return seen, error, client.recv(100)


def _extend(base, arguments, **members):
    seen = {}

    class Handler(base):
        def setup(self):
            seen["before setup"] = hasattr(self, "rfile"), hasattr(self, "wfile")
            super().setup()
            seen["after setup"] = self.rfile.closed, self.wfile.closed
            self.wfile.write(b"setup ")

        def handle(self):
            self.wfile.write(b"handle ")

        def finish(self):
            self.wfile.write(b"finish")
            super().finish()
            seen["after finish"] = self.rfile.closed, self.wfile.closed

    for name, value in members.items():
        setattr(Handler, name, value)
    return seen, name_of(raised_by(Handler, *arguments))


def finish_twice(stage, wbufsize):
    """Let a stream handler finish itself before its time; return the error, and what arrived."""
    ours, peer = socket.socketpair()
    with ours, peer:

        def handle(self):
            self.wfile.write(b"output")
            self.finish()

        members = {"handle": handle, "wbufsize": wbufsize}
        handler_class = type("Handler", (stage.candidate.StreamRequestHandler,), members)
        error = name_of(raised_by(handler_class, ours, "client", "server"))
        peer.setblocking(False)
        return error, peer.recv(100)
