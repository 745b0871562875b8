"""A candidate whose servers misbehave when they are told to: each method of Worst is one way.

It is the standard library's module otherwise.
"""

import ctypes
import os
import signal
import sys
import threading
from socketserver import *  # noqa: F403
from socketserver import TCPServer, ThreadingTCPServer

CHILDREN = 50


class Impatient(ThreadingTCPServer):
    """Ends the process in the middle of a request."""

    def finish_request(self, request, client_address):
        """Be a handler that calls os._exit()."""
        os._exit(9)


class Worst(TCPServer):
    """Offers every way in which a server can go wrong."""

    def exits(self):
        """End the process from a thread, without a word."""
        os._exit(7)

    def raises(self):
        """End the call with an exception."""
        return 1 / 0

    def segfaults(self):
        """Read where nothing is."""
        ctypes.string_at(0)

    def forks_a_child_that_returns(self):
        """Let a child come back into the caller."""
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)

    def forks_a_child_that_stays(self):
        """Leave a child that ignores SIGTERM and has left the process group."""
        if os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            threading.Event().wait()

    def forks_in_a_loop(self):
        """Leave many children that never end."""
        for _ in range(CHILDREN):
            if os.fork() == 0:
                threading.Event().wait()

    def shutdown(self):
        """Wait for oneself."""
        lock = threading.Lock()
        with lock:
            lock.acquire()

    def floods(self):
        """Write a million lines."""
        for _ in range(1000):
            os.write(2, b"noise\n" * 1000)

    def closes_all_descriptors(self):
        """Close what one has not opened."""
        os.closerange(0, 1024)

    def starts_many_threads(self):
        """Start 2,000 threads that never end."""
        threading.stack_size(65536)
        for _ in range(2000):
            threading.Thread(target=threading.Event().wait, daemon=True).start()

    def kills_its_parent(self):
        """Kill the nursery that hosts come from, and itself."""
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    def forges_events(self):
        """Write into every pipe that is open for writing."""
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b"forged\n")
            except OSError:
                continue

    def behaves(self):
        """Do nothing wrong."""
        sys.stderr.write("all is well\n")
