"""Ways to get large transfers wrong."""

import socket

from harness.host.breaking import breaks

LIMIT = 5 << 20  # bytes


@breaks("request-handlers.large-transfers-are-whole")
def connections_send_five_megabytes(impl):
    """Of what a connection is given to send at once it takes five megabytes."""
    original = impl.TCPServer.get_request

    class Limited(socket.socket):
        __slots__ = ()

        def sendall(self, data, *flags):
            super().sendall(memoryview(data).cast("B")[:LIMIT], *flags)

    def get_request(self):
        request, client_address = original(self)
        if type(request) is socket.socket:
            request.__class__ = Limited
        return request, client_address

    impl.TCPServer.get_request = get_request
