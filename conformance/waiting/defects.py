"""Ways to get the waiting wrong."""

from harness.host.breaking import breaks


@breaks("waiting.server-close-joins-threads")
def server_close_forgets_its_threads(impl):
    """server_close() closes the socket and leaves the handlers behind."""
    impl.ThreadingMixIn.server_close = impl.BaseServer.server_close
