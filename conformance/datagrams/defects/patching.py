"""What several of these defects use."""

import select


def change_requests(impl, change):
    """Let change(server, data, client_address) say what get_request() of datagram servers returns."""
    original = impl.UDPServer.get_request

    def get_request(self):
        (data, near_end), client_address = original(self)
        data, client_address = change(self, data, client_address)
        return (data, near_end), client_address

    impl.UDPServer.get_request = get_request


def another_waits(server):
    """Tell whether one more datagram is there."""
    return bool(select.select([server.socket], [], [], 0)[0])
