"""The interface of `socketserver` with one lock, which guards everything that any server of the process notes down.

Whoever looks into the books of a server, or writes into them, holds `_LOCK`: also while a thread is started and while
a child is forked, so that no book ever shows what is only half done.  Other forks of the process wait for it, too,
and the child finds it free.

* The loop sleeps in short slices, and looks between two whether it shall stop.  It needs no descriptor and nothing
  that wakes it.
* Threads are numbered, and stand in the books until they have ended.
* Whether any child has ended is asked first, without collecting it; only then the server's own are looked through, in
  the order in which they were forked.
"""

import collections
import contextlib
import io
import itertools
import os
import select
import socket
import sys
import threading
import time
import traceback

__all__ = ["BaseServer", "TCPServer", "UDPServer"]
__all__ += ["ThreadingMixIn", "ThreadingTCPServer", "ThreadingUDPServer"]
__all__ += ["BaseRequestHandler", "StreamRequestHandler", "DatagramRequestHandler"]
if hasattr(socket, "AF_UNIX"):
    __all__ += ["UnixStreamServer", "UnixDatagramServer", "ThreadingUnixStreamServer", "ThreadingUnixDatagramServer"]
if hasattr(os, "fork"):
    __all__ += ["ForkingMixIn", "ForkingTCPServer", "ForkingUDPServer"]
if hasattr(os, "fork") and hasattr(socket, "AF_UNIX"):
    __all__ += ["ForkingUnixStreamServer", "ForkingUnixDatagramServer"]

SLICE = 0.02
"""Seconds that a loop sleeps at most before it looks again whether it shall stop."""

INET = [getattr(socket, name) for name in ("AF_INET", "AF_INET6") if hasattr(socket, name)]

# Reentrant, because a signal handler may call shutdown() while its thread holds it.
_LOCK = threading.Condition(threading.RLock())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)


class _Loop:
    """A serve_forever() that runs."""

    def __init__(self):
        self.thread = threading.get_ident()
        self.shall_stop = False


class _Books:
    """What a server has to remember, in one process."""

    def __init__(self):
        self.process = os.getpid()
        self.loops = []
        self.has_served = False
        self.stop_first_loop = False
        self.numbers = itertools.count(1)
        self.threads = {}
        self.children = collections.OrderedDict()


def _books(server):
    """Return the books of a server; the lock is held.  A forked child begins with empty ones."""
    books = vars(server).get("_books")
    if books is None or books.process != os.getpid():
        books = vars(server)["_books"] = _Books()
    return books


def _can_be_read(file, seconds):
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(file, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    return bool(select.select([file], [], [], seconds)[0])


class BaseServer:
    """Waits, verifies, processes, stops; derived classes know where requests come from."""

    timeout = None

    def __init__(self, server_address, RequestHandlerClass):
        self.server_address = server_address
        self.RequestHandlerClass = RequestHandlerClass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.server_close()

    # -- for derived classes to define

    def fileno(self):
        raise NotImplementedError("a server has to define fileno()")

    def get_request(self):
        raise NotImplementedError("a server has to define get_request()")

    def server_bind(self):
        raise NotImplementedError("a server has to define server_bind()")

    def server_activate(self):
        """Nothing to activate."""

    def server_close(self):
        """Nothing to close."""

    # -- loops

    def serve_forever(self, poll_interval=0.5):
        loop = _Loop()
        with _LOCK:
            books = _books(self)
            loop.shall_stop, books.stop_first_loop, books.has_served = books.stop_first_loop, False, True
            books.loops.append(loop)
        try:
            if self.fileno() < 0:
                raise ValueError("the server has been closed")
            while not loop.shall_stop and self.fileno() >= 0:
                ready = self._wait(poll_interval, loop)
                if loop.shall_stop:
                    break
                if ready and isinstance(self._take_request(), OSError):
                    time.sleep(SLICE)
                self.service_actions()
        finally:
            with _LOCK:
                books.loops.remove(loop)
                _LOCK.notify_all()

    def _wait(self, seconds, loop=None):
        """Tell, at the latest after *seconds* or when the loop shall stop, whether a request can be taken in."""
        end = None if seconds is None else time.monotonic() + seconds
        while loop is None or not loop.shall_stop:
            left = SLICE if end is None else min(max(end - time.monotonic(), 0), SLICE)
            if not self._has_room():
                time.sleep(left)
            elif loop is not None and self.fileno() < 0:
                return False
            elif _can_be_read(self.fileno(), left):
                return True
            if end is not None and time.monotonic() >= end:
                return False
        return False

    def _has_room(self):
        return True

    def shutdown(self):
        here = threading.get_ident()
        with _LOCK:
            books = _books(self)
            books.stop_first_loop = not books.has_served
            stopping = list(books.loops)
            for loop in stopping:
                loop.shall_stop = True
            while any(loop in books.loops for loop in stopping if loop.thread != here):
                _LOCK.wait()

    def service_actions(self):
        """Nothing to do regularly."""

    # -- requests

    def handle_request(self):
        limits = [self.timeout]
        if hasattr(self, "socket"):
            limits.append(self.socket.gettimeout())
        limit = min((seconds for seconds in limits if seconds is not None), default=None)
        end = None if limit is None else time.monotonic() + limit
        while self._wait(None if end is None else end - time.monotonic()):
            if not isinstance(self._take_request(), BlockingIOError):
                return
        self.handle_timeout()

    def _take_request(self):
        """Take a request in and process it; return the error if there is none after all."""
        try:
            request, client_address = self.get_request()
        except OSError as error:
            return error
        try:
            if self.verify_request(request, client_address):
                self.process_request(request, client_address)
            else:
                self.shutdown_request(request)
        except Exception:
            try:
                self.handle_error(request, client_address)
            finally:
                self.shutdown_request(request)
        except BaseException:
            self.shutdown_request(request)
            raise
        return None

    def handle_timeout(self):
        """Nothing to do when nobody comes."""

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
        """Nothing to close."""

    def handle_error(self, request, client_address):
        report = "A request of {} has failed.\n{}".format(client_address, traceback.format_exc())
        try:
            if sys.stderr is not None:
                sys.stderr.write(report)
                sys.stderr.flush()
        except (OSError, ValueError):
            pass  # nobody reads it


class TCPServer(BaseServer):
    """Serves connections."""

    address_family = socket.AF_INET
    socket_type = socket.SOCK_STREAM
    request_queue_size = socket.SOMAXCONN if sys.version_info >= (3, 15) else 5
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

    def server_bind(self):
        if self.allow_reuse_address and hasattr(socket, "SO_REUSEADDR"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self.allow_reuse_port and hasattr(socket, "SO_REUSEPORT") and self.address_family in INET:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def server_activate(self):
        # Should another process take the connection that this one has seen, accept() shall fail instead of waiting.
        # The timeout of the socket object, which is the program's, stays what it is.
        os.set_blocking(self.socket.fileno(), False)
        self.socket.listen(self.request_queue_size)

    def server_close(self):
        self.socket.close()

    def fileno(self):
        return self.socket.fileno()

    def get_request(self):
        return self.socket.accept()

    def shutdown_request(self, request):
        try:
            request.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the client has gone
        finally:
            self.close_request(request)

    def close_request(self, request):
        request.close()


class UDPServer(TCPServer):
    """Serves datagrams."""

    socket_type = socket.SOCK_DGRAM
    max_packet_size = 8192

    def server_activate(self):
        """Nothing to listen for."""

    def get_request(self):
        data, client_address = self.socket.recvfrom(self.max_packet_size, getattr(socket, "MSG_DONTWAIT", 0))
        return (data, self.socket), client_address

    def shutdown_request(self, request):
        self.close_request(request)

    def close_request(self, request):
        """The socket is the server's."""


class ThreadingMixIn:
    """Handles each request in a new thread."""

    daemon_threads = False
    block_on_close = True

    def process_request(self, request, client_address):
        with _LOCK:
            books = _books(self)
            _forget_ended_threads(books)
            thread = threading.Thread(target=self._thread_body, args=(books, request, client_address))
            thread.daemon = self.daemon_threads
            thread.start()
            if not thread.daemon:
                books.threads[next(books.numbers)] = thread

    def _thread_body(self, books, request, client_address):
        try:
            self.process_request_thread(request, client_address)
        finally:
            with _LOCK:
                _forget_ended_threads(books)

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    def server_close(self):
        super().server_close()
        with _LOCK:
            threads = [thread for _, thread in sorted(_books(self).threads.items())]
        for thread in threads:
            if self.block_on_close and thread is not threading.current_thread():
                thread.join()
        with _LOCK:
            _forget_ended_threads(_books(self))


def _forget_ended_threads(books):
    for number, thread in list(books.threads.items()):
        if not thread.is_alive():
            del books.threads[number]


if hasattr(os, "fork"):

    class ForkingMixIn:
        """Handles each request in a new child process."""

        timeout = 300
        max_children = 40
        block_on_close = True

        def process_request(self, request, client_address):
            with _LOCK:
                while not self._has_room():
                    _LOCK.wait(SLICE)
                _flush_output()
                pid = os.fork()
                if pid:
                    _books(self).children[pid] = client_address
            if pid:
                self.close_request(request)
            else:
                self._be_child(request, client_address)

        def _be_child(self, request, client_address):
            status = 1
            try:
                self.finish_request(request, client_address)
                status = 0
            except SystemExit as leaving:
                status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
            except Exception:
                self.handle_error(request, client_address)
            finally:
                try:
                    self.shutdown_request(request)
                finally:
                    _flush_output()
                    os._exit(status & 0xFF)

        def _has_room(self):
            with _LOCK:
                children = _books(self).children
                if len(children) >= max(self.max_children, 1):
                    _bury_ended_children(children)
                return len(children) < max(self.max_children, 1)

        def service_actions(self):
            super().service_actions()
            with _LOCK:
                _bury_ended_children(_books(self).children)

        def handle_timeout(self):
            with _LOCK:
                _bury_ended_children(_books(self).children)

        def handle_request(self):
            with _LOCK:
                _bury_ended_children(_books(self).children)
            super().handle_request()

        def server_close(self):
            super().server_close()
            with _LOCK:
                children = _books(self).children
                _bury_ended_children(children)
                while self.block_on_close and children:
                    _LOCK.wait(SLICE)
                    _bury_ended_children(children)


def _bury_ended_children(children):
    """Collect those of *children* that have ended; the lock is held."""
    if children and _some_child_has_ended():
        for pid in list(children):
            if _has_ended(pid):
                del children[pid]


def _some_child_has_ended():
    """Tell whether any child of the process, be it a server's or not, has ended; it is not collected by this."""
    if not hasattr(os, "waitid"):
        return True
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True  # all have been collected by somebody else


def _has_ended(pid):
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True  # somebody else has collected it


def _flush_output():
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with contextlib.suppress(OSError, ValueError):  # nobody reads it
            stream.flush()


class ThreadingTCPServer(ThreadingMixIn, TCPServer):
    """Connections, in threads."""


class ThreadingUDPServer(ThreadingMixIn, UDPServer):
    """Datagrams, in threads."""


if hasattr(os, "fork"):

    class ForkingTCPServer(ForkingMixIn, TCPServer):
        """Connections, in children."""

    class ForkingUDPServer(ForkingMixIn, UDPServer):
        """Datagrams, in children."""


if hasattr(socket, "AF_UNIX"):

    class UnixStreamServer(TCPServer):
        """Serves connections through a file."""

        address_family = socket.AF_UNIX

    class UnixDatagramServer(UDPServer):
        """Serves datagrams through a file."""

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


class BaseRequestHandler:
    """Sets up, handles, finishes."""

    def __init__(self, request, client_address, server):
        self.request = request
        self.client_address = client_address
        self.server = server
        self.setup()
        try:
            self.handle()
        finally:
            self.finish()

    def setup(self):
        """Nothing to set up."""

    def handle(self):
        """Nothing to handle."""

    def finish(self):
        """Nothing to finish."""


class _Mouthpiece(io.BufferedIOBase):
    """Sends what is written to it."""

    def __init__(self, connection):
        super().__init__()
        self.connection = connection

    def writable(self):
        return True

    def fileno(self):
        return self.connection.fileno()

    def write(self, data):
        if self.closed:
            raise ValueError("write() to a closed file")
        with memoryview(data) as view:
            self.connection.sendall(view)
            return view.nbytes


class StreamRequestHandler(BaseRequestHandler):
    """Reads a connection as one file, and writes it as another."""

    rbufsize = -1
    wbufsize = 0
    timeout = None
    disable_nagle_algorithm = False

    def setup(self):
        self.connection = self.request
        if self.timeout is not None:
            self.connection.settimeout(self.timeout)
        if self.disable_nagle_algorithm and self.connection.family in INET:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.rfile = self.connection.makefile("rb", self.rbufsize)
        self.wfile = self.connection.makefile("wb", self.wbufsize) if self.wbufsize else _Mouthpiece(self.connection)

    def finish(self):
        try:
            self.wfile.close()
        except OSError:
            pass  # the client has gone, and does not miss the rest
        finally:
            self.rfile.close()


class DatagramRequestHandler(BaseRequestHandler):
    """Reads a datagram as a file, and writes the reply to another."""

    def setup(self):
        self.packet, self.socket = self.request
        self.rfile = io.BytesIO(self.packet)
        self.wfile = io.BytesIO()

    def finish(self):
        reply = self.wfile.getvalue()
        if self.client_address:  # a Unix client may have no name to reply to
            self.socket.sendto(reply, self.client_address)
