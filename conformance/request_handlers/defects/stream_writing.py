"""Ways to get writing to StreamRequestHandler.wfile wrong."""

from conformance.request_handlers.defects.patching import Wrapped, after_setup
from harness.host.breaking import breaks


@breaks("request-handlers.write-refuses-what-is-not-bytes")
def text_is_encoded(impl):
    """write() takes text as well."""

    class Encoding(Wrapped):
        def write(self, data):
            return super().write(data.encode() if isinstance(data, str) else data)

    _wrap(impl, Encoding)


@breaks("request-handlers.gaps-in-memory-are-not-written")
def gaps_are_written_too(impl):
    """write() sends what lies between the gaps, and in them."""

    class Careless(Wrapped):
        def write(self, data):
            has_gaps = isinstance(data, memoryview) and not data.c_contiguous
            return super().write(data.obj if has_gaps else data)

    _wrap(impl, Careless)


@breaks("request-handlers.wfile-refuses-reading-and-seeking")
def wfile_pretends_to_be_seekable(impl):
    """seek() and truncate() of wfile do nothing."""

    class Pretending(Wrapped):
        def seek(self, offset, whence=0):
            return 0

        def truncate(self, size=None):
            return 0

    _wrap(impl, Pretending)


@breaks("request-handlers.buffered-output-is-sent-at-finish")
def flush_does_nothing(impl):
    """What is flushed is sent when the file is closed, and not before."""

    class Late(Wrapped):
        def flush(self):
            pass

    _wrap(impl, Late, only_if=lambda handler: handler.wbufsize != 0)


def _wrap(impl, wrapper, only_if=lambda handler: True):
    """Let *wrapper* be around the wfile of handlers."""

    def change(self):
        if only_if(self):
            self.wfile = wrapper(self.wfile)

    after_setup(impl, change)


@breaks("request-handlers.full-buffer-is-sent")
def buffers_are_larger_than_asked_for(impl):
    """The buffer of wfile has room for a megabyte."""

    def change(self):
        if self.wbufsize > 1:
            self.wfile.close()
            self.wfile = self.connection.makefile("wb", 1 << 20)

    after_setup(impl, change)


@breaks("request-handlers.reset-without-output-left-is-quiet")
def finish_looks_for_the_client(impl):
    """finish() of an unbuffered handler is sure that the client is still there."""
    original = impl.StreamRequestHandler.finish

    def finish(self):
        original(self)
        if self.wbufsize == 0:
            self.connection.getpeername()

    impl.StreamRequestHandler.finish = finish


@breaks("request-handlers.files-of-failed-setup-are-closed")
def files_of_failed_setup_are_forgotten(impl):
    """Whoever fails in setup() has to close what he opened."""
    original = impl.BaseRequestHandler.__init__

    def init(self, request, client_address, server):
        if not isinstance(self, impl.StreamRequestHandler):
            original(self, request, client_address, server)
            return
        self.request, self.client_address, self.server = request, client_address, server
        self.setup()
        try:
            self.handle()
        finally:
            self.finish()

    impl.BaseRequestHandler.__init__ = init
