"""The interface of socketserver with children that are there before their requests.

* A forking server that has nothing to do forks ``spare_children`` that wait for requests with it.  It takes a request
  in, looks at it, and hands it to one of them over a line between the two, a pair of sockets: the connection's
  descriptor or, with the datagram, that of the server's socket.  The child handles this one request and ends.  So it
  knows the server as it was when it began to wait, which is ``spare_seconds`` ago at most.
* If no child waits, or the request cannot be sent (a TLS connection, whatever an own get_request() has made), a child
  is forked for it.
* The child's last words, or the end of the line, wake the server, which then asks for all of its children with wait4().
  Children that wait end when nobody serves any more, or the server's process is no more: the line ends.
* The loop makes a table in each turn, of descriptors and what is to be done when one of them can be read.
* Threads form a chain: each knows the one that was started before it, and the server the last one.
"""

import array
import collections
import contextlib
import errno
import io
import marshal
import os
import selectors
import socket
import struct
import sys
import threading
import time
import traceback
import warnings

HAS_FORK = hasattr(os, "fork") and hasattr(socket, "CMSG_SPACE")
HAS_UNIX = hasattr(socket, "AF_UNIX")

__all__ = ["BaseServer", "TCPServer", "UDPServer", "ThreadingMixIn", "ThreadingTCPServer", "ThreadingUDPServer"]
__all__ += ["BaseRequestHandler", "StreamRequestHandler", "DatagramRequestHandler"]
if HAS_UNIX:
    __all__ += ["UnixStreamServer", "UnixDatagramServer", "ThreadingUnixStreamServer", "ThreadingUnixDatagramServer"]
if HAS_FORK:
    __all__ += ["ForkingMixIn", "ForkingTCPServer", "ForkingUDPServer"]
if HAS_FORK and HAS_UNIX and sys.version_info >= (3, 12):
    __all__ += ["ForkingUnixStreamServer", "ForkingUnixDatagramServer"]

LONGEST_TURN = 24 * 3600  # seconds
SHORT_TURN = 0.02  # seconds, while something is about to happen that no descriptor tells
SHORTAGES = frozenset([errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])


def _wait_and_do(table, seconds, may_go_on=lambda: True):
    """Wait until a descriptor in *table* can be read, at most for *seconds*, and do what stands there; tell if any."""
    with selectors.PollSelector() as selector:
        for descriptor, action in table.items():
            selector.register(descriptor, selectors.EVENT_READ, action)
        ready = selector.select(max(0, min(seconds, LONGEST_TURN)))
        for key, _ in ready:
            if may_go_on():
                key.data()
        return bool(ready)


class _Serving:
    """One call of serve_forever(), and how it is told to look up."""

    def __init__(self):
        self.process, self.thread = os.getpid(), threading.get_ident()
        self.is_to_stop = False
        self.has_stopped = threading.Event()
        self.ear, self.mouth = socket.socketpair()
        for end in (self.ear, self.mouth):
            end.setblocking(False)

    def call(self):
        with contextlib.suppress(BlockingIOError):  # it has been called often enough
            self.mouth.send(b"!")

    def listen(self):
        with contextlib.suppress(BlockingIOError):
            self.ear.recv(1000)

    def goes_on(self):
        return not self.is_to_stop

    def close(self):
        self.ear.close()
        self.mouth.close()


class BaseServer:
    timeout = None

    def __init__(self, server_address, RequestHandlerClass):
        self.server_address = server_address
        self.RequestHandlerClass = RequestHandlerClass
        self._lock = threading.RLock()  # of the next three; a signal handler may come while its own thread has it
        self._servings = []
        self._served_before = False
        self._shall_not_begin = False
        self._trouble = None  # why the last request could not be got

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

    def serve_forever(self, poll_interval=0.5):
        serving = _Serving()
        with self._lock:
            self._servings.append(serving)
            self._served_before = True
            serving.is_to_stop, self._shall_not_begin = self._shall_not_begin, False
        try:
            if self.fileno() < 0:
                raise ValueError("the server is closed")
            while serving.goes_on() and self.fileno() >= 0:
                self._take_a_turn(serving, LONGEST_TURN if poll_interval is None else poll_interval)
                if serving.goes_on():
                    self.service_actions()
        finally:
            with self._lock:
                self._servings.remove(serving)
                serving.close()
            self._dismiss_spares()
            serving.has_stopped.set()

    def _take_a_turn(self, serving, poll_interval):
        in_trouble, self._trouble = self._trouble in SHORTAGES, None
        if in_trouble:
            poll_interval = min(poll_interval, SHORT_TURN)

        def make_table():
            is_open = not in_trouble and self._has_room()
            table = self._make_table()
            table[serving.ear] = serving.listen
            if is_open:
                table[self.fileno()] = self._take_in
            return table

        end = time.monotonic() + poll_interval
        if _wait_and_do(make_table(), 0, serving.goes_on):
            return
        while serving.goes_on():
            self._get_ready()
            left = end - time.monotonic()
            if _wait_and_do(make_table(), min(left, self._get_patience()), serving.goes_on) or time.monotonic() >= end:
                return

    def shutdown(self):
        with self._lock:
            servings = [serving for serving in self._servings if serving.process == os.getpid()]
            for serving in servings:
                serving.is_to_stop = True
            self._shall_not_begin = not self._served_before
        self._call_all()
        for serving in servings:
            if serving.thread != threading.get_ident():
                serving.has_stopped.wait()

    def _call_all(self):
        with self._lock:
            for serving in self._servings:
                if serving.process == os.getpid():
                    serving.call()

    def service_actions(self):
        pass

    def handle_request(self):
        limits = [self.timeout, self.socket.gettimeout() if hasattr(self, "socket") else None]
        limits = [limit for limit in limits if limit is not None]
        end = time.monotonic() + min(limits) if limits else float("inf")
        results = []

        def wait(seconds):
            is_open = self._has_room()
            table = self._make_table()
            if is_open:
                table[self.fileno()] = lambda: results.append(self._take_in())
            _wait_and_do(table, seconds)
            return bool(results) and results.pop() not in (errno.EAGAIN, errno.EWOULDBLOCK)

        try:
            if wait(0):
                return
            while time.monotonic() < end:
                self._get_ready()
                if wait(min(end - time.monotonic(), self._get_patience())):
                    return
        finally:
            self._dismiss_spares()
        self.handle_timeout()

    def handle_timeout(self):
        pass

    # What a mix-in may have to say to those who wait

    def _make_table(self):
        """Return what else is to be waited for, and what is to be done then."""
        return {}

    def _has_room(self):
        """Tell whether another request may be taken in."""
        return True

    def _get_ready(self):
        """Prepare for requests, now that there is nothing else to do."""

    def _get_patience(self):
        """Return after how many seconds to get ready again."""
        return LONGEST_TURN

    def _dismiss_spares(self):
        """Give up what was prepared; nobody waits any more."""

    # A request

    def _take_in(self):
        """Take a request in and process it; return why, if there was none."""
        try:
            request, client_address = self.get_request()
        except OSError as error:
            self._trouble = error.errno
            return error.errno
        try:
            is_in_good_hands = False
            try:
                if self.verify_request(request, client_address):
                    self.process_request(request, client_address)
                    is_in_good_hands = True
            except Exception:
                self.handle_error(request, client_address)
        finally:
            if not is_in_good_hands:
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
        report = "While handling a request:\n%s" % traceback.format_exc()
        with contextlib.suppress(AttributeError, OSError, ValueError):  # there is no standard error to write to
            sys.stderr.write(report)
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
        if self.allow_reuse_address and hasattr(socket, "SO_REUSEADDR"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        is_internet = self.address_family in (socket.AF_INET, socket.AF_INET6)
        if self.allow_reuse_port and is_internet and hasattr(socket, "SO_REUSEPORT"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def server_activate(self):
        self.socket.listen(self.request_queue_size)

    def server_close(self):
        self.socket.close()
        self._call_all()

    def get_request(self):
        # Somebody else may have taken the connection that was there.  The socket object is not told, since others read
        # its timeout; elsewhere than on Linux, connections would inherit what the descriptor is told.
        os.set_blocking(self.socket.fileno(), False)
        request, client_address = self.socket.accept()
        if sys.platform != "linux" and request.gettimeout() is None:
            os.set_blocking(request.fileno(), True)
        return request, client_address

    def shutdown_request(self, request):
        try:
            with contextlib.suppress(OSError):  # the client has hung up
                request.shutdown(socket.SHUT_WR)
        finally:
            self.close_request(request)

    def close_request(self, request):
        request.close()


class UDPServer(TCPServer):
    socket_type = socket.SOCK_DGRAM
    max_packet_size = 8192

    def server_activate(self):
        pass

    def get_request(self):
        data, client_address = self.socket.recvfrom(self.max_packet_size, getattr(socket, "MSG_DONTWAIT", 0))
        return (data, self.socket), client_address

    def shutdown_request(self, request):
        self.close_request(request)

    def close_request(self, request):
        pass


# -- children ---------------------------------------------------------------------------------------------------------

_lines = set()  # the ends that servers of this process hold


def _let_go_of_lines():
    """In a forked process: a child must see the end of its line when its parent lets go, whoever else has forked."""
    for line in list(_lines):
        line.close()
    _lines.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go_of_lines)


class _Child:
    def __init__(self, pid, line):
        self.pid = pid
        self.line = line
        self.since = time.monotonic()
        self.is_ending = False
        _lines.add(line)

    def listen(self):
        """Hear its last words, or that nobody is there to say any."""
        try:
            self.line.recv(100, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return  # another thread has heard them
        except OSError:
            pass
        self.is_ending = True

    def give(self, parcel, descriptor):
        """Hand over a request; tell whether that was possible."""
        rights = array.array("i", [descriptor])
        try:
            self.line.sendmsg([SIZE.pack(len(parcel))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
            self.line.sendall(parcel)
        except OSError:
            self.is_ending = True  # somebody has ended it
            return False
        return True

    def dismiss(self):
        """Let it end instead of waiting for a request."""
        self.is_ending = True
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_RDWR)

    def has_ended(self):
        try:
            return os.wait4(self.pid, os.WNOHANG)[0] == self.pid
        except ChildProcessError:
            return True  # somebody else has asked before

    def forget(self):
        _lines.discard(self.line)
        self.line.close()


class _Family:
    """The children of a server in one process."""

    def __init__(self):
        self.process = os.getpid()
        self.births = threading.Lock()
        self.children = []
        self.spares = collections.deque()  # those who wait; who takes one out has it

    def take_spare(self):
        with contextlib.suppress(IndexError):
            return self.spares.popleft()
        return None

    def collect(self):
        for child in list(self.children):
            if child.has_ended():
                with contextlib.suppress(ValueError):  # another thread was quicker
                    self.children.remove(child)
                    child.forget()

    def make_table(self):
        # Numbers, since another thread may close a line meanwhile; who listens then hears nothing.
        lines = [(child.line.fileno(), child.listen) for child in list(self.children) if not child.is_ending]
        return {line: listen for line, listen in lines if line >= 0}

    def wait(self):
        """Wait until somebody may have ended."""
        # A grandchild may hold the line, too: then nothing tells.
        is_soon = any(child.is_ending for child in self.children)
        _wait_and_do(self.make_table(), SHORT_TURN if is_soon else 5 * SHORT_TURN)
        self.collect()


SIZE = struct.Struct("!I")


def _receive(line):
    """Return what a child is given, (parcel, descriptor); None if it is not needed any more."""
    size, ancillary, _, _ = line.recvmsg(SIZE.size, socket.CMSG_SPACE(array.array("i").itemsize))
    if not ancillary:
        return None
    descriptors = array.array("i")
    descriptors.frombytes(ancillary[0][2][: descriptors.itemsize])
    os.set_inheritable(descriptors[0], False)
    with line.makefile("rb", buffering=0) as file:
        size += _read(file, SIZE.size - len(size))
        return _read(file, SIZE.unpack(size)[0]), descriptors[0]


def _read(file, count):
    data = b""
    while len(data) < count:
        piece = file.read(count - len(data))
        if not piece:
            raise EOFError("the parent has ended")
        data += piece
    return data


def _fork():
    """Fork, and have no warning about threads: a child uses nothing that they may hold."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _write_out():
    for file in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            file.flush()


if HAS_FORK:

    class ForkingMixIn:
        max_children = 40
        spare_children = 1
        spare_seconds = 1
        block_on_close = True
        _family = None

        def process_request(self, request, client_address):
            family = self._get_family()
            packed = self._pack(request, client_address)
            spare = family.take_spare()
            while spare is not None and packed is not None:
                if spare.give(*packed):
                    self.close_request(request)
                    return
                spare = family.take_spare()
            if spare is not None:
                spare.dismiss()
            family.collect()
            while self._have_child(max(1, self.max_children), request, client_address) is None:
                family.wait()
            self.close_request(request)

        def service_actions(self):
            super().service_actions()
            self._get_family().collect()

        def handle_timeout(self):
            super().handle_timeout()
            self._get_family().collect()

        def server_close(self):
            super().server_close()
            family = self._get_family()
            family.collect()
            while family.children and self.block_on_close:
                family.wait()

        # -- in the parent

        def _get_family(self):
            if self._family is None or self._family.process != os.getpid():
                self._family = _Family()
            return self._family

        def _make_table(self):
            return self._get_family().make_table()

        def _has_room(self):
            family = self._get_family()
            if not family.spares and len(family.children) >= max(1, self.max_children):
                family.collect()
            return bool(family.spares) or len(family.children) < max(1, self.max_children)

        def _get_ready(self):
            family = self._get_family()
            family.collect()
            self._dismiss_spares(since=time.monotonic() - self.spare_seconds)
            # The plain type: a TLS socket has a state that cannot be sent.
            if type(getattr(self, "socket", None)) is not socket.socket:
                return
            with contextlib.suppress(OSError):  # whoever comes will hear of it
                while len(family.spares) < self.spare_children:
                    spare = self._have_child(self.max_children)
                    if spare is None:
                        return
                    family.spares.append(spare)

        def _get_patience(self):
            family = self._get_family()
            if any(child.is_ending for child in family.children):
                return SHORT_TURN
            ends = [spare.since + self.spare_seconds for spare in list(family.spares)]
            return max(0, min(ends) - time.monotonic()) if ends else LONGEST_TURN

        def _dismiss_spares(self, since=float("inf")):
            """Let those end that have waited since then, and collect them, which is a matter of milliseconds."""
            family = self._get_family()
            dismissed = []
            for spare in list(family.spares):
                if spare.since <= since:
                    with contextlib.suppress(ValueError):  # another thread has taken it
                        family.spares.remove(spare)
                        spare.dismiss()
                        dismissed.append(spare)
            end = time.monotonic() + 1
            while any(spare in family.children for spare in dismissed) and time.monotonic() < end:
                family.wait()

        def _have_child(self, limit, *request_and_address):
            """Fork a child, which waits if it is given no request; return None if there would be too many."""
            family = self._get_family()
            with family.births:  # another loop must not count in between
                if len(family.children) >= limit:
                    return None
                line, childs_line = socket.socketpair()
                for end in (line, childs_line):
                    end.setblocking(True)  # whatever the default is
                try:
                    _write_out()  # or the child would write it, too
                    pid = _fork()
                except BaseException:
                    line.close()
                    childs_line.close()
                    raise
                if pid == 0:
                    line.close()
                    self._be_child(childs_line, request_and_address)
                childs_line.close()
                child = _Child(pid, line)
                family.children.append(child)
                return child

        def _pack(self, request, client_address):
            """Return what can be sent to a child that waits, (parcel, descriptor); None if nothing can."""
            data, connection = None, request
            if isinstance(request, tuple) and len(request) == 2 and request[1] is getattr(self, "socket", None):
                data, connection = request
            if type(connection) is not socket.socket:
                return None
            kind = (int(connection.family), int(connection.type), connection.proto)
            try:
                return marshal.dumps((data, kind, connection.gettimeout(), client_address)), connection.fileno()
            except ValueError:  # there is more to it than plain values
                return None

        # -- in a child

        def _be_child(self, line, request_and_address):
            status = 1
            try:
                self._leave_the_parent(is_to_wait=not request_and_address)
                if not request_and_address:
                    received = _receive(line)
                    if received is None:
                        os._exit(0)
                    request_and_address = self._unpack(*received)
                request, client_address = request_and_address
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
                _write_out()
                with contextlib.suppress(OSError):
                    line.send(b"done")
                os._exit(status)

        def _leave_the_parent(self, is_to_wait):
            _let_go_of_lines()
            for serving in getattr(self, "_servings", ()):
                serving.close()
            self._servings, self._lock = [], threading.RLock()
            own = getattr(self, "socket", None)
            if type(own) is not socket.socket:
                return
            if own.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                # Nobody shall be queued at a server that is closed, so something harmless takes the socket's place.
                self.socket = socket.socket(own.family, own.type, own.proto)
                own.close()
            elif is_to_wait:
                own.close()  # the server's is sent with the datagram

        def _unpack(self, parcel, descriptor):
            data, kind, timeout, client_address = marshal.loads(parcel)  # noqa: S302 - the parent has written it
            connection = socket.socket(*kind, fileno=descriptor)
            connection.settimeout(timeout)
            if data is None:
                return connection, client_address
            self.socket = connection
            return (data, connection), client_address


# -- threads ----------------------------------------------------------------------------------------------------------


class _Link(threading.Thread):
    """A thread in the chain of those that a server has started."""

    def __init__(self, work, before):
        super().__init__(daemon=False)
        self._work = work
        self.before = before
        self.is_done = threading.Event()
        self.is_closing = False  # the server: no two such threads must wait for each other

    def run(self):
        try:
            self._work()
        finally:
            del self._work
            self.is_done.set()


class ThreadingMixIn:
    daemon_threads = False
    block_on_close = True
    _chain = (None, None)  # the process whose threads they are; the last one

    def process_request(self, request, client_address):
        if self.daemon_threads:
            threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True).start()
            return
        with _chaining:
            thread = _Link(lambda: self.process_request_thread(request, client_address), self._last_at_work())
            self._chain = (os.getpid(), thread)
        try:
            thread.start()
        except BaseException:
            thread.is_done.set()
            raise

    def _last_at_work(self):
        owner, thread = self._chain
        if owner != os.getpid():  # the threads of a parent are not here
            return None
        while thread is not None and thread.is_done.is_set():
            thread = thread.before
        return thread

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
        current = threading.current_thread()
        if isinstance(current, _Link):
            current.is_closing = True
        thread = self._last_at_work()
        while thread is not None:
            if not (isinstance(current, _Link) and thread.is_closing):
                thread.is_done.wait()
            thread = thread.before


_chaining = threading.Lock()


# -- handlers ---------------------------------------------------------------------------------------------------------


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


class _Sender(io.BufferedIOBase):
    """A file that has sent what was written before write() returns."""

    def __init__(self, connection):
        self.connection = connection

    def writable(self):
        return True

    def fileno(self):
        return self.connection.fileno()

    def write(self, data):
        if self.closed:
            raise ValueError("write to a closed file")
        with memoryview(data) as view:
            count = view.nbytes
        self.connection.sendall(data)
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
        self.wfile = self.connection.makefile("wb", self.wbufsize) if self.wbufsize else _Sender(self.connection)

    def finish(self):
        with contextlib.closing(self.rfile), contextlib.suppress(OSError):  # the client has hung up
            self.wfile.close()


class DatagramRequestHandler(BaseRequestHandler):
    def setup(self):
        self.packet, self.socket = self.request
        self.rfile = io.BytesIO(self.packet)
        self.wfile = io.BytesIO()

    def finish(self):
        self.socket.sendto(self.wfile.getvalue(), self.client_address)


# -- combinations -----------------------------------------------------------------------------------------------------


class ThreadingTCPServer(ThreadingMixIn, TCPServer):
    pass


class ThreadingUDPServer(ThreadingMixIn, UDPServer):
    pass


if HAS_FORK:

    class ForkingTCPServer(ForkingMixIn, TCPServer):
        pass

    class ForkingUDPServer(ForkingMixIn, UDPServer):
        pass


if HAS_UNIX:

    class UnixStreamServer(TCPServer):
        address_family = socket.AF_UNIX

    class UnixDatagramServer(UDPServer):
        address_family = socket.AF_UNIX

    class ThreadingUnixStreamServer(ThreadingMixIn, UnixStreamServer):
        pass

    class ThreadingUnixDatagramServer(ThreadingMixIn, UnixDatagramServer):
        pass


if HAS_FORK and HAS_UNIX and sys.version_info >= (3, 12):

    class ForkingUnixStreamServer(ForkingMixIn, UnixStreamServer):
        pass

    class ForkingUnixDatagramServer(ForkingMixIn, UnixDatagramServer):
        pass
