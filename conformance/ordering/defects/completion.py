"""Ways not to complete one request before the next."""

import sys
import threading

from conformance.ordering.defects.patching import (
    in_a_thread,
    in_single_calls_while_others_wait,
    mark_loops,
    someone_waits,
)
from harness.host.breaking import breaks


@breaks("ordering.requests-never-overlap")
def the_loop_does_not_wait_for_handlers(impl):
    """serve_forever() handles a request in a thread when another one waits."""
    mark_loops(impl)
    inherited = impl.BaseServer.process_request

    def process_request(self, request, client_address):
        if self.is_looping and someone_waits(self):
            threading.Thread(target=inherited, args=(self, request, client_address), daemon=True).start()
        else:
            inherited(self, request, client_address)

    impl.BaseServer.process_request = process_request


@breaks("ordering.handle-request-completes-its-request")
def handle_request_leaves_slow_handlers_behind(impl):
    """While others wait, handle_request() gives its handler a hundredth of a second and returns."""

    def leave_it_behind(*inherited_and_arguments):
        in_a_thread(*inherited_and_arguments, patience=0.01)

    in_single_calls_while_others_wait(impl, impl.BaseServer, leave_it_behind)


@breaks("ordering.handle-request-completes-its-request")
def handle_request_handles_all_that_wait(impl):
    """handle_request() goes on as long as requests are waiting."""
    inherited = impl.BaseServer.handle_request

    def handle_request(self):
        inherited(self)
        while someone_waits(self):
            inherited(self)

    impl.BaseServer.handle_request = handle_request


@breaks("ordering.handlers-run-in-serving-thread")
def from_the_third_request_on_handlers_have_a_thread_that_is_waited_for(impl):
    """The first two handlers run in the thread that serves, the others in threads for which that waits."""
    inherited = impl.BaseServer.process_request

    def process_request(self, request, client_address):
        self.processed = getattr(self, "processed", 0) + 1
        if self.processed < 3:
            inherited(self, request, client_address)
        else:
            in_a_thread(inherited, self, request, client_address)

    impl.BaseServer.process_request = process_request


@breaks("ordering.closed-before-next-is-taken")
def requests_are_closed_one_request_later(impl):
    """A request stays open until the next one has been handled, if that waits already."""

    def process_request(self, request, client_address):
        self.finish_request(request, client_address)
        earlier = getattr(self, "open_request", None)
        self.open_request = request if someone_waits(self) else None
        for each in (earlier, None if self.open_request else request):
            if each is not None:
                self.shutdown_request(each)

    impl.BaseServer.process_request = process_request


@breaks("ordering.closed-before-next-is-taken")
def interrupted_requests_are_closed_with_the_next(impl):
    """A request whose handler KeyboardInterrupt has ended while others wait stays open until the next is closed."""
    for server_class in (impl.TCPServer, impl.UDPServer):
        server_class.shutdown_request = _shutdown_without_haste(server_class.shutdown_request)


def _shutdown_without_haste(inherited):
    def shutdown_request(self, request):
        if isinstance(sys.exc_info()[1], KeyboardInterrupt) and someone_waits(self):
            self.left_open = request
            return
        left_open, self.left_open = getattr(self, "left_open", None), None
        for each in (request, left_open):
            if each is not None:
                inherited(self, each)

    return shutdown_request
