"""A warm process from which each test's host is born, so that a host costs a fork and not a start of Python.

    pytest process ── request: one JSON line, with the host's descriptors ──▶ nursery ── fork ──▶ host
                   ◀── born: pid / died: pid, status ──────────────────────    (and exec, where the candidate
                                                                                must not be forked)

The nursery adopts (as a child subreaper, on Linux) every process that a host leaves behind, so whatever descends from
it belongs to a test.  It keeps one thread only and, where hosts are forked, holds the candidate freshly loaded.  When
the pytest process goes away, the nursery ends itself; its hosts see their channels close and end too.
"""

import array
import json
import os
import signal
import socket
import sys

from harness.host import hosting

PR_SET_CHILD_SUBREAPER = 36


class Nursery:
    """Serves requests for hosts on *connection* until its other end closes."""

    def __init__(self, connection, candidate):
        self._connection = connection
        self._candidate = candidate
        self._hosts = set()

    def serve(self):
        """Bring hosts into the world and report their deaths."""
        _adopt_orphans()
        signal.signal(signal.SIGCHLD, self._reap)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        self._tell({"ready": os.getpid(), "threads": _threads()})
        while True:
            request, descriptors = self._next_request()
            if request is None:
                os._exit(0)
            self._bear(request, descriptors)

    def _next_request(self):
        # Deaths are reported only while we wait here: never between a birth and its announcement.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        try:
            return receive(self._connection)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])

    def _bear(self, request, descriptors):
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
            self._connection.close()
            hosting.become_host(request, descriptors, self._candidate)
        for descriptor in descriptors:
            os.close(descriptor)
        self._hosts.add(pid)
        self._tell({"born": pid})

    def _reap(self, signum, frame):
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

    def _tell(self, message):
        try:
            self._connection.sendall(json.dumps(message).encode("ascii") + b"\n")
        except OSError:
            os._exit(0)  # the pytest process is gone


def receive(connection):
    """Return the next request and the descriptors that came with it; (None, []) at the end."""
    line, descriptors = b"", []
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


def _adopt_orphans():
    if not sys.platform.startswith("linux"):
        return
    import ctypes  # here, because only the nursery needs it

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _threads():
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        import threading

        return threading.active_count()


def main(descriptor, candidate):
    """Run a nursery on the socket *descriptor*; its hosts get the loaded *candidate*."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptor)
    connection.set_inheritable(False)
    Nursery(connection, candidate).serve()
