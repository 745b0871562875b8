"""What a closed server keeps, and what a closed socket does to a server."""

from conformance.datagrams.defects.patching import another_waits
from harness.host.breaking import breaks


@breaks("datagrams.closed-server-refuses-datagrams")
def closed_server_keeps_a_copy_of_its_socket(impl):
    """A server that has handled something keeps its address when it is closed, in case of a restart."""
    get_request = impl.UDPServer.get_request
    server_close = impl.UDPServer.server_close
    used, copies = set(), []

    def remember(self):
        used.add(self)
        return get_request(self)

    def keep(self):
        if self in used:
            copies.append(self.socket.dup())
        server_close(self)

    impl.UDPServer.get_request = remember
    impl.UDPServer.server_close = keep


@breaks("datagrams.closing-drops-what-waits")
def what_waits_is_left_to_the_successor(impl):
    """server_close() takes out what waits, and the next server at the address begins with it."""
    get_request = impl.UDPServer.get_request
    server_close = impl.UDPServer.server_close
    left = {}

    def take_out(self):
        while self.fileno() >= 0 and another_waits(self):
            left.setdefault(self.server_address, []).append(self.socket.recvfrom(self.max_packet_size))
        server_close(self)

    def begin_with_it(self):
        if not left.get(self.server_address):
            return get_request(self)
        data, client_address = left[self.server_address].pop(0)
        return (data, self.socket), client_address

    impl.UDPServer.server_close = take_out
    impl.UDPServer.get_request = begin_with_it


@breaks("datagrams.closing-the-request-closes-the-server")
def closed_server_pretends_to_have_handled_one(impl):
    """handle_request() of a closed server returns at once."""
    original = impl.BaseServer.handle_request

    def handle_request(self):
        return None if self.fileno() < 0 else original(self)

    impl.UDPServer.handle_request = handle_request


@breaks("datagrams.a-child-closes-its-own-copy")
def short_requests_are_not_worth_a_child(impl):
    """Datagrams of five bytes or less are handled by the server's own process."""
    original = impl.ForkingMixIn.process_request

    def process_request(self, request, client_address):
        is_short = isinstance(request, tuple) and len(request[0]) <= 5
        process = impl.BaseServer.process_request if is_short else original
        process(self, request, client_address)

    impl.ForkingMixIn.process_request = process_request
