"""What a datagram becomes."""

from conformance.datagrams.defects.patching import another_waits, change_requests
from harness.host.breaking import breaks


@breaks("datagrams.closing-the-request-closes-the-server")
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

    change_requests(impl, change)


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
        while 0 < len(data) < 8 and another_waits(server):
            data += server.socket.recv(server.max_packet_size)
        return data, client_address

    change_requests(impl, change)


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


@breaks("datagrams.server-socket-stays-open")
def failed_requests_take_the_socket_with_them(impl):
    """A request that has failed is closed, although its socket is the server's."""

    def handle_error(self, request, client_address):
        impl.BaseServer.handle_error(self, request, client_address)
        request[1].close()

    impl.UDPServer.handle_error = handle_error


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
