"""The interface of socketserver on asyncio.

* serve_forever() has an event loop of its own, in the thread that calls it.  A reader on the server's descriptor, a
  timer and shutdown() all do the same: they stop the loop.  What has to be done then is done between two runs of it,
  so a handler is never inside a running loop and may have its own, as with asyncio.run().
* Each request of a threading server has a new thread.  The server counts who comes and goes, and two events tell those
  who wait that nobody is left.
* Each child of a forking server has a thread in the parent that does nothing but wait for it.  Children are collected
  as soon as they end, whoever drives the server, so there is nothing left to do for service_actions().
"""

import asyncio
import contextlib
import errno
import io
import os
import socket
import sys
import threading
import time
import traceback
import warnings
from asyncio import _get_running_loop, _set_running_loop

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
if hasattr(os, "fork") and hasattr(socket, "AF_UNIX") and sys.version_info >= (3, 12):
    __all__ += ["ForkingUnixStreamServer", "ForkingUnixDatagramServer"]

SHORTAGES = frozenset([errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
REST_IN_A_SHORTAGE = 0.05  # seconds
LONGEST_WAIT = 24 * 3600  # seconds; no selector has to count farther


class _Watch:
    """An event loop that waits for a request, a time, or a knock."""

    def __init__(self):
        self.process, self.thread = os.getpid(), threading.get_ident()
        self.stopped = False
        self.over = threading.Event()
        self._request_waits = False
        self._mishap = None
        self._loop = asyncio.SelectorEventLoop()
        self._loop.set_exception_handler(self._note_mishap)

    def wait(self, descriptor, seconds):
        """Tell whether *descriptor* became readable; with None for it only the time and a knock end the wait."""
        self._request_waits = False
        timer = None
        if descriptor is not None:
            self._loop.add_reader(descriptor, self._note_request)
        try:
            if seconds is not None:
                timer = self._loop.call_later(max(0, min(seconds, LONGEST_WAIT)), self._loop.stop)
            with _outside_of_loops():
                self._loop.run_forever()
        finally:
            if timer is not None:
                timer.cancel()
            if descriptor is not None:
                self._loop.remove_reader(descriptor)
        if self._mishap is not None:
            mishap, self._mishap = self._mishap, None
            raise mishap
        return self._request_waits

    def knock(self):
        """End the wait, or the next one; from any thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def close(self):
        self._loop.close()

    def _note_request(self):
        self._request_waits = True
        self._loop.stop()

    def _note_mishap(self, loop, context):
        # A signal handler may raise anywhere, also in a callback, where the loop would go on as if nothing had been.
        self._mishap = context.get("exception")
        loop.stop()


@contextlib.contextmanager
def _outside_of_loops():
    """Let a loop run although the caller's is running: it blocks that one, as any server would."""
    running = _get_running_loop()
    _set_running_loop(None)
    try:
        yield
    finally:
        _set_running_loop(running)


class BaseServer:
    timeout = None

    def __init__(self, server_address, RequestHandlerClass):
        self.server_address = server_address
        self.RequestHandlerClass = RequestHandlerClass
        self._books = threading.RLock()  # reentrant, because signal handlers call shutdown()
        self._watches = []
        self._has_served = self._was_stopped_early = False

    def fileno(self):
        raise NotImplementedError("fileno")

    def get_request(self):
        raise NotImplementedError("get_request")

    def server_bind(self):
        raise NotImplementedError("server_bind")

    def server_activate(self):
        pass

    def server_close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.server_close()

    # Serving

    def serve_forever(self, poll_interval=0.5):
        with self._new_watch() as watch:
            with self._books:
                self._has_served = True
                watch.stopped, self._was_stopped_early = self._was_stopped_early, False
            descriptor = self.fileno()
            if descriptor < 0:
                raise ValueError("the server is closed")
            trouble = None
            while not watch.stopped and descriptor >= 0:
                if trouble in SHORTAGES:
                    waits = watch.wait(
                        None, min(REST_IN_A_SHORTAGE, LONGEST_WAIT if poll_interval is None else poll_interval)
                    )
                else:
                    waits = watch.wait(descriptor if self._has_room() else None, poll_interval)
                if watch.stopped:
                    break
                trouble = self._take_in() if waits else None
                self.service_actions()
                descriptor = self.fileno()

    def shutdown(self):
        with self._books:
            watches = [watch for watch in self._watches if watch.process == os.getpid()]
            for watch in watches:
                watch.stopped = True
            self._was_stopped_early = not self._has_served
            self._knock()
        for watch in watches:
            if watch.thread != threading.get_ident():
                watch.over.wait()

    def service_actions(self):
        pass

    def handle_request(self):
        deadline = self._deadline()
        with self._new_watch() as watch:
            while True:
                left = None if deadline is None else deadline - time.monotonic()
                waits = watch.wait(self.fileno() if self._has_room() else None, left)
                if waits and self._take_in() not in (errno.EAGAIN, errno.EWOULDBLOCK):
                    return
                if deadline is not None and time.monotonic() >= deadline:
                    self.handle_timeout()
                    return

    def handle_timeout(self):
        pass

    def _deadline(self):
        limits = [self.timeout]
        if hasattr(self, "socket"):
            limits.append(self.socket.gettimeout())
        limits = [limit for limit in limits if limit is not None]
        return time.monotonic() + min(limits) if limits else None

    @contextlib.contextmanager
    def _new_watch(self):
        watch = _Watch()
        with self._books:
            self._watches.append(watch)
        try:
            yield watch
        finally:
            with self._books:
                self._watches.remove(watch)
                watch.close()
            watch.over.set()

    def _knock(self):
        """Have all who wait look again whether there is something to do."""
        with self._books:
            for watch in self._watches:
                if watch.process == os.getpid():
                    watch.knock()

    def _has_room(self):
        """Tell whether one more request may be taken in."""
        return True

    # One request

    def _take_in(self):
        """Take a request in and have it processed; return the number of the error if there was none."""
        try:
            request, client_address = self.get_request()
        except OSError as error:
            return error.errno
        with contextlib.ExitStack() as otherwise:
            otherwise.callback(self.shutdown_request, request)
            try:
                if self.verify_request(request, client_address):
                    self.process_request(request, client_address)
                    otherwise.pop_all()  # whoever processes a request closes it
            except Exception:
                self.handle_error(request, client_address)
        return None

    def verify_request(self, request, client_address):
        return True

    def process_request(self, request, client_address):
        self.finish_request(request, client_address)
        self.shutdown_request(request)

    def finish_request(self, request, client_address):
        self.RequestHandlerClass(request, client_address, self)

    def handle_error(self, request, client_address):
        if sys.stderr is not None:
            with contextlib.suppress(OSError, ValueError):  # it cannot be written to
                sys.stderr.write("A request of %s failed.\n%s" % (client_address, traceback.format_exc()))
                sys.stderr.flush()

    def shutdown_request(self, request):
        self.close_request(request)

    def close_request(self, request):
        pass


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
            with contextlib.ExitStack() as otherwise:
                otherwise.callback(self.server_close)
                self.server_bind()
                self.server_activate()
                otherwise.pop_all()

    def fileno(self):
        return self.socket.fileno()

    def server_bind(self):
        for wanted, option in ((self.allow_reuse_address, "SO_REUSEADDR"), (self.allow_reuse_port, "SO_REUSEPORT")):
            is_for_us = option == "SO_REUSEADDR" or self.address_family in (socket.AF_INET, socket.AF_INET6)
            if wanted and is_for_us and hasattr(socket, option):
                self.socket.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def server_activate(self):
        self.socket.listen(self.request_queue_size)

    def server_close(self):
        self.socket.close()
        self._knock()

    def get_request(self):
        # Another process may have been quicker, so accept() must not wait.  This is between us and the descriptor: the
        # timeout that the socket shows, and those of connections, are not touched.
        os.set_blocking(self.socket.fileno(), False)
        request, client_address = self.socket.accept()
        if sys.platform != "linux" and request.gettimeout() is None:
            os.set_blocking(request.fileno(), True)  # there it is inherited
        return request, client_address

    def shutdown_request(self, request):
        try:
            request.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the client was quicker
        finally:
            self.close_request(request)

    def close_request(self, request):
        request.close()


class UDPServer(TCPServer):
    socket_type = socket.SOCK_DGRAM
    max_packet_size = 65535

    def server_activate(self):
        pass

    def get_request(self):
        data, client_address = self.socket.recvfrom(self.max_packet_size, getattr(socket, "MSG_DONTWAIT", 0))
        return (data, self.socket), client_address

    def shutdown_request(self, request):
        self.close_request(request)

    def close_request(self, request):
        pass


def _one_in_each_process(server, name, make):
    """Return what *server* has under this name in this process: threads and children of a parent are not here.

    It is made when it is needed first, since a mix-in has no constructor.
    """
    return vars(server).setdefault("%s of process %d" % (name, os.getpid()), make())


class _Attendance:
    """Counts the threads of a server that are at work."""

    def __init__(self):
        self._books = threading.Lock()
        self._present = 0
        self._waiting = 0  # those of them that wait for the others
        self._nobody = threading.Event()
        self._nobody_else = threading.Event()

    def change(self, present=0, waiting=0):
        with self._books:
            self._present += present
            self._waiting += waiting
            for event, is_so in (
                (self._nobody, self._present == 0),
                (self._nobody_else, self._present <= self._waiting),
            ):
                if is_so:
                    event.set()
                else:
                    event.clear()

    def wait_for_all(self):
        self.change()
        self._nobody.wait()

    def wait_for_the_others(self):
        """Wait from within: one of those at work must not wait for itself, nor two of them for each other."""
        self.change(waiting=1)
        try:
            self._nobody_else.wait()
        finally:
            self.change(waiting=-1)


_here = threading.local()  # .attendance: where the current thread is counted


class ThreadingMixIn:
    daemon_threads = False
    block_on_close = True

    def process_request(self, request, client_address):
        attendance = None if self.daemon_threads else self._get_attendance()
        thread = threading.Thread(target=self._be_counted, args=(attendance, request, client_address))
        thread.daemon = bool(self.daemon_threads)  # whatever the current thread is
        if attendance is None:
            thread.start()
            return
        attendance.change(present=1)
        try:
            thread.start()
        except BaseException:
            attendance.change(present=-1)
            raise

    def _get_attendance(self):
        return _one_in_each_process(self, "_attendance", _Attendance)

    def _be_counted(self, attendance, request, client_address):
        _here.attendance = attendance
        try:
            self.process_request_thread(request, client_address)
        finally:
            if attendance is not None:
                attendance.change(present=-1)

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    def server_close(self):
        super().server_close()
        if not self.block_on_close:
            return
        attendance = self._get_attendance()
        if getattr(_here, "attendance", None) is attendance:
            attendance.wait_for_the_others()
        else:
            attendance.wait_for_all()


class _Guardian(threading.Thread):
    """Waits for one child, from before it is there until it has ended."""

    def __init__(self, children):
        super().__init__(daemon=True)
        self._children = children
        self._pid = None
        self._is_settled = threading.Event()

    def settle(self, pid):
        """Say which child it is; None if there will be none."""
        self._pid = pid
        self._is_settled.set()

    def run(self):
        self._is_settled.wait()
        if self._pid is not None:
            with contextlib.suppress(ChildProcessError):  # somebody else has collected it
                os.waitpid(self._pid, 0)
        self._children.give_up(self)


class _Children:
    """The children of a forking server, each represented by its guardian."""

    def __init__(self, tell):
        self._tell = tell
        self._guardians = set()
        self._one_ended = threading.Condition()

    def give_up(self, guardian):
        with self._one_ended:
            self._guardians.discard(guardian)
            self._one_ended.notify_all()
        self._tell()

    def have_room(self, limit):
        return len(self._guardians) < max(1, limit)

    def wait_for_room(self, limit):
        with self._one_ended:
            self._one_ended.wait_for(lambda: self.have_room(limit))

    def wait_for_all(self):
        with self._one_ended:
            guardians = list(self._guardians)
            self._one_ended.wait_for(lambda: not self._guardians)
        for guardian in guardians:
            guardian.join()

    def fork(self):
        """Fork with a guardian that is there already: a child without one would not be collected."""
        guardian = _Guardian(self)
        self._guardians.add(guardian)
        try:
            guardian.start()
        except BaseException:
            self._guardians.discard(guardian)
            raise
        pid = None
        try:
            pid = _fork()
        finally:
            if pid != 0:
                guardian.settle(pid)
        return pid


def _fork():
    """Fork without the warning about threads: ours hold nothing that a child needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _flush():
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()


if hasattr(os, "fork"):

    class ForkingMixIn:
        max_children = 40
        block_on_close = True

        def process_request(self, request, client_address):
            children = self._get_children()
            children.wait_for_room(self.max_children)
            _flush()  # or both processes would write what waits in the buffers
            if children.fork() == 0:
                self._be_child(request, client_address)
            self.close_request(request)

        def _get_children(self):
            return _one_in_each_process(self, "_children", lambda: _Children(getattr(self, "_knock", int)))

        def _has_room(self):
            return self._get_children().have_room(self.max_children)

        def _be_child(self, request, client_address):
            status = 1
            try:
                self._books, self._watches = threading.RLock(), []  # the parent may have held the lock
                try:
                    self.finish_request(request, client_address)
                    status = 0
                except Exception:
                    self.handle_error(request, client_address)
                except SystemExit as leaving:
                    status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
                finally:
                    self.shutdown_request(request)
            finally:
                _flush()
                os._exit(status)

        def server_close(self):
            super().server_close()
            if self.block_on_close:
                self._get_children().wait_for_all()


class BaseRequestHandler:
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
        pass

    def handle(self):
        pass

    def finish(self):
        pass


class _Outlet(io.BufferedIOBase):
    """A file without a buffer: what is written has been sent, all of it."""

    def __init__(self, connection):
        self._connection = connection

    def writable(self):
        return True

    def fileno(self):
        return self._connection.fileno()

    def write(self, data):
        if self.closed:
            raise ValueError("the file is closed")
        with memoryview(data) as view:
            self._connection.sendall(view)
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
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rfile = self.connection.makefile("rb", self.rbufsize)
        self.wfile = self.connection.makefile("wb", self.wbufsize) if self.wbufsize else _Outlet(self.connection)

    def finish(self):
        try:
            with contextlib.suppress(OSError):  # nobody is there to read what waits in the buffer
                self.wfile.close()
        finally:
            self.rfile.close()


class DatagramRequestHandler(BaseRequestHandler):
    def setup(self):
        self.packet, self.socket = self.request
        self.rfile = io.BytesIO(self.packet)
        self.wfile = io.BytesIO()

    def finish(self):
        reply = self.wfile.getvalue()
        if self.client_address:  # a Unix socket without a name cannot be answered
            self.socket.sendto(reply, self.client_address)


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
