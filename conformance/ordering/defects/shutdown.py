"""Ways to handle, or to lose, those who wait when the loop ends."""

import select

from conformance.ordering.defects.patching import count_requests, someone_waits
from harness.host.breaking import breaks


def after_each_loop(impl, act):
    """Let serve_forever() call act(server) before it returns."""
    inherited = impl.BaseServer.serve_forever

    def serve_forever(self, poll_interval=0.5):
        inherited(self, poll_interval)
        act(self)

    impl.BaseServer.serve_forever = serve_forever


@breaks("ordering.nothing-is-handled-after-shutdown")
def shutdown_after_three_requests_does_nothing(impl):
    """shutdown() returns immediately, and the loop goes on, if the server has taken three requests in."""
    count_requests(impl)
    inherited = impl.BaseServer.shutdown

    def shutdown(self):
        if self.taken_in < 3:
            inherited(self)

    impl.BaseServer.shutdown = shutdown


@breaks("ordering.pending-shutdown-takes-nothing")
def the_loop_handles_one_more_request(impl):
    """A loop that was told to stop still handles a request if one comes soon."""

    def handle_one_more(server):
        if select.select([server], [], [], 0.5)[0]:
            server.handle_request()

    after_each_loop(impl, handle_one_more)


@breaks("ordering.next-loop-serves-what-waits")
def the_queue_is_emptied_at_the_end_of_the_loop(impl):
    """A loop that was told to stop turns away who waits."""

    def turn_all_away(server):
        while someone_waits(server):
            request, _ = server.get_request()
            server.shutdown_request(request)

    after_each_loop(impl, turn_all_away)
