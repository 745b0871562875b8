"""What becomes of the data."""

import socket

from conformance.datagrams.defects.patching import change_requests
from harness.host.breaking import breaks


@breaks("datagrams.any-bytes-arrive-unchanged")
def zeros_at_the_end_are_lost(impl):
    """Data ends before its last zero bytes, as text does in C."""

    def change(server, data, client_address):
        return data.rstrip(b"\0"), client_address

    change_requests(impl, change)


@breaks("datagrams.max-packet-size-may-change")
def large_datagrams_are_cut_to_64000(impl):
    """The buffer never has more than 64000 bytes."""

    def change(server, data, client_address):
        return data[:64000], client_address

    change_requests(impl, change)


@breaks("datagrams.empty-datagram-is-a-request")
def empty_datagrams_are_taken_for_an_end(impl):
    """No data is taken for the end of a stream."""

    def change(server, data, client_address):
        if not data:
            raise OSError("end of stream")
        return data, client_address

    change_requests(impl, change)


@breaks("datagrams.long-datagram-is-cut")
def rest_of_long_datagrams_follows(impl):
    """What did not fit into the first request becomes another one."""
    process_request = impl.UDPServer.process_request

    def get_request(self):
        data, client_address = self.socket.recvfrom(70000)
        self.rest = data[self.max_packet_size :]
        return (data[: self.max_packet_size], self.socket), client_address

    def process_both(self, request, client_address):
        process_request(self, request, client_address)
        if self.rest:
            process_request(self, (self.rest, self.socket), client_address)

    impl.UDPServer.get_request = get_request
    impl.UDPServer.process_request = process_both


@breaks("datagrams.default-size-is-8192")
def default_size_is_one_less(impl):
    """max_packet_size is 8191."""
    impl.UDPServer.max_packet_size = 8191


@breaks("datagrams.max-packet-size-may-change")
def first_size_is_kept(impl):
    """A server goes on with the max_packet_size that it had at its first request."""
    original = impl.UDPServer.get_request
    sizes = {}

    def get_request(self):
        self.max_packet_size = sizes.setdefault(id(self), self.max_packet_size)
        return original(self)

    impl.UDPServer.get_request = get_request


@breaks("datagrams.size-zero-takes-nothing")
def size_zero_is_taken_for_unlimited(impl):
    """A max_packet_size of 0 says that there is no limit."""
    original = impl.UDPServer.get_request

    def get_request(self):
        if self.max_packet_size:
            return original(self)
        data, client_address = self.socket.recvfrom(70000)
        return (data, self.socket), client_address

    impl.UDPServer.get_request = get_request


@breaks("datagrams.size-zero-takes-nothing")
def size_zero_leaves_the_datagram_where_it_is(impl):
    """What has no data to be handled is not taken out of the queue."""
    original = impl.UDPServer.get_request

    def get_request(self):
        if self.max_packet_size:
            return original(self)
        client_address = self.socket.recvfrom(1, socket.MSG_PEEK)[1]
        return (b"", self.socket), client_address

    impl.UDPServer.get_request = get_request
