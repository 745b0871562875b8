"""The interface of `socketserver` with a loop that waits in accept() itself.

* Nobody asks whether a connection can be accepted: get_request() is called, and waits for a moment, for which the
  listening socket gets a timeout.  Between two such moments the loop looks whether it shall stop.  Only what does not
  listen is watched first: a datagram server's socket, whose timeout would be that of its replies, too.
* Each request that has a thread has a latch, which opens when it is over.  The server knows the latches by weak
  references alone: they go with their threads, and nothing has to be tidied up.
* Each child holds the end of a pipe.  When that is closed, be it by a signal that kills the child, the child has ended
  or is about to, and its status is fetched.
"""

import contextlib
import errno
import io
import os
import select
import socket
import sys
import threading
import time
import traceback
import weakref

UNIX = hasattr(socket, "AF_UNIX")
FORK = hasattr(os, "fork")

__all__ = ["BaseServer", "TCPServer", "UDPServer"]
if UNIX:
    __all__ += ["UnixStreamServer", "UnixDatagramServer"]
__all__ += ["ThreadingMixIn", "ThreadingTCPServer", "ThreadingUDPServer"]
if UNIX:
    __all__ += ["ThreadingUnixStreamServer", "ThreadingUnixDatagramServer"]
if FORK:
    __all__ += ["ForkingMixIn", "ForkingTCPServer", "ForkingUDPServer"]
if FORK and UNIX:
    __all__ += ["ForkingUnixStreamServer", "ForkingUnixDatagramServer"]
__all__ += ["BaseRequestHandler", "StreamRequestHandler", "DatagramRequestHandler"]

MOMENT = 0.03
"""Seconds that get_request() waits at most."""

NOBODY = (socket.timeout, BlockingIOError)
"""What get_request() raises when nobody has come."""


class _Run:
    """A serve_forever() at work."""

    def __init__(self):
        self.process = os.getpid()
        self.thread = threading.get_ident()
        self.is_to_end = False
        self.has_ended = threading.Event()


class BaseServer:
    """Serves whatever has a descriptor."""

    timeout = None

    def __init__(self, server_address, RequestHandlerClass):
        self.server_address = server_address
        self.RequestHandlerClass = RequestHandlerClass
        self._runs = []
        self._end_first_run = None  # True if shutdown() has come before it

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.server_close()

    def fileno(self):
        raise NotImplementedError("fileno() is what a derived class has to bring")

    def get_request(self):
        raise NotImplementedError("get_request() is what a derived class has to bring")

    def server_bind(self):
        """Bind nothing."""

    def server_activate(self):
        """Activate nothing."""

    def server_close(self):
        """Close nothing."""

    # Serving

    def serve_forever(self, poll_interval=0.5):
        run = _Run()
        self._runs = [*self._runs, run]
        run.is_to_end, self._end_first_run = bool(self._end_first_run), False
        try:
            self._refuse_if_closed()
            while not run.is_to_end and self.fileno() >= 0:
                self._turn(run, poll_interval)
        finally:
            self._runs = [other for other in self._runs if other is not run]
            run.has_ended.set()

    def _turn(self, run, poll_interval):
        """Handle a request, or wait for *poll_interval* seconds; then call service_actions(), unless it is over."""
        end = None if poll_interval is None else time.monotonic() + poll_interval
        while not run.is_to_end and self.fileno() >= 0:
            error = self._try_to_serve(_moment_until(end))
            if error is None:
                break
            if not isinstance(error, NOBODY):
                time.sleep(MOMENT)  # what has failed now would fail again
                break
            if end is not None and time.monotonic() >= end:
                break
        if not run.is_to_end:
            self.service_actions()

    def shutdown(self):
        runs = [run for run in self._runs if run.process == os.getpid()]
        if self._end_first_run is None:
            self._end_first_run = True
        for run in runs:
            run.is_to_end = True
        for run in runs:
            if run.thread != threading.get_ident():
                run.has_ended.wait()

    def service_actions(self):
        """Act on nothing."""

    def handle_request(self):
        self._refuse_if_closed()
        end = None if self.timeout is None else time.monotonic() + self.timeout
        while isinstance(self._try_to_serve(_moment_until(end)), NOBODY):
            if end is not None and time.monotonic() >= end:
                self.handle_timeout()
                return

    def _refuse_if_closed(self):
        if self.fileno() < 0:
            raise ValueError("the server has been closed")

    def _try_to_serve(self, seconds):
        """Serve a request that comes within *seconds*; return the error with which get_request() has failed."""
        if not self._has_room():
            time.sleep(seconds)
            return socket.timeout("there is no room for a request")
        try:
            request, client_address = self._next_request(seconds)
        except OSError as error:
            return error
        try:
            accepted = self.verify_request(request, client_address)
            if accepted:
                self.process_request(request, client_address)
        except Exception:
            accepted = False
            self.handle_error(request, client_address)
        except BaseException:
            accepted = False
            raise
        finally:
            if not accepted:
                self.shutdown_request(request)
        return None

    def _has_room(self):
        return True

    def _next_request(self, seconds):
        """Call get_request() when it will not wait, for nothing else is known of where the requests come from."""
        if not _readable([self.fileno()], seconds):
            raise socket.timeout("nothing has come")
        return self.get_request()

    def handle_timeout(self):
        """Miss nobody."""

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
        """Close nothing."""

    def handle_error(self, request, client_address):
        traceback.print_exc()


def _moment_until(end):
    """Return how many seconds to wait at most, if all shall be over at *end*."""
    return MOMENT if end is None else max(min(end - time.monotonic(), MOMENT), 0)


def _readable(descriptors, seconds):
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return {descriptor for descriptor, _ in poll.poll(seconds * 1000)}


class TCPServer(BaseServer):
    """Serves connections."""

    address_family = socket.AF_INET
    socket_type = socket.SOCK_STREAM
    request_queue_size = 5 if sys.version_info < (3, 15) else socket.SOMAXCONN
    allow_reuse_address = False
    allow_reuse_port = False

    def __init__(self, server_address, RequestHandlerClass, bind_and_activate=True):
        BaseServer.__init__(self, server_address, RequestHandlerClass)
        self.socket = socket.socket(self.address_family, self.socket_type)
        if not bind_and_activate:
            return
        try:
            self.server_bind()
            self.server_activate()
        except BaseException:
            self.server_close()
            raise

    def fileno(self):
        return self.socket.fileno()

    def server_bind(self):
        is_inet = self.address_family in (socket.AF_INET, getattr(socket, "AF_INET6", None))
        for wanted, option in ((self.allow_reuse_address, "SO_REUSEADDR"), (self.allow_reuse_port, "SO_REUSEPORT")):
            if wanted and hasattr(socket, option) and (is_inet or option == "SO_REUSEADDR"):
                self.socket.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def server_activate(self):
        self.socket.listen(self.request_queue_size)

    def server_close(self):
        self.socket.close()

    def _next_request(self, seconds):
        if not self._listens():
            return super()._next_request(seconds)
        self.socket.settimeout(max(seconds, 0.001))
        return self.get_request()

    def _listens(self):
        """Tell whether the server waits for connections, be it that a program has replaced its socket or fileno()."""
        if not hasattr(self.socket, "settimeout") or self.fileno() != self.socket.fileno():
            return False
        return bool(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))

    def get_request(self):
        return self.socket.accept()

    def shutdown_request(self, request):
        try:
            request.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # there is nobody to tell
        finally:
            self.close_request(request)

    def close_request(self, request):
        request.close()


class UDPServer(TCPServer):
    """Serves datagrams."""

    socket_type = socket.SOCK_DGRAM
    max_packet_size = 8192

    def server_activate(self):
        """Activate nothing: who is bound receives."""

    def _listens(self):
        return False

    def get_request(self):
        data, client_address = self.socket.recvfrom(self.max_packet_size, socket.MSG_DONTWAIT)
        return (data, self.socket), client_address

    def shutdown_request(self, request):
        self.close_request(request)

    def close_request(self, request):
        """Close nothing: the socket is the server's."""


if UNIX:

    class UnixStreamServer(TCPServer):
        """Serves connections through a file."""

        address_family = socket.AF_UNIX

    class UnixDatagramServer(UDPServer):
        """Serves datagrams through a file."""

        address_family = socket.AF_UNIX


class _Latch:
    """Opens when a request that has a thread is over."""

    def __init__(self):
        self.thread = None
        self._opened = threading.Event()

    def open(self):
        self._opened.set()

    def wait(self):
        self._opened.wait()
        if self.thread is not None:
            self.thread.join()


class ThreadingMixIn:
    """Has each request handled in a new thread."""

    daemon_threads = False
    block_on_close = True

    def _latches(self):
        # Not in a constructor: a mix-in may be mixed with classes that call none.
        return vars(self).setdefault("_latches_of_threads", (threading.Lock(), weakref.WeakSet()))

    def process_request(self, request, client_address):
        latch = _Latch()
        thread = threading.Thread(target=self._latched, args=(latch, request, client_address))
        thread.daemon = bool(self.daemon_threads)
        if not thread.daemon:
            lock, latches = self._latches()
            with lock:
                latches.add(latch)
        try:
            thread.start()
        except BaseException:
            latch.open()
            raise

    def _latched(self, latch, request, client_address):
        latch.thread = threading.current_thread()
        try:
            self.process_request_thread(request, client_address)
        finally:
            latch.open()

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    def server_close(self):
        super().server_close()
        lock, latches = self._latches()
        with lock:
            closed = list(latches)
        for latch in closed:
            if self.block_on_close and latch.thread is not threading.current_thread():
                latch.wait()


if FORK:
    _ends = {}
    """The ends of pipes by which this process tells that it has ended, and the thread that is about to hand one on."""

    def _let_go_of_ends():
        """In a forked process: close the ends that are not meant for it, or they would tell of its own end."""
        for end, thread in list(_ends.items()):
            if thread != threading.get_ident():
                del _ends[end]
                os.close(end)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_let_go_of_ends)

    class ForkingMixIn:
        """Has each request handled in a new child process."""

        max_children = 40
        block_on_close = True

        def _children(self):
            """Return the process ids of this process's children, by the descriptor that tells of their end."""
            owner, children = vars(self).get("_owner_and_children", (None, {}))
            if owner != os.getpid():
                children = {}
                self._owner_and_children = os.getpid(), children
            return children

        def process_request(self, request, client_address):
            while not self._has_room():
                time.sleep(MOMENT)
            _flush()
            readers = list(self._children())
            reader, end = os.pipe()
            _ends[end] = threading.get_ident()
            try:
                pid = os.fork()
            except BaseException:
                os.close(reader)
                _close_end(end)
                raise
            if pid == 0:
                _ends[end] = None  # it is not for whom the child forks
                self._be_child([reader, *readers], request, client_address)
            _close_end(end)
            self._children()[reader] = pid
            self.close_request(request)

        def _be_child(self, readers, request, client_address):
            status = 1
            try:
                for reader in readers:
                    os.close(reader)
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
                    os._exit(status & 0xFF)

        def _has_room(self):
            limit = max(self.max_children, 1)
            if len(self._children()) >= limit:
                self._bury_children()
            return len(self._children()) < limit

        def _bury_children(self, wait=False):
            """Fetch the status of the children that have ended, or wait for all and do so."""
            children = self._children()
            for reader in list(children) if wait else _readable(children, 0):
                # Not all that close their files have ended: then it is asked again the next time.
                if reader in children and _has_ended(children[reader], wait) and children.pop(reader, None):
                    os.close(reader)

        def service_actions(self):
            super().service_actions()
            self._bury_children()

        def handle_timeout(self):
            self._bury_children()

        def handle_request(self):
            self._bury_children()
            super().handle_request()

        def server_close(self):
            super().server_close()
            self._bury_children()
            if self.block_on_close:
                self._bury_children(wait=True)


def _close_end(end):
    del _ends[end]
    os.close(end)


def _has_ended(pid, wait):
    try:
        return os.waitpid(pid, 0 if wait else os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True  # somebody else has fetched its status


def _flush():
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


class ThreadingTCPServer(ThreadingMixIn, TCPServer):
    """Connections, each with a thread."""


class ThreadingUDPServer(ThreadingMixIn, UDPServer):
    """Datagrams, each with a thread."""


if UNIX:

    class ThreadingUnixStreamServer(ThreadingMixIn, UnixStreamServer):
        """Connections, each with a thread."""

    class ThreadingUnixDatagramServer(ThreadingMixIn, UnixDatagramServer):
        """Datagrams, each with a thread."""


if FORK:

    class ForkingTCPServer(ForkingMixIn, TCPServer):
        """Connections, each with a child."""

    class ForkingUDPServer(ForkingMixIn, UDPServer):
        """Datagrams, each with a child."""


if FORK and UNIX:

    class ForkingUnixStreamServer(ForkingMixIn, UnixStreamServer):
        """Connections, each with a child."""

    class ForkingUnixDatagramServer(ForkingMixIn, UnixDatagramServer):
        """Datagrams, each with a child."""


class BaseRequestHandler:
    """Handles a request from setup() to finish()."""

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
        """Set nothing up."""

    def handle(self):
        """Handle nothing."""

    def finish(self):
        """Finish nothing."""


class _Unbuffered(io.BufferedIOBase):
    """Hands everything on to a raw file, which may take a part only."""

    def __init__(self, raw):
        super().__init__()
        self.raw = raw

    def writable(self):
        return True

    def fileno(self):
        return self.raw.fileno()

    def write(self, data):
        if self.closed:
            raise ValueError("the file has been closed")
        with memoryview(data) as view, view.cast("B") as left:
            sent = 0
            while sent < len(left):
                count = self.raw.write(left[sent:])
                if count is None:
                    raise BlockingIOError(errno.EAGAIN, "the connection takes no more", sent)
                sent += count
            return sent

    def close(self):
        super().close()
        self.raw.close()


class StreamRequestHandler(BaseRequestHandler):
    """Makes two files of a connection."""

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
        if self.wbufsize == 0:
            self.wfile = _Unbuffered(self.wfile)

    def finish(self):
        try:
            self.wfile.close()
        except OSError:
            pass  # nobody will read what is left
        finally:
            self.rfile.close()


class DatagramRequestHandler(BaseRequestHandler):
    """Makes two files of a datagram and of the reply to it."""

    def setup(self):
        self.packet, self.socket = self.request
        self.rfile = io.BytesIO(self.packet)
        self.wfile = io.BytesIO()

    def finish(self):
        self.socket.sendto(self.wfile.getvalue(), self.client_address)
