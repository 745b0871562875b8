"""Ways to get the files and options of StreamRequestHandler wrong."""

import socket
from contextlib import suppress

from conformance.request_handlers.defects.patching import Wrapped, after_setup
from harness.host.breaking import breaks


@breaks("request-handlers.connection-is-the-request")
def connection_is_a_duplicate(impl):
    """The connection is another socket for the same connection."""

    def change(self):
        self.connection = self.request.dup()

    def finish(self):
        original(self)
        self.connection.close()

    original = impl.StreamRequestHandler.finish
    after_setup(impl, change)
    impl.StreamRequestHandler.finish = finish


@breaks("request-handlers.files-have-the-descriptor")
def rfile_has_a_descriptor_of_its_own(impl):
    """What rfile reads from is a duplicate of the connection."""

    def change(self):
        self.rfile.close()
        duplicate = self.request.dup()
        self.rfile = duplicate.makefile("rb", self.rbufsize)
        duplicate.close()  # when rfile is

    after_setup(impl, change)


@breaks("request-handlers.files-may-be-closed-by-the-handler")
def closed_files_are_an_error(impl):
    """finish() flushes wfile, whether it is closed or not."""
    original = impl.StreamRequestHandler.finish

    def finish(self):
        if self.rfile.closed:
            self.wfile.flush()
            raise ValueError("flush of closed file")
        original(self)

    impl.StreamRequestHandler.finish = finish


@breaks("request-handlers.buffered-output-waits")
def a_buffer_is_never_used(impl):
    """Whatever wbufsize says, what is written is sent."""

    class Impatient(Wrapped):
        def write(self, data):
            written = super().write(data)
            self.file.flush()
            return written

    def change(self):
        self.wfile = Impatient(self.wfile)

    after_setup(impl, change)


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

    after_setup(impl, change)


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

    after_setup(impl, change)


@breaks("request-handlers.write-returns-number-of-bytes")
def items_are_counted(impl):
    """write() returns the number of items."""

    class Counting(Wrapped):
        def write(self, data):
            self.file.write(data)
            return len(data)

    def change(self):
        self.wfile = Counting(self.wfile)

    after_setup(impl, change)


@breaks("request-handlers.write-after-close-raises")
def closed_wfile_still_writes(impl):
    """What is written after close() is sent all the same."""

    class Open(Wrapped):
        def write(self, data):
            if self.closed:
                self.request.sendall(data)
                return len(data)
            return self.file.write(data)

    def change(self):
        self.wfile = Open(self.wfile)
        self.wfile.request = self.request

    after_setup(impl, change)


@breaks("request-handlers.closing-wfile-keeps-connection")
def closing_wfile_ends_the_stream(impl):
    """close() of wfile shuts the connection down for sending."""

    class Final(Wrapped):
        def close(self):
            if not self.closed:
                super().close()
                with suppress(OSError):
                    self.request.shutdown(socket.SHUT_WR)

    def change(self):
        self.wfile = Final(self.wfile)
        self.wfile.request = self.request

    after_setup(impl, change)


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
def bpo_14574_a_lost_client_is_an_error(impl):
    """finish() let out what flushing wfile raises when the client is gone, and left rfile open."""

    def finish(self):
        self.wfile.close()
        self.rfile.close()

    impl.StreamRequestHandler.finish = finish
