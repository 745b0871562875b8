"""The interface of socketserver with a bounded pool of threads that are used again.

* The loop waits in the best selector that there is, with a pipe of its own to be woken by.
* A request becomes a job of the server's pool.  Its threads take one job after another, and end when there is none
  for a while; at most ``max_threads`` of them exist, and further jobs wait for one.
* Children are numbers in a set, asked one by one with waitpid(); a full server looks again after a pause.
"""

import collections
import contextlib
import io
import os
import selectors
import socket
import sys
import threading
import time
import traceback

__all__ = [
    "BaseServer",
    "TCPServer",
    "UDPServer",
    "ThreadingUDPServer",
    "ThreadingTCPServer",
    "BaseRequestHandler",
    "StreamRequestHandler",
    "DatagramRequestHandler",
    "ThreadingMixIn",
]
if hasattr(os, "fork"):
    __all__ += ["ForkingMixIn", "ForkingTCPServer", "ForkingUDPServer"]
if hasattr(socket, "AF_UNIX"):
    __all__ += ["UnixStreamServer", "UnixDatagramServer", "ThreadingUnixStreamServer", "ThreadingUnixDatagramServer"]
if hasattr(os, "fork") and hasattr(socket, "AF_UNIX") and sys.version_info >= (3, 12):
    __all__ += ["ForkingUnixStreamServer", "ForkingUnixDatagramServer"]


class _Loop:
    """One call of serve_forever(): the pipe that wakes it, and whether it shall stop."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.writer, False)
        self.stop, self.pid, self.thread = False, os.getpid(), threading.get_ident()

    def close(self):
        os.close(self.reader)
        os.close(self.writer)


class BaseServer:
    timeout = None

    def __init__(self, server_address, RequestHandlerClass):
        self.server_address = server_address
        self.RequestHandlerClass = RequestHandlerClass
        self._state = threading.Condition()
        self._loops = []
        self._stop_first = None  # becomes true if shutdown() comes before the first loop, false with that loop

    # -- the loop
    def serve_forever(self, poll_interval=0.5):
        loop = _Loop()
        with self._state:
            self._loops.append(loop)
            loop.stop, self._stop_first = bool(self._stop_first), False
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self, selectors.EVENT_READ, "request")
                selector.register(loop.reader, selectors.EVENT_READ, "wake")
                while not loop.stop:
                    ready = [key.data for key, _ in selector.select(poll_interval)]
                    if loop.stop:
                        break
                    if "request" in ready:
                        self._take_one()
                    self.service_actions()
        finally:
            with self._state:
                self._loops.remove(loop)
                self._state.notify_all()
            loop.close()

    def shutdown(self):
        """Stop the loops that run in this process, and wait for those of other threads."""
        here = threading.get_ident()
        with self._state:
            if self._stop_first is None:
                self._stop_first = True
            loops = [loop for loop in self._loops if loop.pid == os.getpid()]
            for loop in loops:
                loop.stop = True
                os.write(loop.writer, b"!")
            while any(loop in self._loops for loop in loops if loop.thread != here):
                self._state.wait()

    def fileno(self):
        raise NotImplementedError("fileno")

    def get_request(self):
        raise NotImplementedError("get_request")

    def server_bind(self):
        raise NotImplementedError("server_bind")

    def server_activate(self):
        pass

    def service_actions(self):
        pass

    def handle_request(self):
        limits = [getattr(self, "socket", None) and self.socket.gettimeout(), self.timeout]
        limits = [limit for limit in limits if limit is not None]
        end = time.monotonic() + min(limits) if limits else None
        with selectors.PollSelector() as selector:  # needs no descriptor
            selector.register(self, selectors.EVENT_READ)
            while True:
                if selector.select(None if end is None else max(0, end - time.monotonic())):
                    if self._take_one():
                        return None
                elif end is not None and time.monotonic() >= end:
                    return self.handle_timeout()

    def _take_one(self):
        """Take a request and process it; tell whether there was something other than a stolen one."""
        try:
            request, client_address = self.get_request()
        except BlockingIOError:
            return False
        except OSError:
            return True
        try:
            if self.verify_request(request, client_address):
                self.process_request(request, client_address)
            else:
                self.shutdown_request(request)
        except Exception:
            self.handle_error(request, client_address)
            self.shutdown_request(request)
        except BaseException:
            self.shutdown_request(request)
            raise
        return True

    # -- hooks
    def handle_timeout(self):
        pass

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
        pass

    def server_close(self):
        pass

    def handle_error(self, request, client_address):
        rule = "-" * 40
        heading = "Exception while handling a request of %s" % (client_address,)
        if sys.stderr is not None:
            sys.stderr.write("\n".join([rule, heading, traceback.format_exc() + rule, ""]))
            sys.stderr.flush()  # it is not always buffered by lines, and children end without writing it out

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.server_close()


class TCPServer(BaseServer):
    address_family = socket.AF_INET
    socket_type = socket.SOCK_STREAM
    request_queue_size = 5 if sys.version_info < (3, 15) else socket.SOMAXCONN
    allow_reuse_address = False
    allow_reuse_port = False

    def __init__(self, server_address, RequestHandlerClass, bind_and_activate=True):
        super().__init__(server_address, RequestHandlerClass)
        self.socket = socket.socket(self.address_family, self.socket_type)
        if bind_and_activate:
            try:
                self.server_bind()
                self.server_activate()
            except BaseException:
                self.server_close()
                raise

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

    def fileno(self):
        return self.socket.fileno()

    def get_request(self):
        with selectors.PollSelector() as selector:  # another process may have taken it
            selector.register(self.socket, selectors.EVENT_READ)
            if not selector.select(0):
                raise BlockingIOError
        return self.socket.accept()

    def shutdown_request(self, request):
        with contextlib.suppress(OSError):  # the client was quicker
            request.shutdown(socket.SHUT_WR)
        self.close_request(request)

    def close_request(self, request):
        request.close()


class UDPServer(TCPServer):
    socket_type = socket.SOCK_DGRAM
    max_packet_size = 8192

    def get_request(self):
        data, client_address = self.socket.recvfrom(self.max_packet_size, getattr(socket, "MSG_DONTWAIT", 0))
        return (data, self.socket), client_address

    def server_activate(self):
        pass

    def shutdown_request(self, request):
        self.close_request(request)

    def close_request(self, request):
        pass


class _Pool:
    """Threads that take jobs from a queue; one that finds none for a while ends."""

    def __init__(self, limit, daemon, patience=0.3):
        self.limit, self.daemon, self.patience = limit, daemon, patience
        self.changed = threading.Condition()
        self.jobs = collections.deque()
        self.threads = set()
        self.idle = 0
        self.closed = False

    def submit(self, function, *args):
        with self.changed:
            self.jobs.append((function, args))
            if self.idle >= len(self.jobs):
                self.changed.notify()
                return
            if len(self.threads) < self.limit:
                thread = threading.Thread(target=self._work, daemon=self.daemon)
                self.threads.add(thread)
                try:
                    thread.start()
                except BaseException:
                    self.threads.discard(thread)
                    if not self.threads:
                        self.jobs.pop()
                        raise

    def _work(self):
        try:
            while True:
                with self.changed:
                    if not self.jobs and not self.closed:
                        self.idle += 1
                        self.changed.wait(self.patience)
                        self.idle -= 1
                    if not self.jobs:
                        self.threads.discard(threading.current_thread())
                        return
                    function, args = self.jobs.popleft()
                function(*args)
                del function, args
        except BaseException:
            with self.changed:
                self.threads.discard(threading.current_thread())
            raise

    def close(self, wait):
        with self.changed:
            self.closed = True
            self.changed.notify_all()
            threads = list(self.threads)
        if wait:
            for thread in threads:
                if thread is not threading.current_thread():
                    thread.join()


class ThreadingMixIn:
    daemon_threads = False
    block_on_close = True
    max_threads = 100
    _pools = None

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    def process_request(self, request, client_address):
        if self._pools is None:
            self._pools = {}
        daemon = bool(self.daemon_threads)
        pool = self._pools.get(daemon)
        if pool is None or pool.closed:
            pool = self._pools[daemon] = _Pool(self.max_threads, daemon)
        pool.submit(self.process_request_thread, request, client_address)

    def server_close(self):
        super().server_close()
        for daemon, pool in (self._pools or {}).items():
            pool.close(wait=self.block_on_close and not daemon)


if hasattr(os, "fork"):

    class ForkingMixIn:
        timeout = 300
        max_children = 40
        block_on_close = True
        active_children = None

        def collect_children(self, *, blocking=False):
            for pid in list(self.active_children or ()):
                try:
                    ended, _ = os.waitpid(pid, 0 if blocking else os.WNOHANG)
                except ChildProcessError:
                    ended = pid
                if ended:
                    self.active_children.discard(pid)

        def handle_timeout(self):
            self.collect_children()

        def service_actions(self):
            self.collect_children()

        def process_request(self, request, client_address):
            if self.active_children is None:
                self.active_children = set()
            self.collect_children()
            pause = 0.001
            while len(self.active_children) >= max(1, self.max_children):
                time.sleep(pause)
                pause = min(0.02, pause * 2)
                self.collect_children()
            pid = os.fork()
            if pid:
                self.active_children.add(pid)
                self.close_request(request)
                return
            status = 1
            try:
                self.finish_request(request, client_address)
                status = 0
            except Exception:
                self.handle_error(request, client_address)
            finally:
                try:
                    self.shutdown_request(request)
                finally:
                    os._exit(status)

        def server_close(self):
            super().server_close()
            self.collect_children(blocking=self.block_on_close)


class BaseRequestHandler:
    def __init__(self, request, client_address, server):
        self.request, self.client_address, self.server = request, client_address, server
        self.setup()
        try:
            self.handle()
        finally:
            self.finish()

    def setup(self):
        pass

    def handle(self):
        pass

    def finish(self):
        pass


class _Writer(io.BufferedIOBase):
    def __init__(self, connection):
        self._connection = connection

    def writable(self):
        return True

    def fileno(self):
        return self._connection.fileno()

    def write(self, data):
        if self.closed:
            raise ValueError("write to closed file")
        self._connection.sendall(data)
        with memoryview(data) as view:
            return view.nbytes


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
        self.wfile = self.connection.makefile("wb", self.wbufsize) if self.wbufsize else _Writer(self.connection)

    def finish(self):
        try:
            if not self.wfile.closed:
                self.wfile.flush()
        except OSError:
            pass
        self.wfile.close()
        self.rfile.close()


class DatagramRequestHandler(BaseRequestHandler):
    def setup(self):
        self.packet, self.socket = self.request
        self.rfile, self.wfile = io.BytesIO(self.packet), io.BytesIO()

    def finish(self):
        self.socket.sendto(self.wfile.getvalue(), self.client_address)


class ThreadingTCPServer(ThreadingMixIn, TCPServer):
    pass


class ThreadingUDPServer(ThreadingMixIn, UDPServer):
    pass


if hasattr(os, "fork"):

    class ForkingTCPServer(ForkingMixIn, TCPServer):
        pass

    class ForkingUDPServer(ForkingMixIn, UDPServer):
        pass


if hasattr(socket, "AF_UNIX"):

    class UnixStreamServer(TCPServer):
        address_family = socket.AF_UNIX

    class UnixDatagramServer(UDPServer):
        address_family = socket.AF_UNIX

    class ThreadingUnixStreamServer(ThreadingMixIn, UnixStreamServer):
        pass

    class ThreadingUnixDatagramServer(ThreadingMixIn, UnixDatagramServer):
        pass


if hasattr(os, "fork") and hasattr(socket, "AF_UNIX") and sys.version_info >= (3, 12):

    class ForkingUnixStreamServer(ForkingMixIn, UnixStreamServer):
        pass

    class ForkingUnixDatagramServer(ForkingMixIn, UnixDatagramServer):
        pass
