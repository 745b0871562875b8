"""The standard library's `socketserver`, derived from, with what its author missed in it.

* serve_forever() has a loop of its own.  It waits for the server and for a pipe, which is never read: what shutdown()
  has once written into it ends the loop immediately, and for good.
* `max_threads` limits how many requests are handled in threads simultaneously, by a semaphore.  A server that has as
  many leaves further requests in the queue of its socket.
* There are no books about threads: those of a server are found among all threads of the process, by a mark.
* Children stand in the standard library's own set, but each is asked for by its number, so that children of others
  are left to them.
* A request that another process has taken in the meantime is waited for no longer than any other.

All that is not mentioned is inherited.
"""

import errno
import io
import os
import select
import selectors
import socket
import socketserver
import sys
import threading
import time

__all__ = [
    "BaseServer",
    "TCPServer",
    "UDPServer",
    "ThreadingMixIn",
    "ThreadingTCPServer",
    "ThreadingUDPServer",
    "BaseRequestHandler",
    "StreamRequestHandler",
    "DatagramRequestHandler",
]
if hasattr(socket, "AF_UNIX"):
    __all__ += ["UnixStreamServer", "UnixDatagramServer", "ThreadingUnixStreamServer", "ThreadingUnixDatagramServer"]
if hasattr(os, "fork"):
    __all__ += ["ForkingMixIn", "ForkingTCPServer", "ForkingUDPServer"]
if hasattr(os, "fork") and hasattr(socket, "AF_UNIX"):
    __all__ += ["ForkingUnixStreamServer", "ForkingUnixDatagramServer"]

FULL_PAUSE = 0.01
"""Seconds until a server that had no room looks again."""

LONGEST_WAIT = 2147483
"""Seconds; poll() counts milliseconds in 31 bits."""


class _Loop:
    """One run of serve_forever(), with the pipe that ends it."""

    def __init__(self):
        self.thread = threading.get_ident()
        self.process = os.getpid()
        self.over = threading.Event()
        self.told_to_stop = False
        self._reader, self._writer = os.pipe()

    def stop(self):
        if not self.told_to_stop:
            self.told_to_stop = True
            os.write(self._writer, b"stop")

    def wait(self, file, seconds):
        """Wait until *file* (None: nothing) is ready, or the loop is told to stop; tell whether the file is."""
        ready = _ready([self._reader] if file is None else [self._reader, file], seconds)
        return file in ready and not self.told_to_stop

    def close(self):
        os.close(self._reader)
        os.close(self._writer)
        self.over.set()


def _ready(files, seconds):
    selector = selectors.PollSelector() if hasattr(select, "poll") else selectors.SelectSelector()
    with selector:
        for file in files:
            selector.register(file, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(seconds if seconds is None else min(seconds, LONGEST_WAIT))]


class BaseServer(socketserver.BaseServer):
    """Has the loop."""

    def _loops(self):
        # The constructor is not relied upon: that of the standard library's TCPServer passes this class over.
        return vars(self).setdefault("_running_loops", (threading.RLock(), []))

    def serve_forever(self, poll_interval=0.5):
        lock, loops = self._loops()
        loop = _Loop()
        with lock:
            if vars(self).pop("_was_stopped_early", False):
                loop.stop()
            self._has_served = True
            loops.append(loop)
        try:
            while not loop.told_to_stop:
                ready = self._wait_in(loop, poll_interval)
                if loop.told_to_stop or self._is_closed():
                    break
                if ready and isinstance(self._handle_request_noblock(), OSError):
                    loop.wait(None, FULL_PAUSE)
                self.service_actions()
        finally:
            with lock:
                loops.remove(loop)
                loop.close()

    def _wait_in(self, loop, seconds):
        if self._has_room():
            return loop.wait(self, seconds)
        loop.wait(None, FULL_PAUSE if seconds is None else min(seconds, FULL_PAUSE))
        return False

    def _has_room(self):
        return True

    def _is_closed(self):
        try:
            return self.fileno() < 0
        except ValueError:
            return True  # so say closed files

    def shutdown(self):
        lock, loops = self._loops()
        with lock:
            stopping = [loop for loop in loops if loop.process == os.getpid()]
            for loop in stopping:
                loop.stop()
            if not vars(self).get("_has_served"):
                self._was_stopped_early = True
        for loop in stopping:
            if loop.thread != threading.get_ident():
                loop.over.wait()

    def handle_request(self):
        limits = [self.timeout]
        if hasattr(self, "socket"):
            limits.append(self.socket.gettimeout())
        limit = min((seconds for seconds in limits if seconds is not None), default=None)
        end = None if limit is None else time.monotonic() + limit
        while True:
            left = None if end is None else max(end - time.monotonic(), 0)
            if not self._has_room():
                time.sleep(FULL_PAUSE if left is None else min(left, FULL_PAUSE))
            elif _ready([self], left) and not isinstance(self._handle_request_noblock(), BlockingIOError):
                return None
            if end is not None and time.monotonic() >= end:
                return self.handle_timeout()

    def _handle_request_noblock(self):
        """As inherited, but for errors in verify_request(); return the error if there was no request."""
        try:
            request, client_address = self.get_request()
        except OSError as error:
            return error
        done = False
        try:
            if self.verify_request(request, client_address):
                self.process_request(request, client_address)
                done = True
        except Exception:
            self.handle_error(request, client_address)
        finally:
            if not done:
                self.shutdown_request(request)
        return None

    def handle_error(self, request, client_address):
        super().handle_error(request, client_address)
        if sys.stderr is not None:
            sys.stderr.flush()  # a child of an older Python would keep the report in its buffer


class TCPServer(BaseServer, socketserver.TCPServer):
    """As inherited, but that get_request() never waits."""

    allow_reuse_port = False

    def server_bind(self):
        is_inet = self.address_family in (socket.AF_INET, getattr(socket, "AF_INET6", None))
        if self.allow_reuse_port and is_inet and hasattr(socket, "SO_REUSEPORT"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if self.allow_reuse_address and hasattr(socket, "SO_REUSEADDR"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def get_request(self):
        if not _ready([self.socket], 0):
            raise BlockingIOError(errno.EAGAIN, "somebody else has taken the connection")
        return self.socket.accept()


class UDPServer(TCPServer, socketserver.UDPServer):
    """As inherited, but that get_request() never waits."""

    def get_request(self):
        data, client_address = self.socket.recvfrom(self.max_packet_size, getattr(socket, "MSG_DONTWAIT", 0))
        return (data, self.socket), client_address


class ThreadingMixIn(socketserver.ThreadingMixIn):
    """As inherited, but with a limit."""

    block_on_close = True
    max_threads = 128

    def _places(self):
        return vars(self).setdefault("_places_for_threads", threading.BoundedSemaphore(max(self.max_threads, 1)))

    def _has_room(self):
        places = self._places()
        if places.acquire(blocking=False):
            places.release()
            return True
        return False

    def process_request(self, request, client_address):
        places = self._places()
        thread = threading.Thread(target=self._be_thread, args=(places, request, client_address))
        thread.daemon = self.daemon_threads
        thread.server_it_works_for = self
        places.acquire()
        try:
            thread.start()
        except BaseException:
            places.release()
            raise

    def _be_thread(self, places, request, client_address):
        try:
            self.process_request_thread(request, client_address)
        finally:
            places.release()

    def server_close(self):
        super().server_close()
        for thread in threading.enumerate():
            mine = getattr(thread, "server_it_works_for", None) is self
            if mine and not thread.daemon and thread is not threading.current_thread() and self.block_on_close:
                _join(thread)


def _join(thread):
    """Wait for a thread, be it that it is only being started."""
    while thread in threading.enumerate():
        if thread.is_alive():
            thread.join()
        else:
            time.sleep(0.001)


if hasattr(os, "fork"):

    class ForkingMixIn(socketserver.ForkingMixIn):
        """As inherited, but that it collects no children of others, and never waits for them in the loop."""

        block_on_close = True

        def collect_children(self, *, blocking=False):
            for pid in sorted(self.active_children or ()):
                try:
                    ended = os.waitid(os.P_PID, pid, os.WEXITED | (0 if blocking else os.WNOHANG))
                except ChildProcessError:
                    ended = True  # somebody else has collected it
                if ended:
                    self.active_children.discard(pid)

        def _has_room(self):
            if len(self.active_children or ()) >= max(self.max_children, 1):
                self.collect_children()
            return len(self.active_children or ()) < max(self.max_children, 1)

        def process_request(self, request, client_address):
            while not self._has_room():
                time.sleep(FULL_PAUSE)
            super().process_request(request, client_address)

        def server_close(self):
            super().server_close()
            self.collect_children(blocking=self.block_on_close)


class ThreadingTCPServer(ThreadingMixIn, TCPServer):
    """Connections in threads."""


class ThreadingUDPServer(ThreadingMixIn, UDPServer):
    """Datagrams in threads."""


if hasattr(os, "fork"):

    class ForkingTCPServer(ForkingMixIn, TCPServer):
        """Connections in children."""

    class ForkingUDPServer(ForkingMixIn, UDPServer):
        """Datagrams in children."""


if hasattr(socket, "AF_UNIX"):

    class UnixStreamServer(TCPServer, socketserver.UnixStreamServer):
        """As inherited."""

        address_family = socket.AF_UNIX

    class UnixDatagramServer(UDPServer, socketserver.UnixDatagramServer):
        """As inherited."""

        address_family = socket.AF_UNIX

    class ThreadingUnixStreamServer(ThreadingMixIn, UnixStreamServer):
        """Connections through a file, in threads."""

    class ThreadingUnixDatagramServer(ThreadingMixIn, UnixDatagramServer):
        """Datagrams through a file, in threads."""


if hasattr(os, "fork") and hasattr(socket, "AF_UNIX"):

    class ForkingUnixStreamServer(ForkingMixIn, UnixStreamServer):
        """Connections through a file, in children."""

    class ForkingUnixDatagramServer(ForkingMixIn, UnixDatagramServer):
        """Datagrams through a file, in children."""


class BaseRequestHandler(socketserver.BaseRequestHandler):
    """As inherited."""


class _Writer(io.BufferedIOBase):
    """Sends what is written, until it is closed."""

    def __init__(self, connection):
        super().__init__()
        self._connection = connection

    def writable(self):
        return True

    def fileno(self):
        return self._connection.fileno()

    def write(self, data):
        if self.closed:
            raise ValueError("the file has been closed")
        self._connection.sendall(data)
        with memoryview(data) as view:
            return view.nbytes


class StreamRequestHandler(BaseRequestHandler, socketserver.StreamRequestHandler):
    """As inherited, but that wfile knows whether it is closed."""

    def setup(self):
        super().setup()
        if self.wbufsize == 0:
            self.wfile = _Writer(self.connection)


class DatagramRequestHandler(BaseRequestHandler, socketserver.DatagramRequestHandler):
    """As inherited."""
