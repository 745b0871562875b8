"""The interface of socketserver for Linux: while a server serves, a second thread looks out for it.

* The lookout waits in epoll, and posts into a queue what it sees: a request, the end of a child, a knock.  The thread
  that called serve_forever() reads this post, takes the requests in and does everything else.  A server is watched for
  one request at a time, and again when that has been taken in.  The lookout ends with serve_forever().
* Threads of requests sign off in a queue when they are done.  The server counts who has begun and reads the queue.
* A child has the one end of a pipe, its lifeline, and the server the other: when the child ends, however it ends, the
  kernel lets go of the lifeline.  That wakes the server, which then asks for just this child with waitid().
"""

import contextlib
import errno
import io
import os
import queue
import select
import socket
import sys
import threading
import time
import traceback
import warnings

__all__ = [
    "BaseServer",
    "TCPServer",
    "UDPServer",
    "UnixStreamServer",
    "UnixDatagramServer",
    "ThreadingMixIn",
    "ThreadingTCPServer",
    "ThreadingUDPServer",
    "ThreadingUnixStreamServer",
    "ThreadingUnixDatagramServer",
    "BaseRequestHandler",
    "StreamRequestHandler",
    "DatagramRequestHandler",
]
if hasattr(os, "fork"):
    __all__ += ["ForkingMixIn", "ForkingTCPServer", "ForkingUDPServer"]
    if sys.version_info >= (3, 12):
        __all__ += ["ForkingUnixStreamServer", "ForkingUnixDatagramServer"]
if not hasattr(socket, "AF_UNIX"):
    __all__ = [name for name in __all__ if "Unix" not in name]

DAY = 24 * 3600  # seconds; longer waits are made of several
NOBODY_THERE = frozenset([errno.EAGAIN, errno.EWOULDBLOCK])
SHORTAGES = frozenset([errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
SLICE = 0.1  # seconds after which to look again for what nobody may tell: a grandchild holds the lifeline, too

REQUEST, LIFELINE, KNOCK = "request", "lifeline", "knock"


def _wait_here(descriptors, seconds):
    """Wait in the calling thread; tell whether one of the descriptors is readable, or its other end closed."""
    with select.epoll() as waiting:
        for descriptor in descriptors:
            waiting.register(descriptor, select.EPOLLIN)
        return bool(waiting.poll(-1 if seconds is None else max(0, min(seconds, DAY))))


class _Lookout:
    """Waits in a thread of its own for what concerns one serve_forever()."""

    def __init__(self):
        self.process, self.serving_thread = os.getpid(), threading.get_ident()
        self.is_to_stop = False
        self.has_left = threading.Event()
        self._post = queue.Queue()
        self._books = threading.RLock()  # reentrant: a signal handler may knock while its thread does
        self._epoll = select.epoll()
        self._watched = None
        self._is_leaving = False
        try:
            self._bell, self._cord = os.pipe()
        except OSError:
            self._epoll.close()
            raise
        os.set_blocking(self._cord, False)
        self._epoll.register(self._bell, select.EPOLLIN)
        self._thread = threading.Thread(target=self._look_out, daemon=True)
        try:
            self._thread.start()
        except BaseException:
            self.close_here()
            raise

    def watch_for_request(self, descriptor):
        """Post when *descriptor* is readable; once."""
        if self._watched not in (None, descriptor):
            with contextlib.suppress(OSError):
                self._epoll.unregister(self._watched)
        self._watched = descriptor
        try:
            self._epoll.modify(descriptor, select.EPOLLIN | select.EPOLLONESHOT)
        except FileNotFoundError:
            self._epoll.register(descriptor, select.EPOLLIN | select.EPOLLONESHOT)

    def watch_lifeline(self, descriptor):
        """Post when nobody holds the other end any more; closing *descriptor* ends the watch."""
        with self._books:
            if self._cord is not None:
                self._epoll.register(descriptor, select.EPOLLIN | select.EPOLLONESHOT)

    def next(self, seconds):
        """Return what was posted next; None if nothing comes in time."""
        try:
            return self._post.get(timeout=DAY if seconds is None else max(0, min(seconds, DAY)))
        except queue.Empty:
            return None

    def knock(self):
        """Post a knock.  It goes through the pipe, since a signal handler must not touch the queue."""
        with self._books, contextlib.suppress(BlockingIOError):
            if self._cord is not None:
                os.write(self._cord, b"!")

    def leave(self):
        """End the lookout, and wait until it has ended."""
        # Letting go of the cord would not do: forked processes may hold it, too.
        self._is_leaving = True
        self.knock()
        self._thread.join()

    def close_here(self):
        """Close what this process has of the lookout: in the end, or in a forked child, where it does not look out."""
        self._epoll.close()
        ends = self._bell, self._cord
        self._bell = self._cord = None
        for end in ends:
            if end is not None:
                os.close(end)

    def _look_out(self):
        while not self._is_leaving:
            for descriptor, _ in self._epoll.poll():
                if descriptor == self._bell:
                    os.read(self._bell, 1000)
                    self._post.put(KNOCK)
                else:
                    self._post.put(REQUEST if descriptor == self._watched else LIFELINE)
        with self._books:
            self.close_here()


class BaseServer:
    timeout = None

    def __init__(self, server_address, RequestHandlerClass):
        self.server_address = server_address
        self.RequestHandlerClass = RequestHandlerClass
        self._books = threading.RLock()
        self._lookouts = []
        self._stop_first = None  # whether the first serve_forever() shall end immediately; false once there was one

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

    # -- serving

    def serve_forever(self, poll_interval=0.5):
        lookout = _Lookout()
        with self._books:
            self._lookouts.append(lookout)
            lookout.is_to_stop, self._stop_first = bool(self._stop_first), False
        try:
            self._serve(lookout, poll_interval)
        finally:
            with self._books:
                self._lookouts.remove(lookout)
            try:
                lookout.leave()
            finally:
                lookout.has_left.set()

    def _serve(self, lookout, poll_interval):
        if self.fileno() < 0:
            raise ValueError("the server has been closed")
        for lifeline in self._lifelines():
            lookout.watch_lifeline(lifeline)
        is_watched = False
        trouble = seen = None
        while not lookout.is_to_stop and self.fileno() >= 0:
            if not is_watched and trouble not in SHORTAGES and self._has_room():
                lookout.watch_for_request(self.fileno())
                is_watched = True
            # A child whose lifeline is gone has not quite ended yet.
            is_soon = not is_watched or seen == LIFELINE
            seen = lookout.next(
                min(SLICE, DAY if poll_interval is None else poll_interval) if is_soon else poll_interval
            )
            if lookout.is_to_stop:
                return
            trouble = None
            if seen == REQUEST:
                is_watched = False
                trouble = self._take_in()
            if seen != KNOCK:
                self.service_actions()

    def shutdown(self):
        with self._books:
            if self._stop_first is None:
                self._stop_first = True
            lookouts = [lookout for lookout in self._lookouts if lookout.process == os.getpid()]
            for lookout in lookouts:
                lookout.is_to_stop = True
        self._knock()
        for lookout in lookouts:
            if lookout.serving_thread != threading.get_ident():
                lookout.has_left.wait()

    def _knock(self):
        for lookout in list(self._lookouts):
            if lookout.process == os.getpid():
                lookout.knock()

    def service_actions(self):
        pass

    def handle_request(self):
        limits = [self.timeout, self.socket.gettimeout() if hasattr(self, "socket") else None]
        limits = [limit for limit in limits if limit is not None]
        end = time.monotonic() + min(limits) if limits else None
        while True:
            left = DAY if end is None else end - time.monotonic()
            if not self._has_room():
                self._wait_for_room(left)
            elif _wait_here([self.fileno()], left) and self._take_in() not in NOBODY_THERE:
                return
            if end is not None and time.monotonic() >= end:
                self.handle_timeout()
                return

    def handle_timeout(self):
        pass

    # What a mix-in may know about

    def _has_room(self):
        """Tell whether another request may be taken in."""
        return True

    def _wait_for_room(self, seconds):
        """Wait until that may have changed."""

    def _lifelines(self):
        """Return the descriptors that tell of the ends of children."""
        return []

    # -- one request

    def _take_in(self):
        """Take a request in and process it; return the number of the error that get_request() has met."""
        try:
            request, client_address = self.get_request()
        except OSError as error:
            return error.errno
        is_processed = False
        try:
            is_welcome = self.verify_request(request, client_address)
            if is_welcome:
                self.process_request(request, client_address)
                is_processed = True
        except Exception:
            self.handle_error(request, client_address)
        finally:
            if not is_processed:
                self.shutdown_request(request)
        return None

    def verify_request(self, request, client_address):
        return True

    def process_request(self, request, client_address):
        self.finish_request(request, client_address)
        self.shutdown_request(request)

    def finish_request(self, request, client_address):
        self.RequestHandlerClass(request, client_address, self)

    def handle_error(self, request, client_address):
        if sys.stderr is None:
            return
        with contextlib.suppress(OSError, ValueError):  # it is closed, or nobody reads it
            sys.stderr.write(traceback.format_exc())
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
            try:
                self.server_bind()
                self.server_activate()
            except BaseException:
                self.server_close()
                raise

    def fileno(self):
        return self.socket.fileno()

    def server_bind(self):
        if self.allow_reuse_address:
            self._switch_on("SO_REUSEADDR")
        if self.allow_reuse_port and self.address_family in (socket.AF_INET, socket.AF_INET6):
            self._switch_on("SO_REUSEPORT")
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def _switch_on(self, option):
        if hasattr(socket, option):
            self.socket.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)

    def server_activate(self):
        self.socket.listen(self.request_queue_size)

    def server_close(self):
        self.socket.close()
        self._knock()

    def get_request(self):
        # Not the socket is told not to block, which others may look at, but its descriptor: in another process somebody
        # may have taken the connection.
        os.set_blocking(self.socket.fileno(), False)
        return self.socket.accept()

    def shutdown_request(self, request):
        with contextlib.suppress(OSError):  # the client has gone first
            request.shutdown(socket.SHUT_WR)
        self.close_request(request)

    def close_request(self, request):
        request.close()


class UDPServer(TCPServer):
    socket_type = socket.SOCK_DGRAM
    max_packet_size = 8192

    def server_activate(self):
        pass

    def get_request(self):
        packet, client_address = self.socket.recvfrom(self.max_packet_size, socket.MSG_DONTWAIT)
        return (packet, self.socket), client_address

    def shutdown_request(self, request):
        self.close_request(request)

    def close_request(self, request):
        pass


class _Register:
    """Who has begun to work and has not signed off."""

    def __init__(self):
        self.is_at_work = threading.local()  # .here: whether the current thread is one of these
        self._books = threading.Lock()
        self._at_work = 0
        self._signed_off = queue.Queue()

    def begin(self):
        self._read(wait=False)
        with self._books:
            self._at_work += 1

    def sign_off(self, thread):
        self._signed_off.put(thread)

    def wait(self):
        """Wait until all have signed off."""
        self._read(wait=True)
        self._signed_off.put(None)  # for whoever waits beside us: there is nobody left

    def _read(self, wait):
        while not wait or self._at_work:
            try:
                thread = self._signed_off.get(block=wait)
            except queue.Empty:
                return
            if thread is None:
                continue
            with self._books:
                self._at_work -= 1
            if wait and thread.ident is not None:  # otherwise it could not be started
                thread.join()


class ThreadingMixIn:
    daemon_threads = False
    block_on_close = True

    def process_request(self, request, client_address):
        is_daemon = bool(self.daemon_threads)
        register = None if is_daemon else self._get_register()
        thread = threading.Thread(target=self._work, args=(register, request, client_address), daemon=is_daemon)
        if register is None:
            thread.start()
            return
        register.begin()
        try:
            thread.start()
        except BaseException:
            register.sign_off(thread)
            raise

    def _get_register(self):
        # One for each process: in a fork of the server's there are none of its threads.
        return vars(self).setdefault("_registers", {}).setdefault(os.getpid(), _Register())

    def _work(self, register, request, client_address):
        if register is None:
            self.process_request_thread(request, client_address)
            return
        register.is_at_work.here = True
        try:
            self.process_request_thread(request, client_address)
        finally:
            register.sign_off(threading.current_thread())

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    def server_close(self):
        super().server_close()
        register = self._get_register()
        # A handler that closes its server would wait for itself, so it waits for nobody.
        if self.block_on_close and not getattr(register.is_at_work, "here", False):
            register.wait()


if hasattr(os, "fork"):

    class ForkingMixIn:
        max_children = 64
        block_on_close = True
        _children = None  # the number of a child -> the server's end of its lifeline

        def process_request(self, request, client_address):
            self._children = {} if self._children is None else self._children
            while not self._has_room():
                self._wait_for_room(SLICE)
            lifeline, childs_end = os.pipe()
            try:
                _write_out()
                pid = _fork()
            except BaseException:
                os.close(lifeline)
                os.close(childs_end)
                raise
            if pid == 0:
                os.close(lifeline)
                self._be_child(request, client_address)
            os.close(childs_end)
            self._children[pid] = lifeline
            for lookout in getattr(self, "_lookouts", ()):
                if lookout.process == os.getpid():
                    lookout.watch_lifeline(lifeline)
            self.close_request(request)

        def _be_child(self, request, client_address):
            status = 1
            try:
                self._forget_the_parent()
                try:
                    self.finish_request(request, client_address)
                    status = 0
                except Exception:
                    self.handle_error(request, client_address)
                finally:
                    self.shutdown_request(request)
            except SystemExit as leaving:
                status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
            finally:
                _write_out()
                os._exit(status)

        def _forget_the_parent(self):
            for lifeline in self._children.values():
                os.close(lifeline)
            self._children = {}
            for lookout in getattr(self, "_lookouts", ()):
                lookout.close_here()
            self._lookouts, self._books = [], threading.RLock()

        def _lifelines(self):
            return list((self._children or {}).values())

        def _has_room(self):
            if len(self._children or ()) >= max(1, self.max_children):
                self._collect()
            return len(self._children or ()) < max(1, self.max_children)

        def _wait_for_room(self, seconds):
            _wait_here(self._lifelines(), min(seconds, SLICE))

        def _collect(self):
            for pid, lifeline in list((self._children or {}).items()):
                try:
                    has_ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG) is not None
                except ChildProcessError:
                    has_ended = True  # somebody else has asked for it
                if has_ended and self._children.pop(pid, None) is not None:
                    os.close(lifeline)

        def service_actions(self):
            super().service_actions()
            self._collect()

        def handle_timeout(self):
            super().handle_timeout()
            self._collect()

        def server_close(self):
            super().server_close()
            self._collect()
            while self.block_on_close and self._children:
                _wait_here(self._lifelines(), SLICE)
                self._collect()


def _fork():
    """Fork, and let nobody warn of threads: a child needs nothing that they may hold."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _write_out():
    """Write out what was printed: what is in a buffer would be written twice after a fork, and never after _exit()."""
    for file in (sys.stdout, sys.stderr):
        if file is not None:
            with contextlib.suppress(OSError, ValueError):
                file.flush()


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


class _Direct(io.BufferedIOBase):
    """Passes on to the connection what is written, all of it, and keeps nothing."""

    def __init__(self, raw):
        self._raw = raw

    def writable(self):
        return True

    def fileno(self):
        return self._raw.fileno()

    def write(self, data):
        if self.closed:
            raise ValueError("nothing can be written into a closed file")
        with memoryview(data) as view:
            block = view.cast("B") if view.c_contiguous else view.tobytes()
            sent = 0
            while sent < view.nbytes:
                count = self._raw.write(block[sent:])
                if count is None:
                    raise BlockingIOError(errno.EAGAIN, "the connection does not block, and takes no more", sent)
                sent += count
            return sent

    def close(self):
        if not self.closed:
            self._raw.close()
        super().close()


class StreamRequestHandler(BaseRequestHandler):
    rbufsize = -1
    wbufsize = 0
    timeout = None
    disable_nagle_algorithm = False

    def setup(self):
        self.connection = self.request
        if self.timeout is not None:
            self.connection.settimeout(self.timeout)
        if self.disable_nagle_algorithm and self.connection.family != getattr(socket, "AF_UNIX", None):
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rfile = self.connection.makefile("rb", self.rbufsize)
        self.wfile = self.connection.makefile("wb", self.wbufsize)
        if self.wbufsize == 0:
            self.wfile = _Direct(self.wfile)

    def finish(self):
        for file in (self.wfile, self.rfile):
            with contextlib.suppress(OSError):  # the client has gone, and left its answer in the buffer
                file.close()


class DatagramRequestHandler(BaseRequestHandler):
    def setup(self):
        self.packet, self.socket = self.request
        self.rfile = io.BytesIO(self.packet)
        self.wfile = io.BytesIO()

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

    if hasattr(os, "fork") and sys.version_info >= (3, 12):

        class ForkingUnixStreamServer(ForkingMixIn, UnixStreamServer):
            pass

        class ForkingUnixDatagramServer(ForkingMixIn, UnixDatagramServer):
            pass
