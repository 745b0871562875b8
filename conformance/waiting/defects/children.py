"""Ways to get wrong for which children server_close() waits."""

from harness.host.breaking import breaks


@breaks("waiting.server-close-joins-children")
def bpo_31151_server_close_forgets_its_children(impl):
    """server_close() closes the socket and leaves the children behind, as zombies later."""

    def server_close(self):
        super(impl.ForkingMixIn, self).server_close()

    impl.ForkingMixIn.server_close = server_close
