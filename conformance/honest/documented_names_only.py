"""The interface of `socketserver`, to the letter: what the documentation does not name does not exist here.

Programs get the documented classes with the documented methods and attributes.  What is needed beside those is
private, and has names of its own.  Where the documentation leaves a choice, this takes what its words say:

- The loop waits for a request, *poll_interval* seconds at a time, and looks between two waits whether it shall
  stop.  Nothing wakes it.
- shutdown() hands in an order to stop, and waits until a loop has carried it out.  Without a loop it therefore
  waits for the next one, which ends immediately: the deadlock that the documentation warns of.
- A thread holds a lock of its own, its baton, for as long as it works.  Closing the server means passing through all
  batons.
- A child is a `multiprocessing.Process`: its sentinel tells that it has ended.
- Connections are closed by a private function, and handle_error() prints nothing but the traceback.
- A datagram has whatever size it has, and a handler that writes nothing sends no reply.
"""

import io
import math
import multiprocessing.connection
import os
import select
import socket
import sys
import threading
import time
import traceback

HAS_FORK = hasattr(os, "fork")
HAS_UNIX_SOCKETS = hasattr(socket, "AF_UNIX")

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
if HAS_UNIX_SOCKETS:
    __all__ += ["UnixStreamServer", "UnixDatagramServer", "ThreadingUnixStreamServer", "ThreadingUnixDatagramServer"]
if HAS_FORK:
    __all__ += ["ForkingMixIn", "ForkingTCPServer", "ForkingUDPServer"]
if HAS_FORK and HAS_UNIX_SOCKETS:
    __all__ += ["ForkingUnixStreamServer", "ForkingUnixDatagramServer"]

LONGEST_POLL = 2147483
"""Seconds; the system counts milliseconds in 31 bits."""

PAUSE_IN_TROUBLE = 0.05
"""Seconds until the loop tries again to get a request, after it has failed."""


def _can_be_read(descriptor, seconds):
    """Wait at most *seconds* (None: for ever), and tell whether there is something to read; from -1 there never is."""
    if seconds is not None:
        seconds = math.ceil(min(max(seconds, 0), LONGEST_POLL) * 1000)
    poll = select.poll()
    if descriptor >= 0:
        poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds))


def _finish(server, request, client_address):
    """Have the request handled, report what fails, and let go of it."""
    try:
        server.finish_request(request, client_address)
    except Exception:
        server.handle_error(request, client_address)
    finally:
        _let_go(request)


def _let_go(request):
    """End a connection; a datagram, or whatever else a server calls a request, is left alone."""
    try:
        if hasattr(request, "shutdown"):
            # A copy may exist elsewhere, but the client shall see the end now.
            request.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the client was quicker
    finally:
        if hasattr(request, "close"):
            request.close()


class BaseServer:
    """What all servers have in common; the documentation leaves the rest to derived classes."""

    timeout = None

    def __init__(self, server_address, RequestHandlerClass):
        self.server_address = server_address
        self.RequestHandlerClass = RequestHandlerClass
        self._desk = threading.Lock()  # for the two below
        self._orders_to_stop = []
        self._running_loops = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.server_close()

    def serve_forever(self, poll_interval=0.5):
        """Handle requests until there is an order to stop; without any, if the server is closed meanwhile."""
        with self._desk:
            self._running_loops += 1
        try:
            if self.fileno() < 0:
                raise ValueError("the server is closed")
            while not self._orders_to_stop:
                ready = _can_be_read(self.fileno(), poll_interval)
                if self._orders_to_stop:
                    break
                if ready and self._take_request() is not None:
                    time.sleep(PAUSE_IN_TROUBLE)
                self.service_actions()
        finally:
            self._leave_loop()

    def _leave_loop(self):
        with self._desk:
            self._running_loops -= 1
            if self._running_loops == 0:
                for carried_out in self._orders_to_stop:
                    carried_out.set()
                self._orders_to_stop = []

    def shutdown(self):
        """Order the loop to stop, and wait until it has."""
        carried_out = threading.Event()
        with self._desk:
            self._orders_to_stop.append(carried_out)
        carried_out.wait()

    def service_actions(self):
        """Do nothing; called by the loop."""

    def handle_request(self):
        """Process one request, or call handle_timeout() if none comes in time."""
        if self.fileno() < 0:
            raise ValueError("the server is closed")
        end = None if self.timeout is None else time.monotonic() + self.timeout
        while True:
            left = None if end is None else max(end - time.monotonic(), 0)
            if _can_be_read(self.fileno(), left) and not isinstance(self._take_request(), BlockingIOError):
                return
            if end is not None and time.monotonic() >= end:
                self.handle_timeout()
                return

    def _take_request(self):
        """Get, verify and process a request; if there was none to get, return the error."""
        try:
            request, client_address = self.get_request()
        except OSError as error:
            return error
        processed = False
        try:
            if self.verify_request(request, client_address):
                self.process_request(request, client_address)
                processed = True
        except Exception:
            self.handle_error(request, client_address)
        finally:
            if not processed:
                _let_go(request)
        return None

    def handle_timeout(self):
        """Do nothing; called when handle_request() has had no request in time."""

    def verify_request(self, request, client_address):
        """Accept every request."""
        return True

    def process_request(self, request, client_address):
        """Finish the request here and now."""
        self.finish_request(request, client_address)
        _let_go(request)

    def finish_request(self, request, client_address):
        """Have the request handled by a new handler."""
        self.RequestHandlerClass(request, client_address, self)

    def server_close(self):
        """Do nothing; derived classes clean up."""

    def handle_error(self, request, client_address):
        """Print the traceback of the exception to standard error."""
        traceback.print_exc()


class TCPServer(BaseServer):
    """A server whose requests are connections."""

    address_family = socket.AF_INET
    socket_type = socket.SOCK_STREAM
    request_queue_size = 5 if sys.version_info < (3, 15) else socket.SOMAXCONN
    allow_reuse_address = False

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

    def server_bind(self):
        """Bind the socket, and learn what its address is."""
        if self.allow_reuse_address and hasattr(socket, "SO_REUSEADDR"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def server_activate(self):
        """Let clients connect."""
        self.socket.listen(self.request_queue_size)

    def server_close(self):
        """Close the socket."""
        self.socket.close()

    def fileno(self):
        """Return the descriptor of the socket."""
        return self.socket.fileno()

    def get_request(self):
        """Accept a connection; if another process was quicker, fail instead of waiting for the next one."""
        if not _can_be_read(self.socket.fileno(), 0):
            raise BlockingIOError("there is no connection to accept")
        return self.socket.accept()


class UDPServer(TCPServer):
    """A server whose requests are datagrams."""

    socket_type = socket.SOCK_DGRAM

    def server_activate(self):
        """Do nothing: datagrams need nobody who listens."""

    def get_request(self):
        """Receive a datagram, of whatever size."""
        size = self.socket.recv_into(bytearray(1), 1, socket.MSG_PEEK | socket.MSG_TRUNC | socket.MSG_DONTWAIT)
        data, client_address = self.socket.recvfrom(max(size, 65536), socket.MSG_DONTWAIT)
        return (data, self.socket), client_address


if HAS_UNIX_SOCKETS:

    class UnixStreamServer(TCPServer):
        """A TCPServer but for its family."""

        address_family = socket.AF_UNIX

    class UnixDatagramServer(UDPServer):
        """A UDPServer but for its family."""

        address_family = socket.AF_UNIX


class ThreadingMixIn:
    """Finishes each request in a thread of its own."""

    daemon_threads = False
    block_on_close = True

    def process_request(self, request, client_address):
        """Start a thread that finishes the request."""
        baton = threading.Lock()
        thread = threading.Thread(target=self._run_with, args=(baton, request, client_address))
        thread.daemon = bool(self.daemon_threads)
        baton.acquire()
        if not thread.daemon:
            self._batons()[thread] = baton
        try:
            thread.start()
        except BaseException:
            self._batons().pop(thread, None)
            baton.release()
            raise

    def _batons(self):
        # A mix-in cannot rely on its constructor being called.
        return vars(self).setdefault("_batons_of_threads", {})

    def _run_with(self, baton, request, client_address):
        try:
            _finish(self, request, client_address)
        finally:
            baton.release()
            self._forget_ended_threads()

    def _forget_ended_threads(self):
        for thread, baton in list(self._batons().items()):
            if not baton.locked() and not thread.is_alive():
                self._batons().pop(thread, None)

    def server_close(self):
        """Close the server, then wait for the threads."""
        super().server_close()
        for thread, baton in list(self._batons().items()):
            if self.block_on_close and thread is not threading.current_thread():
                with baton:
                    pass
                if thread.ident is not None:
                    thread.join()
        self._forget_ended_threads()


if HAS_FORK:

    class ForkingMixIn:
        """Finishes each request in a child process of its own."""

        max_children = 40
        block_on_close = True

        def process_request(self, request, client_address):
            """Start a child that finishes the request."""
            while len(self._children()) >= max(self.max_children, 1):
                self._forget_ended_children(0.1)
            fork = multiprocessing.get_context("fork")
            child = fork.Process(target=self._be_child, args=(request, client_address))
            child.start()
            self._children().append(child)
            if hasattr(request, "close"):
                request.close()  # the child has its own copy

        def _children(self):
            # Those of a parent are not ours to wait for.
            owner, children = vars(self).get("_children_of", (None, []))
            if owner != os.getpid():
                children = []
                self._children_of = os.getpid(), children
            return children

        def _be_child(self, request, client_address):
            status = 1
            try:
                self.finish_request(request, client_address)
                status = 0
            except Exception:
                self.handle_error(request, client_address)
            finally:
                _let_go(request)
            sys.exit(status)

        def _forget_ended_children(self, seconds=0):
            """Collect the children that have ended; wait at most *seconds* for one to do so."""
            children = self._children()
            ended = multiprocessing.connection.wait([child.sentinel for child in children], seconds)
            for child in list(children):
                if child.sentinel in ended or not child.is_alive():
                    child.join()
                    children.remove(child)

        def service_actions(self):
            """Collect the children that have ended."""
            super().service_actions()
            self._forget_ended_children()

        def handle_timeout(self):
            """Collect the children that have ended."""
            self._forget_ended_children()

        def server_close(self):
            """Close the server, then wait for the children."""
            super().server_close()
            while self.block_on_close and self._children():
                self._children()[0].join()
                self._forget_ended_children()
            self._forget_ended_children()


class ThreadingTCPServer(ThreadingMixIn, TCPServer):
    """Connections, each in a thread."""


class ThreadingUDPServer(ThreadingMixIn, UDPServer):
    """Datagrams, each in a thread."""


if HAS_UNIX_SOCKETS:

    class ThreadingUnixStreamServer(ThreadingMixIn, UnixStreamServer):
        """Connections, each in a thread."""

    class ThreadingUnixDatagramServer(ThreadingMixIn, UnixDatagramServer):
        """Datagrams, each in a thread."""


if HAS_FORK:

    class ForkingTCPServer(ForkingMixIn, TCPServer):
        """Connections, each in a child."""

    class ForkingUDPServer(ForkingMixIn, UDPServer):
        """Datagrams, each in a child."""


if HAS_FORK and HAS_UNIX_SOCKETS:

    class ForkingUnixStreamServer(ForkingMixIn, UnixStreamServer):
        """Connections, each in a child."""

    class ForkingUnixDatagramServer(ForkingMixIn, UnixDatagramServer):
        """Datagrams, each in a child."""


class BaseRequestHandler:
    """Handles one request while it is being made."""

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
        """Do nothing; called before handle()."""

    def handle(self):
        """Do nothing; derived classes service the request."""

    def finish(self):
        """Do nothing; called after handle()."""


class _Outlet(io.BufferedIOBase):
    """A file that sends what is written to it, immediately and whole."""

    def __init__(self, connection):
        super().__init__()
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
    """Offers a connection as two files."""

    def setup(self):
        """Open the files."""
        self.rfile = self.request.makefile("rb")
        self.wfile = _Outlet(self.request)

    def finish(self):
        """Close the files."""
        self.wfile.close()
        self.rfile.close()


class DatagramRequestHandler(BaseRequestHandler):
    """Offers a datagram, and the one that answers it, as two files."""

    def setup(self):
        """Open the files."""
        self.rfile = io.BytesIO(self.request[0])
        self.wfile = io.BytesIO()

    def finish(self):
        """Send what has been written, if anything has."""
        reply = b"" if self.wfile.closed else self.wfile.getvalue()
        if reply:
            self.request[1].sendto(reply, self.client_address)
