"""Ways to get DatagramRequestHandler wrong."""

from harness.host.breaking import breaks


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
