"""What a handler is in this suite: a function that is called with the visit of one client.

By default the handler class is our own, not one of the candidate's: the documentation asks only that the server calls
it with (request, client_address, server), and a candidate whose request handlers are broken is still judged fairly
on everything else.
"""

import os
import signal
from typing import Any, Callable, List

from harness.host.recorder import excerpt
from harness.host.stage import Stage


def client_name(address: "Any") -> str:
    """Return the text by which both sides know a client: its port, or the last part of its path."""
    if isinstance(address, tuple):
        return str(address[1])
    if isinstance(address, bytes):
        return address.lstrip(b"\0").decode("latin-1")
    return os.path.basename(address) if address else "unnamed"


class Visit:
    """One client at one handler: what arrives, what is answered, what is reported.

    request, client_address and server are what the server called the handler class with.
    """

    stage: Stage
    behaviour: Callable[[Any], object]
    request: Any
    client_address: Any
    server: Any

    @property
    def client(self) -> str:
        """The client's name in the history."""
        return client_name(self.client_address)

    @property
    def data(self) -> bytes:
        """The datagram, when the request is one."""
        datagram: bytes = self.request[0]
        return datagram

    def read_line(self) -> bytes:
        """Return the bytes up to and including the next newline, or up to the client's end."""
        line = b""
        while not line.endswith(b"\n"):
            byte = self.request.recv(1)
            if not byte:
                break
            line += byte
        return line

    def read_all(self) -> bytes:
        """Return everything until the client ends its side."""
        chunks: List[bytes] = []
        while True:
            chunk = self.request.recv(65536)
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)

    def send(self, data: bytes) -> None:
        """Send *data* to the client, whole."""
        if isinstance(self.request, tuple):
            self.request[1].sendto(data, self.client_address)
        else:
            self.request.sendall(data)

    def record(self, kind: str, **details: object) -> None:
        """Report an event of this client."""
        self.stage.record(kind, client=self.client, **details)

    def wait(self, gate: str) -> bool:
        """Wait at a gate of the test."""
        return self.stage.wait(gate)

    def wait_for_a_signal(self) -> None:
        """Wait until a signal comes, also one that is there before the wait has begun; for the main thread.

        Its handler runs before this returns.
        """
        woken, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        try:
            self.record("signal.wait")
            os.read(woken, 1)
        finally:
            signal.set_wakeup_fd(-1)
            os.close(woken)
            os.close(waker)

    def run(self) -> None:
        """Run the behaviour between two events; what it raises is reported and raised."""
        self.record("handler.enter", **self._arrived())
        try:
            self.behaviour(self)
        except BaseException as error:
            self.record("handler.raise", error=type(error).__name__)
            raise
        self.record("handler.exit")

    def _arrived(self) -> "dict[str, object]":
        if not isinstance(self.request, tuple):
            return {}
        return {"data": excerpt(self.data), "size": len(self.data)}


class PlainHandler(Visit):
    """A handler class that owes nothing to the candidate."""

    def __init__(self, request: "Any", client_address: "Any", server: "Any") -> None:
        self.request = request
        self.client_address = client_address
        self.server = server
        self.run()

    def setup(self) -> None:
        """Leave nothing to do to a server that calls this itself, as all is done when the handler has been made."""

    handle = finish = setup


def do_nothing(visit: Visit) -> None:
    """Let the visit end when it has begun."""


def handler_class(stage: Stage, behaviour: "Callable[[Any], object]", base: "str | None" = None) -> type:
    """Return a handler class that runs *behaviour*: ours, or derived from the candidate's class named *base*."""
    members = {"stage": stage, "behaviour": staticmethod(behaviour)}
    if base is None:
        return type("PlainHandler", (PlainHandler,), members)
    members["handle"] = Visit.run
    return type("Handler", (Visit, getattr(stage.candidate, base)), members)
