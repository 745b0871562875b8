"""Servers that are no ordinary users of their descriptor: watching another one, connecting out, being dropped."""

import contextlib
import gc
import os
import socket
import threading
import warnings

from conformance.sockets.behaviours.arranging import (
    LOOPBACK,
    closed_after,
    free_address,
    ignore,
    waiting_client,
)

TURN, MANY_TURNS = 0.005, 200  # seconds; turns of the loop


def serve_from_a_pipe(stage, names, way):
    """Let fileno() name a pipe; return for each class what was got before and after something was in the pipe."""
    return {name: _serve_from_a_pipe(stage, server_class, way) for name, server_class in stage.classes(names)}


def _serve_from_a_pipe(stage, server_class, way):
    got = []
    with _pipe() as (reader, writer):
        server_class = type("FromPipe", (server_class,), _members_for(stage, reader, got))
        with closed_after(server_class(free_address(stage, server_class), ignore)) as server, waiting_client(server):
            server.handle_request()
            before = list(got)
            os.write(writer, b"!")
            server.handle_request() if way == "handle_request" else server.serve_forever(TURN)
    return {"before": before, "after": got}


@contextlib.contextmanager
def _pipe():
    ends = os.pipe()
    os.set_blocking(ends[0], False)
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def _members_for(stage, reader, got):
    def get_request(self):
        got.append("nothing")
        got[-1] = os.read(reader, 1)
        return socket.socketpair()[0], "the pipe"

    def service_actions(self):
        self.turns += 1
        if got or self.turns > MANY_TURNS:
            self.stop()

    return {
        "timeout": 0,
        "turns": 0,
        "fileno": lambda self: reader,
        "get_request": get_request,
        "service_actions": service_actions,
        "stop": _stop_once(stage),
    }


def _stop_once(stage):
    """Return a method that ends the loop which calls it, and does nothing when called again."""
    begun = []

    def stop(self):
        if not begun:
            begun.append(stage.start(self.shutdown))

    return stop


def serve_as_a_client(stage, names):
    """Let a server of each class connect to someone and serve the connection; return what each side was told."""
    return {name: _serve_as_a_client(stage, server_class) for name, server_class in stage.classes(names)}


def _serve_as_a_client(stage, server_class):
    heard = []

    def handler(request, client_address, server):
        heard.append(request.recv(100))
        request.sendall(b"answer")

    members = {
        "server_bind": lambda self: None,
        "server_activate": lambda self: self.socket.connect(self.server_address),
        "get_request": lambda self: (self.socket, self.server_address),
    }
    with socket.socket(server_class.address_family, socket.SOCK_STREAM) as someone:
        someone.bind(free_address(stage, server_class))
        someone.listen(1)
        server = type("Reverse", (server_class,), members)(someone.getsockname(), handler)
        with closed_after(server), someone.accept()[0] as connection:
            connection.sendall(b"question")
            server.handle_request()
            heard.append(connection.recv(100))
    return heard


def hear_someone_out(stage, name):
    """Let a server call someone who says one word; return what its handler hears until the second word."""
    [(_, server_class)] = stage.classes([name])
    heard = []

    def handler(request, client_address, server):
        while len(heard) < 2:
            heard.append(request.recv(100))

    ours, stage.someone = socket.socketpair()
    stage.someone.sendall(b"first")
    members = {"get_request": lambda self: (ours, "someone"), "handle_error": lambda self, *arguments: None}
    server = type("Reverse", (server_class,), members)(free_address(stage, server_class), handler, False)
    server.socket.close()
    server.socket = ours
    with closed_after(server):
        server.handle_request()
    return heard


def say_the_rest(stage):
    """Say the second word."""
    stage.someone.sendall(b"second")


class _PassingOn:
    """No socket, and yet all that one is: what it is asked for, it asks a socket for."""

    def __init__(self, listening):
        self._listening = listening

    def __getattr__(self, name):
        return getattr(self._listening, name)


class _Bare:
    """A listening socket of which one sees the least that a server needs."""

    def __init__(self, listening):
        for name in ("fileno", "accept", "gettimeout", "settimeout", "setblocking", "close"):
            setattr(self, name, getattr(listening, name))


STAND_INS = {"passing on": _PassingOn, "bare": _Bare}


def wrap_listener(stage, kind):
    """Let something of this *kind* stand in for the server's socket."""
    [server] = stage.servers
    server.socket = STAND_INS[kind](server.socket)


def answer(visit):
    """Answer."""
    visit.request.sendall(b"answer")


def serve_and_close(stage, names):
    """Let a server of each class handle a request, serve until it is stopped, and close it; return the warnings."""
    return {name: _warnings_after(stage, server_class) for name, server_class in stage.classes(names)}


def _warnings_after(stage, server_class):
    def leave(self):
        if not stoppers:
            stoppers.append(threading.Thread(target=self.shutdown))
            stoppers[0].start()

    stoppers = []
    with _warned_of() as seen:
        server = type("Leaving", (server_class,), {"service_actions": leave})(free_address(stage, server_class), ignore)
        with closed_after(server), waiting_client(server):
            server.handle_request()
            server.serve_forever(TURN)
        for stopper in stoppers:
            stopper.join()
        del server
    return [str(each.message) for each in seen if issubclass(each.category, ResourceWarning)]


@contextlib.contextmanager
def _warned_of():
    """Give a list of the warnings until the garbage collector has been there, too."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        yield seen
        for _ in range(3):
            gc.collect()


def drop(stage, names):
    """Drop a socket, and a server of each class, without closing them; return warnings and descriptors of each."""
    left = {"a socket": _left_by(lambda: socket.socket().bind(LOOPBACK))}
    for name, server_class in stage.classes(names):
        address = free_address(stage, server_class)
        left[name] = _left_by(lambda: server_class(address, ignore).fileno())  # noqa: B023 - called at once
    return left


def _left_by(make_and_drop):
    before = len(os.listdir("/proc/self/fd"))
    with _warned_of() as seen:
        make_and_drop()
    descriptors = len(os.listdir("/proc/self/fd")) - before
    return {"warnings": [each.category.__name__ for each in seen], "descriptors": descriptors}
