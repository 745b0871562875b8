"""Ways to let requests be too many, or leave too much behind."""

import threading

from harness.host.breaking import breaks


@breaks("locking.threads-are-not-limited")
def at_most_fifty_handlers_at_a_time(impl):
    """The next handler waits until one of fifty has ended."""
    inherited = impl.ThreadingMixIn.process_request_thread
    places = threading.Semaphore(50)

    def process_request_thread(self, request, client_address):
        with places:
            inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.nothing-grows-with-requests")
def all_addresses_are_kept(impl):
    """The server remembers by whom it was ever visited."""
    inherited = impl.ThreadingMixIn.process_request
    visited = []

    def process_request(self, request, client_address):
        visited.append([client_address])
        inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request = process_request
