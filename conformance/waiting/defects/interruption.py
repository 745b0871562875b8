"""Ways to get interrupted waits wrong."""

from harness.host.breaking import breaks


@breaks("waiting.interrupted-close-can-be-repeated")
def only_the_first_server_close_waits(impl):
    """server_close() forgets its threads and children before it has waited for them; so it is in CPython since 3.7."""
    for mix_in in (impl.ThreadingMixIn, impl.ForkingMixIn):
        _wait_once(mix_in, mix_in.server_close)


def _wait_once(mix_in, server_close):
    def close_and_wait_once(self):
        if getattr(self, "has_waited", False):
            super(mix_in, self).server_close()
            return
        self.has_waited = True
        server_close(self)

    mix_in.server_close = close_and_wait_once
