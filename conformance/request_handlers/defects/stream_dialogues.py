"""Ways to get wrong what goes through the files of StreamRequestHandler."""

import io
import socket

from conformance.request_handlers.defects.patching import Wrapped, after_setup
from harness.host.breaking import breaks


@breaks("request-handlers.streams-may-be-cut-anyhow")
def rfile_reads_once(impl):
    """read(size) is content with what one look at the connection gives."""

    class Hasty(io.BufferedReader):
        def read(self, size=-1):
            return super().read(size) if size < 0 else self.read1(size)

    def change(self):
        self.rfile = Hasty(self.rfile.detach())

    after_setup(impl, change)


@breaks("request-handlers.write-sends-everything")
def large_writes_are_partial(impl):
    """Of much data only the first 500 kB are sent, and their number is what write() returns."""

    class Partial(Wrapped):
        def write(self, data):
            return self.file.write(memoryview(data).cast("B")[:500000])

    def change(self):
        self.wfile = Partial(self.wfile)

    after_setup(impl, change)


@breaks("request-handlers.write-sends-everything")
def bpo_26721_one_send_is_all(impl):
    """Without a buffer, write() sent what one send() took: a part only with a timeout, or when a signal came."""

    class Raw(Wrapped):
        def write(self, data):
            return self.request.send(data)

    def change(self):
        if self.wbufsize == 0:
            self.wfile = Raw(self.wfile)
            self.wfile.request = self.request

    after_setup(impl, change)


@breaks("request-handlers.write-sends-everything")
def signals_end_a_write(impl):
    """A write that a signal interrupts is not taken up again."""

    class Raw(Wrapped):
        def write(self, data):
            if self.request.gettimeout() is not None:
                return self.file.write(data)
            return self.request.send(data)

    def change(self):
        if self.wbufsize == 0:
            self.wfile = Raw(self.wfile)
            self.wfile.request = self.request

    after_setup(impl, change)


@breaks("request-handlers.write-is-sent-at-once")
def wfile_is_always_buffered(impl):
    """Nothing is sent before the buffer is full or wfile is closed."""

    def change(self):
        if self.wbufsize == 0:
            self.wfile = self.connection.makefile("wb", -1)

    after_setup(impl, change)


@breaks("request-handlers.nagle-flag-is-harmless-on-unix")
def nagle_is_disabled_for_all_families(impl):
    """disable_nagle_algorithm is passed on to sockets that know no such thing."""

    def change(self):
        if self.disable_nagle_algorithm:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)

    after_setup(impl, change)
