"""Ways to have the hooks of a request called by the wrong side, or in another order."""

import contextlib

from harness.host.breaking import breaks


@breaks("ordering.hooks-of-both-sides-keep-their-order")
def a_thread_reports_an_interrupt_as_a_mistake(impl):
    """KeyboardInterrupt in a request's thread goes to handle_error()."""

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except (Exception, KeyboardInterrupt):  # noqa: BLE001 - it is a mistake, and a likely one
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("ordering.hooks-of-both-sides-keep-their-order")
def a_child_keeps_a_mistake_to_itself(impl):
    """A child whose handler has failed does not call handle_error()."""

    def finish_request(self, request, client_address):
        with contextlib.suppress(Exception):
            super(impl.ForkingMixIn, self).finish_request(request, client_address)

    impl.ForkingMixIn.finish_request = finish_request
