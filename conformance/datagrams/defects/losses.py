"""Datagrams that wait together, and those that are lost, repeated or reordered on the way."""

from conformance.datagrams.defects.patching import another_waits, change_requests
from harness.host.breaking import breaks


@breaks("datagrams.one-sender-is-served-in-order")
def later_datagram_overtakes(impl):
    """Of two datagrams that wait together, the second is handled first."""
    original = impl.UDPServer.get_request

    def get_request(self):
        first = original(self)
        if another_waits(self):
            self.process_request(*original(self))
        return first

    impl.UDPServer.get_request = get_request


@breaks("datagrams.overflow-only-loses")
def second_datagram_overwrites_the_first(impl):
    """Of two datagrams that wait together, the second is handled twice and the first not at all."""
    original = impl.UDPServer.get_request

    def get_request(self):
        request = original(self)
        if another_waits(self):
            request = original(self)
            self.process_request(*request)
        return request

    impl.UDPServer.get_request = get_request


@breaks("datagrams.lossy-network-is-tolerated")
def repeated_datagrams_are_ignored(impl):
    """A datagram like the one before is taken for a copy that the network made, and ignored."""
    latest = []

    def change(server, data, client_address):
        if latest == [(data, client_address)]:
            raise OSError("a copy")
        latest[:] = [(data, client_address)]
        return data, client_address

    change_requests(impl, change)


@breaks("datagrams.retries-get-through")
def third_copy_is_ignored(impl):
    """A client that sends the same for the third time in a row is not listened to."""
    latest = {}

    def change(server, data, client_address):
        before, times = latest.get(client_address, (None, 0))
        times = times + 1 if data == before else 1
        latest[client_address] = data, times
        if times >= 3:
            raise OSError("too many copies")
        return data, client_address

    change_requests(impl, change)
