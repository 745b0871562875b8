"""Clients that write what befalls them into the history, for tests that read as a dialogue.

Only three things end a test from here: its deadline, a host that died, and one in which everything sleeps.  A refused
connection, a reset or an early end is an event and a value.
"""

from __future__ import annotations

import errno
import itertools
import select
import socket
import struct
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

from harness.host.recorder import excerpt
from harness.host.visits import client_name
from harness.hosts import RESTING, TURN, Host
from harness.outcomes import Stalled

Address = Any  # what socket.connect() takes: a tuple or a path
_NUMBERS = itertools.count(1)
REFUSALS = {errno.ECONNREFUSED, errno.ENOENT}


class _Client:
    """A socket that takes part in the test of one host."""

    kind: socket.SocketKind

    def __init__(self, host: Host, address: Address, family: int) -> None:
        self._host = host
        self._address = address
        self.socket = socket.socket(family, self.kind)
        host.at_end(self.close)
        self.socket.settimeout(TURN)
        self._bind(family)
        self.name = "unconnected"
        self.connected = self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _bind(self, family: int) -> None:
        if family == socket.AF_UNIX:
            self.socket.bind(str(self._host.folder / f"client-{next(_NUMBERS)}"))

    def _connect(self) -> bool:
        def connect() -> bool:
            self.socket.connect(self._address)
            return True

        if not self._attempt("connect", connect):
            return False
        self.name = client_name(self.socket.getsockname())
        self._record("client.connect")
        return True

    def _attempt(self, what: str, action: Any) -> Any:
        """Return action(), tried again after each timeout; None when the other side prevents it, which is an event."""
        watch = self._host.watch()
        while True:
            try:
                return action()
            except (TimeoutError, BlockingIOError):
                self._host.check(f"client {self.name}: {what}")
                watch.look(f"client {self.name}: {what}")
            except OSError as error:
                self._befall(what, error)
                return None

    def _befall(self, what: str, error: OSError) -> None:
        if error.errno in REFUSALS:
            self._record("client.refused")
        elif isinstance(error, (ConnectionResetError, BrokenPipeError)):
            self._record("client.reset", during=what)
        else:
            self._record("client.fail", during=what, error=str(error))

    def _record(self, kind: str, **details: object) -> None:
        self._host.record(kind, client=self.name, **details)

    def hears(self) -> bool:
        """Wait until something can be received, be it an end or a refusal (True), or nothing works any more (False)."""
        watch = self._host.watch(*RESTING)
        while not select.select([self.socket], [], [], TURN)[0]:
            self._host.check(f"an answer to client {self.name}")
            try:
                watch.look(f"an answer to client {self.name}")
            except Stalled:
                return False
        return True

    def close(self) -> None:
        """Close the socket; harmless when it is closed already."""
        self.socket.close()


class StreamClient(_Client):
    """A connection to a stream server."""

    kind = socket.SOCK_STREAM

    def send(self, data: bytes, piece: int | None = None) -> None:
        """Send *data*, at once or in pieces of *piece* bytes."""
        self._record("client.send", data=excerpt(data), size=len(data))
        for start in range(0, len(data), piece or max(1, len(data))):
            self._send_whole(data[start : start + (piece or len(data))])

    def _send_whole(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            sent = self._attempt("send", lambda rest=rest: self.socket.send(rest))
            if sent is None:
                return
            rest = rest[sent:]

    def receive(self, most: int = 65536) -> bytes | None:
        """Return what comes next, b"" at the end of the stream, None when there is nothing more to be had."""
        data: bytes | None = self._attempt("receive", lambda: self.socket.recv(most))
        if data:
            self._record("client.receive", data=excerpt(data), size=len(data))
        elif data is not None:
            self._record("client.end")
        return data

    def read_line(self) -> bytes:
        """Return the next line, or what came of it before the end."""
        line = b""
        while not line.endswith(b"\n"):
            byte = self._attempt("read_line", lambda: self.socket.recv(1))
            if not byte:
                break
            line += byte
        self._record("client.receive", data=excerpt(line), size=len(line))
        return line

    def read_all(self) -> bytes:
        """Return everything up to the end of the stream."""
        chunks = []
        while chunk := self.receive():
            chunks.append(chunk)
        return b"".join(chunks)

    def try_reading_all(self) -> bytes | None:
        """Return everything up to the end of the connection; None when nothing works any more before that comes."""
        chunks: list[bytes] = []
        while self.hears():
            chunk = self.receive()
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)
        return None

    def half_close(self) -> None:
        """Say that nothing more will be sent, and go on listening."""
        self._record("client.half_close")
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Break the connection off: the server sees a reset, not an end."""
        self._record("client.break")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class DatagramClient(_Client):
    """A socket that sends datagrams to one server and takes those that come from it."""

    kind = socket.SOCK_DGRAM

    def send(self, data: bytes) -> bool:
        """Send one datagram; return whether it could be sent."""
        self._record("client.send", data=excerpt(data), size=len(data))
        return self._attempt("send", lambda: self.socket.send(data)) is not None

    def pass_on(self, data: bytes) -> bool:
        """Send one datagram that another client has sent already; return whether it could be sent."""
        return self._attempt("send", lambda: self.socket.send(data)) is not None

    def receive(self) -> bytes | None:
        """Return the next datagram, or None when the server's end is gone."""
        data: bytes | None = self._attempt("receive", lambda: self.socket.recv(65536))
        if data is not None:
            self._record("client.receive", data=excerpt(data), size=len(data))
        return data

    def ask(self, data: bytes) -> bytes | None:
        """Send one datagram and return the next that comes, or None when the server's end is gone."""
        return self.receive() if self.send(data) else None

    def try_asking(self, data: bytes) -> bytes | None:
        """Send one datagram and return the next that comes; None when nobody takes it, or none will come."""
        return self.receive() if self.send(data) and self.hears() else None


class AbstractClient(DatagramClient):
    """A Unix client whose name is none of a file: it begins with a zero byte."""

    def _bind(self, family: int) -> None:  # noqa: ARG002 - there is only one that has such names
        self.socket.bind(f"\0{self._host.folder.name}-{next(_NUMBERS)}")


class Postbox(_Client):
    """A socket that sends datagrams to one server and takes them from anybody, and tells from whom they came."""

    kind = socket.SOCK_DGRAM

    def _connect(self) -> bool:
        if self.socket.family != socket.AF_UNIX:
            self.socket.bind(("::1" if self.socket.family == socket.AF_INET6 else "127.0.0.1", 0))
        self.name = client_name(self.socket.getsockname())
        return True

    def send(self, data: bytes) -> None:
        """Send one datagram to the server."""
        self._record("client.send", data=excerpt(data), size=len(data))
        self._attempt("send", lambda: self.socket.sendto(data, self._address))

    def pass_on(self, data: bytes, address: Address) -> bool:
        """Send one datagram, which another one has sent, to *address*; return whether it could be sent."""
        return self._attempt("send", lambda: self.socket.sendto(data, address)) is not None

    def receive(self) -> tuple[bytes, Address] | None:
        """Return the next datagram and where it came from, or None when there is nothing more to be had."""
        found: tuple[bytes, Address] | None = self._attempt("receive", lambda: self.socket.recvfrom(65536))
        if found is not None:
            self._record("client.receive", data=excerpt(found[0]), size=len(found[0]))
        return found


def receive_among(clients: Sequence[DatagramClient], count: int) -> dict[str, list[bytes]]:
    """Return the next *count* datagrams that come to any of *clients*, by the name of the client."""
    host = clients[0]._host  # noqa: SLF001 - they all take part in the same test
    found: dict[str, list[bytes]] = defaultdict(list)
    watch = host.watch()
    while sum(map(len, found.values())) < count:
        ready = select.select([client.socket for client in clients], [], [], TURN)[0]
        for client in clients:
            if client.socket in ready and (data := client.receive()) is not None:
                found[client.name].append(data)
        if not ready:
            host.deadline.check(f"{count} datagrams for {len(clients)} clients")
            watch.look(f"{count} datagrams for {len(clients)} clients")
    return dict(found)
