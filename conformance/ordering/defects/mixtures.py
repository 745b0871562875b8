"""Ways to move, repeat or drop requests beside those that fail or are refused."""

from conformance.ordering.defects.patching import count_requests, handle, mark_loops, someone_waits
from harness.host.breaking import breaks, intercept


@breaks("ordering.mixed-visits-keep-the-order")
def a_refusal_lets_the_next_but_one_overtake(impl):
    """Who comes after a refused request is put back behind the next one."""
    count_requests(impl)
    for owner in (impl.BaseServer, impl.ThreadingMixIn, impl.ForkingMixIn):
        _let_the_next_but_one_overtake(owner, owner.process_request)


def _let_the_next_but_one_overtake(owner, inherited):
    def process_request(self, request, client_address):
        refused = self.taken_in - getattr(self, "processed", 0) - 1
        self.processed = self.taken_in
        if refused and someone_waits(self):
            handle(self, *self.get_request())
            self.processed = self.taken_in
        inherited(self, request, client_address)

    owner.process_request = process_request


@breaks("ordering.mixed-visits-lose-nobody")
def a_failure_costs_the_next_request(impl):
    """After a handler has failed, the next request is closed unhandled."""
    inherited = impl.BaseServer.process_request

    def process_request(self, request, client_address):
        if getattr(self, "in_trouble", False):
            self.in_trouble = False
            self.shutdown_request(request)
            return
        try:
            inherited(self, request, client_address)
        except Exception:
            self.in_trouble = True
            raise

    impl.BaseServer.process_request = process_request


@breaks("ordering.mixed-visits-lose-nobody")
def a_refusal_costs_the_next_request(impl):
    """Who comes after a refused request is turned away, too."""
    turn_away_after_a_refusal(impl, impl.BaseServer)


@breaks("ordering.mixed-visits-lose-nobody")
def a_refusal_costs_the_next_thread(impl):
    """Who comes after a refused request has no thread, and is turned away, too."""
    turn_away_after_a_refusal(impl, impl.ThreadingMixIn)


@breaks("ordering.mixed-visits-lose-nobody")
def a_refusal_costs_the_next_child(impl):
    """Who comes after a refused request has no child, and is turned away, too."""
    turn_away_after_a_refusal(impl, impl.ForkingMixIn)


def turn_away_after_a_refusal(impl, owner):
    """Let process_request() of *owner* close a request unhandled if the one before it was refused."""
    count_requests(impl)
    inherited = owner.process_request

    def process_request(self, request, client_address):
        refused = self.taken_in - getattr(self, "processed", 0) - 1
        self.processed = self.taken_in
        if refused:
            self.shutdown_request(request)
        else:
            inherited(self, request, client_address)

    owner.process_request = process_request


@breaks("ordering.one-handler-for-each-request")
def the_request_that_fills_a_long_queue_has_two_handlers(impl):
    """With room for more than five, the request whose number is request_queue_size is handled twice."""
    handle_what_fills_a_long_queue(impl, times=2)


@breaks("ordering.one-handler-for-each-request")
def the_request_that_fills_a_long_queue_is_forgotten(impl):
    """With room for more than five, the request whose number is request_queue_size is closed unhandled."""
    handle_what_fills_a_long_queue(impl, times=0)


def handle_what_fills_a_long_queue(impl, times):
    """Let each server handle one of its later requests so many times; earlier ones may not show what that does."""
    inherited = impl.BaseServer.finish_request

    def finish_request(self, request, client_address):
        self.finished = getattr(self, "finished", 0) + 1
        for _ in range(times if self.finished == getattr(self, "request_queue_size", 0) > 5 else 1):
            inherited(self, request, client_address)

    impl.BaseServer.finish_request = finish_request


@breaks("ordering.no-handler-for-refused-requests")
def a_second_refusal_is_ignored(impl):
    """What verify_request() says does not matter once a loop has refused a request."""
    mark_loops(impl)

    @intercept(impl, "verify_request")
    def heed_one_refusal(server, verify_request):
        def verify_and_count(request, client_address):
            verdict = verify_request(request, client_address)
            if verdict or not server.is_looping:
                return verdict
            server.refusals = getattr(server, "refusals", 0) + 1
            return server.refusals > 1

        return verify_and_count
