"""Ways to get wrong when the flags count that say for whom server_close() waits."""

from conformance.waiting.defects.patching import join_all, take_note_of_threads
from harness.host.breaking import breaks


@breaks("waiting.daemon-flag-counts-as-it-was-at-the-start")
def server_close_waits_for_nobody_if_daemons_are_wanted_now(impl):
    """server_close() does not wait if daemon_threads is true when it is called."""
    server_close = impl.ThreadingMixIn.server_close

    def close_and_perhaps_wait(self):
        if self.daemon_threads:
            super(impl.ThreadingMixIn, self).server_close()
        else:
            server_close(self)

    impl.ThreadingMixIn.server_close = close_and_perhaps_wait


@breaks("waiting.daemon-flag-counts-as-it-was-at-the-start")
def server_close_joins_former_daemons(impl):
    """server_close() waits for daemons if daemon_threads is false when it is called."""
    server_close = impl.ThreadingMixIn.server_close

    def close_and_join(self):
        server_close(self)
        if self.block_on_close and not self.daemon_threads:
            join_all(self)

    impl.ThreadingMixIn.server_close = close_and_join
    take_note_of_threads(impl)


@breaks("waiting.block-on-close-set-late-waits")
def who_was_not_to_be_waited_for_never_is(impl):
    """Once a request came while block_on_close was false, server_close() does not wait."""
    for mix_in in (impl.ThreadingMixIn, impl.ForkingMixIn):
        _remember_unwanted(mix_in, mix_in.process_request, mix_in.server_close)


def _remember_unwanted(mix_in, process_request, server_close):
    def process_and_remember(self, request, client_address):
        self.unwanted = not self.block_on_close
        process_request(self, request, client_address)

    def close_as_remembered(self):
        if getattr(self, "unwanted", False):
            self.block_on_close = False
        server_close(self)

    mix_in.process_request = process_and_remember
    mix_in.server_close = close_as_remembered
