"""Ways to get DatagramRequestHandler wrong."""

import sys

from harness.host.breaking import breaks


@breaks("request-handlers.datagram-handler-has-its-files")
def rfile_has_the_datagram_twice(impl):
    """What can be read is the datagram, and the datagram again."""
    original = impl.DatagramRequestHandler.setup

    def setup(self):
        original(self)
        self.rfile = type(self.rfile)(self.rfile.read() * 2)

    impl.DatagramRequestHandler.setup = setup


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


@breaks("request-handlers.datagram-reply-is-one-datagram")
def replies_fit_into_frames(impl):
    """Of a reply only as much is sent as fits into one Ethernet frame."""

    def finish(self):
        self.socket.sendto(self.wfile.getvalue()[:1472], self.client_address)

    impl.DatagramRequestHandler.finish = finish


@breaks("request-handlers.datagram-files-are-buffered")
def the_reply_is_collected_in_a_list(impl):
    """What wfile can do is to write pieces, and to join them."""
    original = impl.DatagramRequestHandler.setup

    class Pieces(list):
        def write(self, data):
            self.append(bytes(data))
            return len(self[-1])

        writelines = list.extend

        def writable(self):
            return True

        def getvalue(self):
            return b"".join(self)

    def setup(self):
        original(self)
        self.wfile = Pieces()

    impl.DatagramRequestHandler.setup = setup


@breaks("request-handlers.failed-datagram-handler-replies")
def failed_handlers_say_nothing(impl):
    """finish() sends nothing while an exception is on its way."""
    _send_only_if(impl, lambda self: sys.exc_info()[0] is None)


@breaks("request-handlers.closed-datagram-wfile-sends-nothing")
def closed_files_are_sent_empty(impl):
    """finish() takes a closed file for one into which nothing was written."""
    original = impl.DatagramRequestHandler.finish

    def finish(self):
        if self.wfile.closed:
            self.request[1].sendto(b"", self.client_address)
        else:
            original(self)

    impl.DatagramRequestHandler.finish = finish


def _send_only_if(impl, wanted):
    original = impl.DatagramRequestHandler.finish

    def finish(self):
        if wanted(self):
            original(self)

    impl.DatagramRequestHandler.finish = finish
