"""Ways to hold on to threads that have ended."""

import threading

from conformance.locking.defects.patching import after_closing
from harness.host.breaking import breaks


@breaks("locking.finished-threads-do-not-pile-up")
def bpo_37193_finished_threads_are_kept(impl):
    """The server holds on to every thread until it is closed, so that its memory grows without limit."""
    inherited = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        self.threads_so_far = [*getattr(self, "threads_so_far", []), threading.current_thread()]
        inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.idle-server-holds-no-threads")
def the_last_thread_is_kept(impl):
    """The server holds on to the thread that it started last."""
    inherited = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        self.last_thread = threading.current_thread()
        inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.threads-belong-to-one-server")
def all_servers_share_their_threads(impl):
    """server_close() waits for the threads of all servers."""
    inherited = impl.ThreadingMixIn.process_request_thread
    threads = []

    def process_request_thread(self, request, client_address):
        threads.append(threading.current_thread())
        inherited(self, request, client_address)
        threads.remove(threading.current_thread())

    def join_all(server):
        while threads:
            threads[0].join()

    after_closing(impl, join_all)
    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.finished-threads-do-not-pile-up")
def bpo_33540_threads_are_kept_though_not_waited_for(impl):
    """With block_on_close false the server holds on to threads for which it will not wait."""
    inherited = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        if not self.block_on_close:
            self.threads_so_far = [*getattr(self, "threads_so_far", []), threading.current_thread()]
        inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread
