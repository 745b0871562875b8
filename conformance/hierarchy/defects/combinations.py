"""Ways to break one class among many."""

import contextlib

from harness.host.breaking import breaks


@breaks("hierarchy.every-class-serves")
def one_combination_does_not_answer(impl):
    """ThreadingUnixStreamServer closes its connections unserved."""

    def finish(self, request, client_address):
        pass

    impl.ThreadingUnixStreamServer.finish_request = finish


@breaks("hierarchy.wrong-handler-is-reported")
def unfit_handlers_are_passed_over(impl):
    """finish_request() takes a handler that does not fit for one that has nothing to do."""
    finish_request = impl.BaseServer.finish_request

    def finish(self, request, client_address):
        with contextlib.suppress(AttributeError, TypeError):
            finish_request(self, request, client_address)

    impl.BaseServer.finish_request = finish
