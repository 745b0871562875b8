"""Full queues of Unix sockets."""

import contextlib
import socket

from conformance.datagrams.defects.patching import another_waits
from harness.host.breaking import breaks


@breaks("datagrams.unix-senders-wait")
def tenth_in_a_row_is_lost(impl):
    """Of ten datagrams that wait in a Unix server's queue, one is thrown away to gain time."""
    original = impl.UDPServer.get_request

    def get_request(self):
        self.row = getattr(self, "row", 0) + 1 if another_waits(self) else 0
        if self.row == 10:
            self.socket.recv(self.max_packet_size)
        request = original(self)
        if not another_waits(self):
            self.row = 0
        return request

    impl.UnixDatagramServer.get_request = get_request


@breaks("datagrams.busy-network-loses-no-reply")
def replies_never_wait(impl):
    """A reply over UDP is sent at once or not at all."""

    def finish(self):
        with contextlib.suppress(BlockingIOError):
            if self.client_address:
                self.socket.sendto(self.wfile.getvalue(), socket.MSG_DONTWAIT, self.client_address)

    impl.DatagramRequestHandler.finish = finish


@breaks("datagrams.full-client-stops-no-server")
def replies_wait_until_the_client_reads(impl):
    """A reply to a Unix client is sent as soon as the client has room for it, whoever else waits."""

    def finish(self):
        if self.client_address:
            self.socket.sendto(self.wfile.getvalue(), self.client_address)

    impl.DatagramRequestHandler.finish = finish
