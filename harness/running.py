"""A server in a host: what a test may do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.clients import Address, DatagramClient, StreamClient
from harness.history.history import History
from harness.host import serving
from harness.hosts import Call, Host

POLL_INTERVAL = 0.01  # seconds; short, because some candidates notice a shutdown only between two polls


class RunningServer:
    """A server that was built in a host, and perhaps serves.

    address: where it listens, as the kernel says.  loop: the call of serve_forever(), if it was started.
    """

    def __init__(self, host: Host, number: int) -> None:
        self.host = host
        self._number = number
        self.locate()
        self.family: int = host.call(serving.family, number)
        self.loop: Call | None = None

    def locate(self) -> None:
        """Look where it listens: again, when it was bound only after it had been built."""
        self.address: Address = self.host.call(serving.address, self._number)

    def serve(self, poll_interval: float | None = POLL_INTERVAL) -> Call:
        """Start serve_forever() in a thread and return the call."""
        self.loop = self.start("serve_forever", poll_interval)
        return self.loop

    # -- drive -----------------------------------------------------------------------------------------------------

    def connect(self) -> StreamClient:
        """Return a new client that has connected, or tried to."""
        return StreamClient(self.host, self.address, self.family)

    def datagrams(self) -> DatagramClient:
        """Return a new client for datagrams."""
        return DatagramClient(self.host, self.address, self.family)

    def knock(self, data: bytes = b"x") -> StreamClient | DatagramClient:
        """Make one request, whatever the transport, and return its client: connect, or send the datagram *data*."""
        if self.host.call(serving.is_stream, self._number):
            return self.connect()
        client = self.datagrams()
        client.send(data)
        return client

    def ask(self, data: bytes, piece: int | None = None) -> bytes:
        """Connect, send *data*, return all that comes back until the end, and close."""
        with self.connect() as client:
            client.send(data, piece)
            return client.read_all()

    def call(self, method: str, *arguments: object) -> Any:
        """Run server.METHOD(*arguments) in the host and return its value; Raised if it raises."""
        return self.start(method, *arguments).wait()

    def start(self, method: str, *arguments: object, thread: bool = True) -> Call:
        """Start server.METHOD(*arguments) in the host and do not wait."""
        return self.host.start(serving.invoke, self._number, method, list(arguments), thread=thread, name=method)

    def set(self, attribute: str, value: object) -> None:
        """Set an attribute of the server, in its own process."""
        self.host.call(serving.write, self._number, attribute, value)

    def release(self, gate: str = "hold", count: int | None = None) -> None:
        """Let *count* waiters pass the gate, or, without a count, all now and later."""
        self.host.release(gate, count)

    # -- observe ---------------------------------------------------------------------------------------------------

    def read(self, attribute: str) -> Any:
        """Return server.ATTRIBUTE as the server's process sees it."""
        return self.host.call(serving.read, self._number, attribute)

    def history(self) -> History:
        """Return all that happened up to now, nothing missing."""
        return self.host.history()

    def wait_for(self, kind: str, count: int = 1, **details: object) -> None:
        """Wait until *count* events of *kind* with these details have happened."""
        self.host.wait_for(kind, count, **details)

    def comes(self, kind: str, count: int = 1, **details: object) -> bool:
        """Wait until they have happened (True), or nothing in the host works any more (False)."""
        return self.host.comes(kind, count, **details)

    def settle(self) -> None:
        """Wait until nothing in the host works any more: what was to come of all that was done up to now has come."""
        self.host.settle()


def build(
    host: Host,
    class_name: str,
    behaviour: Callable[..., Any] | None,
    *,
    loop: bool = True,
    address: Address = None,
    handler: str | None = None,
    probes: tuple[str, ...] = (),
    activate: bool = True,
    **attributes: object,
) -> RunningServer:
    """Build a server in *host* and, with *loop*, let it serve for ever.

    class_name: a name of the candidate, or several joined by "+" for ``class X(Left, Right)``.
    behaviour: what the handler does; called with the visit of one client.
    handler: the candidate's handler class to derive from; without it the handler owes nothing to the candidate.
    probes: methods whose calls are reported.  attributes: members of the subclass, values or functions.
    """
    number = host.call(serving.build, class_name, behaviour, address, handler, list(probes), attributes, activate)
    server = RunningServer(host, number)
    if loop:
        server.serve()
    return server
