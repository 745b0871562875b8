"""The interface of socketserver for Linux, Python 3.10 and newer: what can be a descriptor is one.

* The loop polls the server, an eventfd that wakes it, and a pidfd of each child: it learns in the same wait that a
  request has come, that it shall stop, and that a child has ended.
* Children are collected through their pidfds, so that no number can be mistaken for another process.
* Each request has a new thread; who is at work stands in a set that a condition guards.
"""

import contextlib
import io
import os
import select
import socket
import sys
import threading
import time
import traceback

HAS_UNIX, HAS_FORK = hasattr(socket, "AF_UNIX"), hasattr(os, "fork")
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
if HAS_UNIX:
    __all__ += ["UnixStreamServer", "UnixDatagramServer", "ThreadingUnixStreamServer", "ThreadingUnixDatagramServer"]
if HAS_FORK:
    __all__ += ["ForkingMixIn", "ForkingTCPServer", "ForkingUDPServer"]
if HAS_FORK and HAS_UNIX and sys.version_info >= (3, 12):
    __all__ += ["ForkingUnixStreamServer", "ForkingUnixDatagramServer"]


def _wait(descriptors, seconds):
    """Return which of the descriptors can be read, at the latest after so many seconds (None: for ever)."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    if seconds is not None:
        seconds = max(0, min(seconds, 1_000_000)) * 1000
    return {descriptor for descriptor, _ in poll.poll(seconds)}


def _flush():
    """Write out what was printed, so that it is written once, whoever forks or ends."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()


class _Turn:
    """A serve_forever() that is running."""

    def __init__(self):
        self.bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.thread, self.process = threading.get_ident(), os.getpid()
        self.stopped = False
        self.over = threading.Event()

    def stop(self):
        self.stopped = True
        os.eventfd_write(self.bell, 1)


class BaseServer:
    timeout = None

    def __init__(self, server_address, RequestHandlerClass):
        self.server_address = server_address
        self.RequestHandlerClass = RequestHandlerClass
        self._turns = []
        self._lock = threading.RLock()
        self._stop_early = self._was_served = False

    def fileno(self):
        raise NotImplementedError("fileno() is for derived classes")

    def get_request(self):
        raise NotImplementedError("get_request() is for derived classes")

    def server_bind(self):
        raise NotImplementedError("server_bind() is for derived classes")

    def server_activate(self):
        """Nothing to do."""

    def server_close(self):
        """Nothing to do."""

    def serve_forever(self, poll_interval=0.5):
        turn = _Turn()
        with self._lock:
            turn.stopped, self._stop_early, self._was_served = self._stop_early, False, True
            self._turns.append(turn)
        try:
            while not turn.stopped:
                listening = self.fileno()
                if listening < 0:
                    raise ValueError("the server is closed")
                ready = _wait([listening, turn.bell, *self._also_watched()], poll_interval)
                if turn.stopped:
                    break
                if listening in ready:
                    self._serve_one()
                self.service_actions()
        finally:
            with self._lock:
                self._turns.remove(turn)
                os.close(turn.bell)
            turn.over.set()

    def _also_watched(self):
        return ()

    def shutdown(self):
        with self._lock:
            turns = [turn for turn in self._turns if turn.process == os.getpid()]
            for turn in turns:
                turn.stop()
            self._stop_early = not self._was_served
        for turn in turns:
            if turn.thread != threading.get_ident():
                turn.over.wait()

    def service_actions(self):
        """For derived classes."""

    def handle_request(self):
        limits = [self.timeout, getattr(getattr(self, "socket", None), "gettimeout", lambda: None)()]
        limits = [limit for limit in limits if limit is not None]
        deadline = time.monotonic() + min(limits) if limits else None
        while True:
            ready = _wait([self.fileno()], None if deadline is None else deadline - time.monotonic())
            if ready and self._serve_one():
                return
            if deadline is not None and time.monotonic() >= deadline:
                self.handle_timeout()
                return

    def _serve_one(self):
        try:
            request, client_address = self.get_request()
        except BlockingIOError:
            return False
        except OSError:
            return True
        failed = True
        try:
            if self.verify_request(request, client_address):
                self.process_request(request, client_address)
                failed = False
        except Exception:
            self.handle_error(request, client_address)
        finally:
            if failed:
                self.shutdown_request(request)
        return True

    def handle_timeout(self):
        """For derived classes."""

    def verify_request(self, request, client_address):
        return True

    def process_request(self, request, client_address):
        self.finish_request(request, client_address)
        self.shutdown_request(request)

    def finish_request(self, request, client_address):
        self.RequestHandlerClass(request, client_address, self)

    def shutdown_request(self, request):
        self.close_request(request)

    def close_request(self, request):
        """For derived classes."""

    def handle_error(self, request, client_address):
        if sys.stderr is not None:
            sys.stderr.write(traceback.format_exc())
            sys.stderr.flush()  # it is not always buffered by lines, and children end without writing it out

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server_close()


class TCPServer(BaseServer):
    address_family = socket.AF_INET
    socket_type = socket.SOCK_STREAM
    request_queue_size = 5 if sys.version_info < (3, 15) else socket.SOMAXCONN
    allow_reuse_address = False
    allow_reuse_port = False

    def __init__(self, server_address, RequestHandlerClass, bind_and_activate=True):
        BaseServer.__init__(self, server_address, RequestHandlerClass)
        self.socket = socket.socket(self.address_family, self.socket_type)
        if bind_and_activate:
            try:
                self.server_bind()
                self.server_activate()
            except BaseException:
                self.server_close()
                raise

    def fileno(self):
        return self.socket.fileno()

    def server_bind(self):
        if self.allow_reuse_address and hasattr(socket, "SO_REUSEADDR"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        inet = self.address_family in (socket.AF_INET, socket.AF_INET6)
        if self.allow_reuse_port and inet and hasattr(socket, "SO_REUSEPORT"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def server_activate(self):
        self.socket.listen(self.request_queue_size)

    def server_close(self):
        self.socket.close()

    def get_request(self):
        if not _wait([self.socket.fileno()], 0):  # somebody else was quicker
            raise BlockingIOError
        return self.socket.accept()

    def shutdown_request(self, request):
        try:
            with contextlib.suppress(OSError):  # the client was quicker
                request.shutdown(socket.SHUT_WR)
        finally:
            self.close_request(request)

    def close_request(self, request):
        request.close()


class UDPServer(TCPServer):
    socket_type = socket.SOCK_DGRAM
    max_packet_size = 65536

    def server_activate(self):
        """Datagram sockets do not listen."""

    def get_request(self):
        data, sender = self.socket.recvfrom(self.max_packet_size, socket.MSG_DONTWAIT)
        return (data, self.socket), sender

    def shutdown_request(self, request):
        self.close_request(request)

    def close_request(self, request):
        """The socket is the server's own."""


if HAS_UNIX:

    class UnixStreamServer(TCPServer):
        address_family = socket.AF_UNIX

    class UnixDatagramServer(UDPServer):
        address_family = socket.AF_UNIX


if HAS_FORK:

    class ForkingMixIn:
        timeout = 300
        max_children = 40
        block_on_close = True
        _children = None  # pidfd -> pid

        def _also_watched(self):
            return tuple(self._children or ())

        def collect_children(self, seconds=0):
            """Wait until a child has ended, at most so many seconds, and bury all that have."""
            for pidfd in _wait(self._children or (), seconds):
                with contextlib.suppress(ChildProcessError):  # somebody else has taken its status
                    os.waitid(os.P_PIDFD, pidfd, os.WEXITED)
                if (self._children or {}).pop(pidfd, None) is not None:
                    os.close(pidfd)

        def service_actions(self):
            super().service_actions()
            self.collect_children()

        def handle_timeout(self):
            self.collect_children()

        def process_request(self, request, client_address):
            self._children = self._children or {}
            self.collect_children()
            while len(self._children) >= max(1, self.max_children):
                self.collect_children(None)
            _flush()
            pid = os.fork()
            if pid == 0:
                self._be_child(request, client_address)
            self._watch(pid)
            self.close_request(request)

        def _watch(self, pid):
            try:
                self._children[os.pidfd_open(pid)] = pid
            except ProcessLookupError:
                pass  # it has ended, and somebody else has taken its status
            except OSError:  # no descriptor is left to watch it with
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)

        def _be_child(self, request, client_address):
            status = 1
            try:
                for pidfd in self._children:
                    os.close(pidfd)
                self._children = {}
                self.finish_request(request, client_address)
                status = 0
            except Exception:
                self.handle_error(request, client_address)
            except SystemExit as leaving:
                status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
            finally:
                try:
                    self.shutdown_request(request)
                    _flush()
                finally:
                    os._exit(status)

        def server_close(self):
            super().server_close()
            self.collect_children()
            while self.block_on_close and self._children:
                self.collect_children(None)


class ThreadingMixIn:
    daemon_threads = False
    block_on_close = True
    _census = None  # (process, condition, the threads at work)

    def _take_census(self):
        if self._census is None or self._census[0] != os.getpid():  # a forked process has no threads of its parent
            self._census = os.getpid(), threading.Condition(), set()
        return self._census[1:]

    def process_request(self, request, client_address):
        changed, present = self._take_census()
        thread = threading.Thread(target=self._be_thread, args=(request, client_address), daemon=self.daemon_threads)
        if not thread.daemon:
            with changed:
                present.add(thread)
        try:
            thread.start()
        except BaseException:
            with changed:
                present.discard(thread)
            raise

    def _be_thread(self, request, client_address):
        try:
            self.process_request_thread(request, client_address)
        finally:
            changed, present = self._take_census()
            with changed:
                present.discard(threading.current_thread())
                changed.notify_all()

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    def server_close(self):
        super().server_close()
        if self.block_on_close:
            changed, present = self._take_census()
            with changed:
                changed.wait_for(lambda: not present - {threading.current_thread()})


class ThreadingTCPServer(ThreadingMixIn, TCPServer):
    pass


class ThreadingUDPServer(ThreadingMixIn, UDPServer):
    pass


if HAS_UNIX:

    class ThreadingUnixStreamServer(ThreadingMixIn, UnixStreamServer):
        pass

    class ThreadingUnixDatagramServer(ThreadingMixIn, UnixDatagramServer):
        pass


if HAS_FORK:

    class ForkingTCPServer(ForkingMixIn, TCPServer):
        pass

    class ForkingUDPServer(ForkingMixIn, UDPServer):
        pass


if HAS_FORK and HAS_UNIX and sys.version_info >= (3, 12):

    class ForkingUnixStreamServer(ForkingMixIn, UnixStreamServer):
        pass

    class ForkingUnixDatagramServer(ForkingMixIn, UnixDatagramServer):
        pass


class BaseRequestHandler:
    def __init__(self, request, client_address, server):
        self.request, self.client_address, self.server = request, client_address, server
        self.setup()
        try:
            self.handle()
        finally:
            self.finish()

    def setup(self):
        """For derived classes."""

    def handle(self):
        """For derived classes."""

    def finish(self):
        """For derived classes."""


class _AtOnce(io.BufferedWriter):
    """Sends with each write() all that it is given."""

    def write(self, data):
        count = super().write(data)
        self.flush()
        return count


class StreamRequestHandler(BaseRequestHandler):
    rbufsize = -1
    wbufsize = 0
    timeout = None
    disable_nagle_algorithm = False

    def setup(self):
        self.connection = self.request
        if self.timeout is not None:
            self.connection.settimeout(self.timeout)
        if self.disable_nagle_algorithm:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.rfile = self.connection.makefile("rb", self.rbufsize)
        self.wfile = self.connection.makefile("wb", self.wbufsize)
        if not self.wbufsize:
            self.wfile = _AtOnce(self.wfile)

    def finish(self):
        try:
            self.wfile.close()
        except OSError:
            pass
        finally:
            self.rfile.close()


class DatagramRequestHandler(BaseRequestHandler):
    def setup(self):
        self.packet, self.socket = self.request
        self.rfile, self.wfile = io.BytesIO(self.packet), io.BytesIO()

    def finish(self):
        self.socket.sendto(self.wfile.getvalue(), self.client_address)
