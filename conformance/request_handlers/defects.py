"""Ways to get request handlers wrong."""

import io
import select
import socket
import struct
from contextlib import suppress

from harness.host.breaking import breaks

# -- BaseRequestHandler ----------------------------------------------------------------------------------------------


def _replace_init(impl, init):
    """Let *init* create those handlers that are neither for streams nor for datagrams."""
    original = impl.BaseRequestHandler.__init__
    files = (impl.StreamRequestHandler, impl.DatagramRequestHandler)

    def chosen(self, request, client_address, server):
        (original if isinstance(self, files) else init)(self, request, client_address, server)

    impl.BaseRequestHandler.__init__ = chosen


def _remember(self, request, client_address, server):
    self.request, self.client_address, self.server = request, client_address, server


@breaks("request-handlers.runs-setup-handle-finish")
def plain_handlers_are_set_up_twice(impl):
    """setup() of a plain handler is called once more, to be on the safe side."""

    def init(self, request, client_address, server):
        _remember(self, request, client_address, server)
        self.setup()
        self.setup()
        try:
            self.handle()
        finally:
            self.finish()

    _replace_init(impl, init)


@breaks("request-handlers.knows-request-client-and-server")
def attributes_are_set_after_setup(impl):
    """setup() of a plain handler runs before the handler knows what it is for."""

    def init(self, request, client_address, server):
        self.setup()
        _remember(self, request, client_address, server)
        try:
            self.handle()
        finally:
            self.finish()

    _replace_init(impl, init)


@breaks("request-handlers.knows-request-client-and-server")
def handlers_get_a_stand_in_for_the_server(impl):
    """What handlers know as their server is another object that passes everything on."""

    class StandIn:
        def __init__(self, server):
            self._server = server

        def __getattr__(self, name):
            return getattr(self._server, name)

    def finish_request(self, request, client_address):
        self.RequestHandlerClass(request, client_address, StandIn(self))

    impl.BaseServer.finish_request = finish_request


@breaks("request-handlers.default-steps-do-nothing")
def handle_is_abstract(impl):
    """A handler without handle() raises."""

    def handle(self):
        raise NotImplementedError

    impl.BaseRequestHandler.handle = handle


@breaks("request-handlers.failed-setup-skips-the-rest")
def finish_runs_after_a_failed_setup(impl):
    """The try begins one line too early."""

    def init(self, request, client_address, server):
        _remember(self, request, client_address, server)
        try:
            self.setup()
            self.handle()
        finally:
            self.finish()

    _replace_init(impl, init)


@breaks("request-handlers.failed-handle-is-finished")
def only_exceptions_are_finished(impl):
    """finish() is left out when handle() raises SystemExit or KeyboardInterrupt."""

    def init(self, request, client_address, server):
        _remember(self, request, client_address, server)
        self.setup()
        try:
            self.handle()
        except Exception:
            self.finish()
            raise
        self.finish()

    _replace_init(impl, init)


@breaks("request-handlers.failed-handle-is-finished")
def exceptions_of_handle_are_swallowed(impl):
    """What handle() raises goes nowhere, unless finish() raises, too."""

    def init(self, request, client_address, server):
        _remember(self, request, client_address, server)
        self.setup()
        try:
            self.handle()
        except BaseException:  # noqa: BLE001 - this is the defect
            self.finish()
        else:
            self.finish()

    _replace_init(impl, init)


@breaks("request-handlers.failed-finish-tells-the-cause")
def the_first_exception_is_forgotten(impl):
    """What finish() raises no longer tells that handle() had raised before."""

    def init(self, request, client_address, server):
        _remember(self, request, client_address, server)
        self.setup()
        raised = None
        try:
            self.handle()
        except BaseException as error:  # noqa: BLE001 - it is raised below
            raised = error
        self.finish()
        if raised is not None:
            raise raised

    _replace_init(impl, init)


@breaks("request-handlers.own-init-may-take-more")
def handlers_run_when_they_are_allocated(impl):
    """Everything happens in __new__(), which knows three arguments only."""
    original = impl.BaseRequestHandler.__init__

    def new(cls, request, client_address, server):
        self = object.__new__(cls)
        original(self, request, client_address, server)
        return self

    def init(self, *arguments):
        pass

    impl.BaseRequestHandler.__new__ = new
    impl.BaseRequestHandler.__init__ = init


@breaks("request-handlers.new-instance-for-each-request")
def handlers_are_used_again(impl):
    """A server keeps its first handler and initialises it anew for each request."""
    kept = []

    def finish_request(self, request, client_address):
        if kept and type(kept[0]) is self.RequestHandlerClass:
            kept[0].__init__(request, client_address, self)
        else:
            handler = self.RequestHandlerClass(request, client_address, self)
            kept[:] = [handler]

    impl.BaseServer.finish_request = finish_request


# -- StreamRequestHandler --------------------------------------------------------------------------------------------


def _after_setup(impl, change):
    """Let *change* have a stream handler after its setup()."""
    original = impl.StreamRequestHandler.setup

    def setup(self):
        original(self)
        change(self)

    impl.StreamRequestHandler.setup = setup


class _Wrapped(io.BufferedIOBase):
    """A writer that does what the wrapped one does."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)

    def flush(self):
        if not self.file.closed:
            self.file.flush()

    def fileno(self):
        return self.file.fileno()

    def close(self):
        self.file.close()
        super().close()


@breaks("request-handlers.connection-is-the-request")
def connection_is_a_duplicate(impl):
    """The connection is another socket for the same connection."""

    def change(self):
        self.connection = self.request.dup()

    def finish(self):
        original(self)
        self.connection.close()

    original = impl.StreamRequestHandler.finish
    _after_setup(impl, change)
    impl.StreamRequestHandler.finish = finish


@breaks("request-handlers.rfile-is-a-buffered-reader")
def rfile_is_raw(impl):
    """No buffer is behind rfile, which reads on until it has what it was asked for."""

    class Raw(socket.SocketIO):
        def read(self, size=-1):
            data = b""
            while size < 0 or len(data) < size:
                more = super().read(65536 if size < 0 else size - len(data))
                if not more:
                    break
                data += more
            return data

    def change(self):
        self.rfile.close()
        self.rfile = Raw(self.request, "r")
        self.request._io_refs += 1  # noqa: SLF001 - as socket.makefile() does

    _after_setup(impl, change)


@breaks("request-handlers.streams-may-be-cut-anyhow")
def rfile_reads_once(impl):
    """read(size) is content with what one look at the connection gives."""

    class Hasty(io.BufferedReader):
        def read(self, size=-1):
            return super().read(size) if size < 0 else self.read1(size)

    def change(self):
        self.rfile = Hasty(self.rfile.detach())

    _after_setup(impl, change)


@breaks("request-handlers.wfile-is-a-buffered-writer")
def wfile_is_a_mere_object(impl):
    """What wfile can do is to write and to be closed."""

    class Writer:
        closed = False

        def __init__(self, file):
            self.write, self.flush, self.fileno = file.write, file.flush, file.fileno
            self.file = file

        def close(self):
            self.closed = True
            self.file.close()

    def change(self):
        self.wfile = Writer(self.wfile)

    _after_setup(impl, change)


@breaks("request-handlers.write-sends-everything")
def large_writes_are_partial(impl):
    """Of much data only the first 500 kB are sent, and their number is what write() returns."""

    class Partial(_Wrapped):
        def write(self, data):
            return self.file.write(memoryview(data).cast("B")[:500000])

    def change(self):
        self.wfile = Partial(self.wfile)

    _after_setup(impl, change)


@breaks("request-handlers.write-returns-number-of-bytes")
def items_are_counted(impl):
    """write() returns the number of items."""

    class Counting(_Wrapped):
        def write(self, data):
            self.file.write(data)
            return len(data)

    def change(self):
        self.wfile = Counting(self.wfile)

    _after_setup(impl, change)


@breaks("request-handlers.write-is-sent-at-once")
def wfile_is_always_buffered(impl):
    """Nothing is sent before the buffer is full or wfile is closed."""

    def change(self):
        if self.wbufsize == 0:
            self.wfile = self.connection.makefile("wb", -1)

    _after_setup(impl, change)


@breaks("request-handlers.write-after-close-raises")
def closed_wfile_still_writes(impl):
    """What is written after close() is sent all the same."""

    class Open(_Wrapped):
        def write(self, data):
            if self.closed:
                self.request.sendall(data)
                return len(data)
            return self.file.write(data)

    def change(self):
        self.wfile = Open(self.wfile)
        self.wfile.request = self.request

    _after_setup(impl, change)


@breaks("request-handlers.closing-wfile-keeps-connection")
def closing_wfile_ends_the_stream(impl):
    """close() of wfile shuts the connection down for sending."""

    class Final(_Wrapped):
        def close(self):
            if not self.closed:
                super().close()
                with suppress(OSError):
                    self.request.shutdown(socket.SHUT_WR)

    def change(self):
        self.wfile = Final(self.wfile)
        self.wfile.request = self.request

    _after_setup(impl, change)


@breaks("request-handlers.buffered-output-is-sent-at-finish")
def buffered_output_is_dropped(impl):
    """What is in the buffer at the end is thrown away."""

    def finish(self):
        if self.wbufsize != 0:
            self.wfile.raw.close()
        self.wfile.close()
        self.rfile.close()

    impl.StreamRequestHandler.finish = finish


@breaks("request-handlers.files-are-closed-at-finish")
def rfile_stays_open(impl):
    """finish() closes wfile only."""

    def finish(self):
        with suppress(ValueError):  # the handler may have closed it
            self.wfile.flush()
        self.wfile.close()

    impl.StreamRequestHandler.finish = finish


@breaks("request-handlers.reset-with-output-left-is-quiet")
def output_for_nobody_is_an_error(impl):
    """finish() lets out what closing wfile raises."""

    def finish(self):
        self.wfile.close()
        self.rfile.close()

    impl.StreamRequestHandler.finish = finish


@breaks("request-handlers.timeout-is-set-on-connection")
def timeout_of_handlers_is_ignored(impl):
    """Whatever the handler's timeout, the connection keeps its own."""
    _hide_in_setup(impl, "timeout", None)


@breaks("request-handlers.timeout-is-set-on-connection")
def no_timeout_means_for_ever(impl):
    """A handler without a timeout takes away the one that the connection has."""

    def change(self):
        if self.timeout is None:
            self.connection.settimeout(None)

    _after_setup(impl, change)


@breaks("request-handlers.nagle-is-disabled-on-request")
def small_packets_are_always_delayed(impl):
    """disable_nagle_algorithm is ignored."""
    _hide_in_setup(impl, "disable_nagle_algorithm", False)


def _hide_in_setup(impl, name, value):
    """Let setup() see *value* where the handler has another."""
    original = impl.StreamRequestHandler.setup

    def setup(self):
        setattr(self, name, value)
        try:
            original(self)
        finally:
            delattr(self, name)

    impl.StreamRequestHandler.setup = setup


@breaks("request-handlers.nagle-flag-is-harmless-on-unix")
def nagle_is_disabled_for_all_families(impl):
    """disable_nagle_algorithm is passed on to sockets that know no such thing."""

    def change(self):
        if self.disable_nagle_algorithm:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)

    _after_setup(impl, change)


# -- one connection --------------------------------------------------------------------------------------------------


@breaks("request-handlers.request-is-a-connection")
def client_address_is_the_servers(impl):
    """Handlers are told the near end of the connection for the far one."""
    original = impl.TCPServer.get_request

    def get_request(self):
        request, _ = original(self)
        return request, request.getsockname()

    impl.TCPServer.get_request = get_request


def _instead_of_shutdown(impl, shutdown_request):
    """Let shutdown_request(original, server, request) end the requests of stream servers."""
    original = impl.TCPServer.shutdown_request

    def replaced(self, request):
        shutdown_request(original, self, request)

    datagrams = impl.UDPServer.shutdown_request
    impl.TCPServer.shutdown_request = replaced
    impl.UDPServer.shutdown_request = datagrams


def _has_unread(request):
    return request.fileno() >= 0 and bool(select.select([request], [], [], 0)[0])


@breaks("request-handlers.reply-is-whole-and-ends")
def requests_end_in_a_reset(impl):
    """Connections are broken off, with whatever of the reply is still on its way."""

    def shutdown_request(original, server, request):
        if request.fileno() >= 0 and not _has_unread(request):
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.close()
        original(server, request)

    _instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.copies-do-not-delay-the-end")
def requests_are_left_to_the_collector(impl):
    """Connections without unread input are closed only when nobody knows them any more."""

    def shutdown_request(original, server, request):
        if request.fileno() < 0 or _has_unread(request):
            original(server, request)

    _instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.unread-input-spoils-no-reply")
def no_farewell_to_those_who_still_talk(impl):
    """Connections with unread input are closed without being shut down, which resets them."""

    def shutdown_request(original, server, request):
        if _has_unread(request):
            request.close()
        else:
            original(server, request)

    _instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.copies-do-not-delay-the-end")
def no_farewell_to_those_who_are_silent(impl):
    """Connections without unread input are closed without being shut down, which leaves duplicates open."""

    def shutdown_request(original, server, request):
        if request.fileno() < 0 or _has_unread(request):
            original(server, request)
        else:
            server.close_request(request)

    _instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.half-closed-client-is-answered")
def half_closed_means_gone(impl):
    """Who has shut down its sending side is taken for gone."""
    original = impl.BaseServer.finish_request

    def finish_request(self, request, client_address):
        if isinstance(request, tuple) or not _is_half_closed(request):
            original(self, request, client_address)

    impl.BaseServer.finish_request = finish_request


def _is_half_closed(request):
    poll = select.poll()
    poll.register(request, select.POLLRDHUP)
    events = poll.poll(0)
    return bool(events) and not events[0][1] & (select.POLLHUP | select.POLLERR)


def _strict_shutdown(impl, lenient):
    """Let shutdown_request() raise where there is nothing to shut down, unless lenient(request)."""

    def shutdown_request(original, server, request):
        if not lenient(request):
            request.shutdown(socket.SHUT_WR)
        original(server, request)

    _instead_of_shutdown(impl, shutdown_request)


@breaks("request-handlers.handler-may-close-request")
def closed_requests_are_an_error(impl):
    """shutdown_request() raises when the handler has closed the request."""
    _strict_shutdown(impl, lenient=lambda request: request.fileno() >= 0)


@breaks("request-handlers.reset-client-stops-no-server")
def broken_connections_are_an_error(impl):
    """shutdown_request() raises when the client has broken the connection off."""
    _strict_shutdown(impl, lenient=lambda request: request.fileno() < 0)


# -- DatagramRequestHandler ------------------------------------------------------------------------------------------


@breaks("request-handlers.datagram-handler-has-packet")
def packets_are_text(impl):
    """The packet is text instead of bytes."""
    original = impl.DatagramRequestHandler.setup

    def setup(self):
        original(self)
        self.packet = self.packet.decode("latin-1")

    impl.DatagramRequestHandler.setup = setup


@breaks("request-handlers.datagram-reply-is-one-datagram")
def long_replies_are_cut_into_datagrams(impl):
    """What does not fit into one Ethernet frame is sent in several datagrams."""

    def finish(self):
        reply = self.wfile.getvalue()
        for start in range(0, max(1, len(reply)), 1472):
            self.socket.sendto(reply[start : start + 1472], self.client_address)

    impl.DatagramRequestHandler.finish = finish


@breaks("request-handlers.datagram-replies-do-not-mix")
def replies_pile_up(impl):
    """All handlers of a process write into one and the same file."""
    original = impl.DatagramRequestHandler.setup
    kept = []

    def setup(self):
        original(self)
        kept.append(self.wfile)
        self.wfile = kept[0]

    impl.DatagramRequestHandler.setup = setup


@breaks("request-handlers.silent-datagram-handler-replies")
def empty_replies_are_not_sent(impl):
    """Who writes nothing sends nothing."""
    original = impl.DatagramRequestHandler.finish

    def finish(self):
        if self.wfile.getvalue():
            original(self)

    impl.DatagramRequestHandler.finish = finish
