"""Ways to get server_close() wrong, whatever the requests run in."""

from harness.host.breaking import breaks


@breaks("waiting.server-close-obeys-block-on-close")
def bpo_33540_server_close_always_waits(impl):
    """There is no way to keep server_close() from waiting: each request sets block_on_close to true."""
    for mix_in in (impl.ThreadingMixIn, impl.ForkingMixIn):
        _insist_on_blocking(mix_in, mix_in.process_request)


def _insist_on_blocking(mix_in, original):
    def process_request(self, request, client_address):
        self.block_on_close = True
        original(self, request, client_address)

    mix_in.process_request = process_request


@breaks("waiting.with-statement-waits-at-its-end")
def with_statement_only_closes_the_socket(impl):
    """The with statement ends in TCPServer's server_close(), whatever the mix-in has to add."""
    impl.BaseServer.__exit__ = lambda self, *_: impl.TCPServer.server_close(self)


@breaks("waiting.server-close-of-an-unused-server-returns")
def server_close_needs_children(impl):
    """A second server_close() counts the children even if there never was one."""
    server_close = impl.ForkingMixIn.server_close

    def count_and_close(self):
        if self.fileno() < 0:
            len(self.active_children)
        server_close(self)

    impl.ForkingMixIn.server_close = count_and_close


@breaks("waiting.server-close-of-an-unused-server-returns")
def server_close_works_once(impl):
    """server_close() of a closed server raises ValueError."""
    server_close = impl.TCPServer.server_close

    def close_once(self):
        if self.socket.fileno() < 0:
            raise ValueError("the server is closed")
        server_close(self)

    impl.TCPServer.server_close = close_once
