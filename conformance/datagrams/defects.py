"""Ways to get datagrams wrong."""

import select
import socket
import sys

from harness.host.breaking import breaks


def _change_requests(impl, change):
    """Let change(server, data, client_address) say what get_request() of datagram servers returns."""
    original = impl.UDPServer.get_request

    def get_request(self):
        (data, near_end), client_address = original(self)
        data, client_address = change(self, data, client_address)
        return (data, near_end), client_address

    impl.UDPServer.get_request = get_request


def _another_waits(server):
    return bool(select.select([server.socket], [], [], 0)[0])


@breaks("datagrams.request-is-data-and-socket")
def socket_of_request_is_a_duplicate(impl):
    """The request holds a duplicate of the server's socket."""
    original = impl.UDPServer.get_request
    duplicates = []

    def get_request(self):
        (data, near_end), client_address = original(self)
        duplicates.append(near_end.dup())
        return (data, duplicates[-1]), client_address

    impl.UDPServer.get_request = get_request


@breaks("datagrams.request-is-data-and-socket")
def data_of_request_is_a_bytearray(impl):
    """The data can be changed."""

    def change(server, data, client_address):
        return bytearray(data), client_address

    _change_requests(impl, change)


@breaks("datagrams.each-datagram-is-one-request")
def first_datagram_of_a_client_is_handled_twice(impl):
    """A client that was not seen before is served twice."""
    original = impl.BaseServer.finish_request
    seen = set()

    def finish_request(self, request, client_address):
        original(self, request, client_address)
        if isinstance(request, tuple) and client_address not in seen:
            seen.add(client_address)
            original(self, request, client_address)

    impl.BaseServer.finish_request = finish_request


@breaks("datagrams.boundaries-are-kept")
def waiting_datagrams_are_joined(impl):
    """Datagrams of less than 8 bytes are joined with what waits behind them, to save work."""

    def change(server, data, client_address):
        while 0 < len(data) < 8 and _another_waits(server):
            data += server.socket.recv(server.max_packet_size)
        return data, client_address

    _change_requests(impl, change)


@breaks("datagrams.any-bytes-arrive-unchanged")
def zeros_at_the_end_are_lost(impl):
    """Data ends before its last zero bytes, as text does in C."""

    def change(server, data, client_address):
        return data.rstrip(b"\0"), client_address

    _change_requests(impl, change)


@breaks("datagrams.any-bytes-arrive-unchanged")
def large_datagrams_are_cut_to_64000(impl):
    """The buffer never has more than 64000 bytes."""

    def change(server, data, client_address):
        return data[:64000], client_address

    _change_requests(impl, change)


@breaks("datagrams.empty-datagram-is-a-request")
def empty_datagrams_are_taken_for_an_end(impl):
    """No data is taken for the end of a stream."""

    def change(server, data, client_address):
        if not data:
            raise OSError("end of stream")
        return data, client_address

    _change_requests(impl, change)


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


@breaks("datagrams.long-datagram-is-cut")
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


@breaks("datagrams.replies-go-to-the-asker")
def first_client_is_taken_for_all(impl):
    """Of clients whose datagrams wait together, the first gets all replies."""
    crowd = []

    def change(server, data, client_address):
        first = crowd[0] if crowd else client_address
        crowd[:] = [first] if _another_waits(server) else []
        return data, first

    _change_requests(impl, change)


@breaks("datagrams.replies-come-from-the-server")
def replies_leave_through_another_socket(impl):
    """The server's socket only receives; what is sent through it leaves from another port."""
    original = impl.TCPServer.server_bind

    class ReceivingSocket(socket.socket):
        def sendto(self, *arguments):
            with socket.socket(self.family, self.type) as other:
                return other.sendto(*arguments)

    def server_bind(self):
        family, kind = self.socket.family, self.socket.type
        self.socket = ReceivingSocket(family, kind, 0, fileno=self.socket.detach())
        original(self)

    impl.UDPServer.server_bind = server_bind


@breaks("datagrams.one-sender-is-served-in-order")
def later_datagram_overtakes(impl):
    """Of two datagrams that wait together, the second is handled first."""
    original = impl.UDPServer.get_request

    def get_request(self):
        first = original(self)
        if _another_waits(self):
            self.process_request(*original(self))
        return first

    impl.UDPServer.get_request = get_request


@breaks("datagrams.overflow-only-loses")
def second_datagram_overwrites_the_first(impl):
    """Of two datagrams that wait together, the second is handled twice and the first not at all."""
    original = impl.UDPServer.get_request

    def get_request(self):
        request = original(self)
        if _another_waits(self):
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

    _change_requests(impl, change)


@breaks("datagrams.vanished-client-stops-no-server")
def unreachable_clients_are_an_error(impl):
    """handle_error() of datagram servers lets out what the system says about the client's address."""
    original = impl.BaseServer.handle_error

    def handle_error(self, request, client_address):
        original(self, request, client_address)
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            raise error

    impl.UDPServer.handle_error = handle_error


@breaks("datagrams.rejected-datagram-is-dropped")
def rejected_datagrams_are_handled(impl):
    """A datagram that verify_request() rejects is handled all the same."""
    original = impl.UDPServer.get_request

    def get_request(self):
        request, client_address = original(self)
        if not self.verify_request(request, client_address):
            self.process_request(request, client_address)
        return request, client_address

    impl.UDPServer.get_request = get_request


@breaks("datagrams.server-socket-stays-open")
def requests_take_the_socket_with_them(impl):
    """The end of a request closes its socket, which is the server's."""

    def close_request(self, request):
        request[1].close()

    impl.UDPServer.close_request = close_request


@breaks("datagrams.hooks-get-the-pair")
def methods_get_a_list(impl):
    """On its way to the handler the request is a list."""
    get_request = impl.UDPServer.get_request
    finish_request = impl.BaseServer.finish_request

    def get_list(self):
        request, client_address = get_request(self)
        return list(request), client_address

    def finish_pair(self, request, client_address):
        finish_request(self, tuple(request), client_address)

    impl.UDPServer.get_request = get_list
    impl.UDPServer.finish_request = finish_pair


@breaks("datagrams.unbound-client-has-no-address")
def no_address_is_an_empty_path(impl):
    """The client_address of a client without a name is an empty text, as for stream servers."""

    def change(server, data, client_address):
        return data, client_address or ""

    _change_requests(impl, change)


@breaks("datagrams.unbound-client-is-no-error")
def replies_to_nobody_are_an_error(impl):
    """A reply without an address is sent, and fails."""

    def finish(self):
        self.socket.sendto(self.wfile.getvalue(), self.client_address)

    impl.DatagramRequestHandler.finish = finish
