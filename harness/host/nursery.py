"""A warm process from which each test's host is born, so that a host costs a fork and not a start of Python.

    pytest process ── request: one JSON line, with the host's descriptors ──▶ nursery ── fork ──▶ host
                   ◀── born: pid / died: pid, status ──────────────────────    (and exec, where the candidate
                                                                                must not be forked)

The nursery adopts (as a child subreaper, on Linux) every process that a host leaves behind, so whatever descends from
it belongs to a test.  It keeps one thread only and, where hosts are forked, holds the candidate freshly loaded.  When
the pytest process goes away, the nursery ends itself; its hosts see their channels close and end too.
"""

import array
import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import Any, List, NoReturn, Set

from harness.host import hosting

PR_SET_CHILD_SUBREAPER = 36


class Nursery:
    """Serves requests for hosts on *connection* until its other end closes."""

    def __init__(self, connection: socket.socket, candidate: "Any") -> None:
        self._connection = connection
        self._candidate = candidate
        self._hosts: Set[int] = set()
        self._deaths = (-1, -1)

    def serve(self) -> "NoReturn":
        """Bring hosts into the world and report their deaths."""
        _adopt_orphans()
        # A death becomes a byte in a pipe, so that one select() waits for deaths and requests without a race.
        self._deaths = os.pipe()
        for descriptor in self._deaths:
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._deaths[1])
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)
        # What a candidate left behind while it was loaded must not decide when its hosts collect garbage.
        gc.collect()
        self._tell({"ready": os.getpid()})
        news: List[Any] = [self._deaths[0], self._connection]
        while True:
            ready, _, _ = select.select(news, [], [])
            if self._deaths[0] in ready:
                os.read(self._deaths[0], 4096)
                self._reap()
            if self._connection in ready:
                request, descriptors = receive(self._connection)
                if request is None:
                    self._end()
                self._bear(request, descriptors)

    def _bear(self, request: "dict[str, Any]", descriptors: "list[int]") -> None:
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for descriptor in self._deaths:
                os.close(descriptor)
            self._connection.close()
            hosting.become_host(request, descriptors, self._candidate)
        for descriptor in descriptors:
            os.close(descriptor)
        self._hosts.add(pid)
        self._tell({"born": pid})

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self._hosts:
                self._hosts.discard(pid)
                self._tell({"died": pid, "status": status})

    def _tell(self, message: "dict[str, int]") -> None:
        try:
            self._connection.sendall(json.dumps(message).encode("ascii") + b"\n")
        except OSError:
            self._end()

    def _end(self) -> "NoReturn":
        """End with the pytest process; hosts that hang would not see their channels close."""
        for pid in list(self._hosts):
            for kill in (os.killpg, os.kill):
                with suppress(OSError):  # it has ended, or does not lead a group yet
                    kill(pid, signal.SIGKILL)
        os._exit(0)


def receive(connection: socket.socket) -> "tuple[dict[str, Any] | None, list[int]]":
    """Return the next request and the descriptors that came with it; (None, []) at the end."""
    line = b""
    descriptors: List[int] = []
    while not line.endswith(b"\n"):
        chunk, ancillary, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(64 * 4))
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                numbers = array.array("i")
                numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
                descriptors.extend(numbers)
        if not chunk:
            return None, []
        line += chunk
    return json.loads(line.decode("ascii")), descriptors


def _adopt_orphans() -> None:
    if not sys.platform.startswith("linux"):
        return
    import ctypes  # here, because only the nursery needs it

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main(descriptor: int, candidate: "Any") -> None:
    """Run a nursery on the socket *descriptor*; its hosts get the loaded *candidate*."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptor)
    connection.set_inheritable(False)
    Nursery(connection, candidate).serve()
