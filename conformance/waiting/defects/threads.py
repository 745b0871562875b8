"""Ways to get wrong for which threads server_close() waits."""

import threading
import time

from conformance.waiting.defects.patching import join_all, take_note_of_threads
from harness.host.breaking import breaks


@breaks("waiting.server-close-joins-threads")
def bpo_31233_server_close_forgets_its_threads(impl):
    """server_close() closes the socket and leaves the threads behind."""

    def server_close(self):
        super(impl.ThreadingMixIn, self).server_close()

    impl.ThreadingMixIn.server_close = server_close


@breaks("waiting.block-on-close-is-read-at-close")
def block_on_close_counts_as_it_was_at_the_start(impl):
    """A thread is waited for if block_on_close was true when it was started; so it is in CPython since 3.8."""
    process_request, server_close = impl.ThreadingMixIn.process_request, impl.ThreadingMixIn.server_close

    def process_and_remember(self, request, client_address):
        self.wanted = self.block_on_close
        process_request(self, request, client_address)

    def close_as_remembered(self):
        self.block_on_close = getattr(self, "wanted", self.block_on_close)
        server_close(self)

    impl.ThreadingMixIn.process_request = process_and_remember
    impl.ThreadingMixIn.server_close = close_as_remembered


@breaks("waiting.server-close-leaves-daemons")
def server_close_joins_daemons(impl):
    """server_close() waits for every thread, daemons too."""
    server_close = impl.ThreadingMixIn.server_close

    def close_and_join(self):
        server_close(self)
        if self.block_on_close:
            join_all(self)

    impl.ThreadingMixIn.server_close = close_and_join
    take_note_of_threads(impl)


@breaks("waiting.server-close-stops-listening-first")
def server_close_listens_while_it_waits(impl):
    """server_close() waits for the threads first and then closes the socket."""
    server_close = impl.ThreadingMixIn.server_close

    def join_and_close(self):
        if self.block_on_close and not self.daemon_threads:
            join_all(self)
        server_close(self)

    impl.ThreadingMixIn.server_close = join_and_close
    take_note_of_threads(impl)


@breaks("waiting.server-close-sees-requests-closed")
def requests_are_closed_by_someone_else(impl):
    """A thread ends after its handler; another one closes the request, some time later."""

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:  # noqa: BLE001 - whatever a handler raises
            self.handle_error(request, client_address)
        finally:
            threading.Thread(target=close, args=(self, request), daemon=True).start()

    def close(self, request):
        time.sleep(0.05)
        self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread
