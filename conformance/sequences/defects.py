"""Ways to get wrong what follows on something else; each single step is right."""

import os
import select
import threading

from harness.host.breaking import breaks


def _somebody_waits(server):
    return server.fileno() >= 0 and bool(select.select([server], [], [], 0)[0])


def _send_away(server):
    """Take the request that has waited longest, and forget it."""
    request, _ = server.get_request()
    server.close_request(request)


def _count_loops(impl):
    """Count in `loops` how often each server has begun to serve for ever."""
    serve_forever = impl.BaseServer.serve_forever
    impl.BaseServer.loops = 0

    def serve_and_count(self, poll_interval=0.5):
        self.loops += 1
        serve_forever(self, poll_interval)

    impl.BaseServer.serve_forever = serve_and_count


@breaks("sequences.each-request-is-handled-once-in-any-sequence")
def single_requests_after_a_loop_have_two_handlers(impl):
    """Once a server has served for ever, what handle_request() takes is handled twice."""
    _count_loops(impl)
    handle_request, finish_request = impl.BaseServer.handle_request, impl.BaseServer.finish_request
    impl.BaseServer.handles_one = False

    def handle_one(self):
        self.handles_one = True
        try:
            return handle_request(self)
        finally:
            self.handles_one = False

    def finish_once_or_twice(self, request, client_address):
        try:
            finish_request(self, request, client_address)
        finally:
            if self.handles_one and self.loops:
                finish_request(self, request, client_address)

    impl.BaseServer.handle_request = handle_one
    impl.BaseServer.finish_request = finish_once_or_twice


@breaks("sequences.requests-are-taken-in-order-in-any-sequence")
def the_second_loop_takes_the_second_request_first(impl):
    """Of two requests that wait when a loop is begun again, the second is taken first."""
    _count_loops(impl)
    for server_class in (impl.TCPServer, impl.UDPServer):
        _take_the_second_first(server_class, server_class.get_request)


def _take_the_second_first(server_class, get_request):
    server_class.put_back = None

    def get_any_request(self):
        if self.put_back is not None:
            found, self.put_back = self.put_back, None
            return found
        first = get_request(self)
        if self.loops < 2 or not _somebody_waits(self):
            return first
        self.put_back = first
        return get_request(self)

    server_class.get_request = get_any_request


@breaks("sequences.each-request-is-closed-once-in-any-sequence")
def later_loops_leave_requests_open(impl):
    """From its second loop on, a server without a mix-in does not close the requests that it has handled."""
    _count_loops(impl)
    process_request = impl.BaseServer.process_request

    def process_and_keep(self, request, client_address):
        if self.loops > 1:
            self.kept = [*getattr(self, "kept", ()), request]
            self.finish_request(request, client_address)
        else:
            process_request(self, request, client_address)

    impl.BaseServer.process_request = process_and_keep


@breaks("sequences.those-who-wait-outlast-every-interruption")
def the_end_of_a_second_loop_empties_the_queue(impl):
    """When a server's loop ends for the second time, those who wait are sent away."""
    serve_forever = impl.BaseServer.serve_forever
    impl.BaseServer.loops = 0

    def serve_and_empty(self, poll_interval=0.5):
        serve_forever(self, poll_interval)
        self.loops += 1
        while self.loops == 2 and _somebody_waits(self):
            _send_away(self)

    impl.BaseServer.serve_forever = serve_and_empty


@breaks("sequences.two-servers-do-not-disturb-each-other")
def shutdown_stops_every_server(impl):
    """shutdown() ends the loops of all servers in the process."""
    serve_forever, shutdown = impl.BaseServer.serve_forever, impl.BaseServer.shutdown
    serving = set()

    def serve(self, poll_interval=0.5):
        serving.add(self)
        try:
            serve_forever(self, poll_interval)
        finally:
            serving.discard(self)

    def shutdown_all(self):
        for other in serving - {self}:
            threading.Thread(target=shutdown, args=[other], daemon=True).start()
        shutdown(self)

    impl.BaseServer.serve_forever = serve
    impl.BaseServer.shutdown = shutdown_all


@breaks("sequences.handle-request-takes-one-or-times-out-in-any-sequence")
def every_other_call_takes_two(impl):
    """Every other call of handle_request() goes on with the next request, if somebody waits."""
    handle_request = impl.BaseServer.handle_request
    impl.BaseServer.calls = 0

    def handle_one_or_two(self):
        self.calls += 1
        result = handle_request(self)
        if self.calls % 2 == 0 and _somebody_waits(self):
            result = handle_request(self)
        return result

    impl.BaseServer.handle_request = handle_one_or_two


@breaks("sequences.an-exit-ends-one-call-and-loses-nobody")
def an_exit_sends_the_next_one_away(impl):
    """When a handler's SystemExit ends the loop, the one who waits next is sent away."""
    serve_forever = impl.BaseServer.serve_forever

    def serve(self, poll_interval=0.5):
        try:
            serve_forever(self, poll_interval)
        except SystemExit:
            if _somebody_waits(self):
                _send_away(self)
            raise

    impl.BaseServer.serve_forever = serve


@breaks("sequences.a-closed-server-leaves-the-next-one-alone")
def a_server_closed_too_early_costs_the_next_its_first_visitor(impl):
    """After a server was closed while somebody waited, the next one sends its first visitor away."""
    server_close = impl.TCPServer.server_close
    owed = []

    def close_and_remember(self):
        if _somebody_waits(self):
            owed.append(self)
        server_close(self)

    impl.TCPServer.server_close = close_and_remember
    for owner in (impl.BaseServer, impl.ThreadingMixIn, impl.ForkingMixIn):
        _pay_what_is_owed(owner, owner.process_request, owed)


def _pay_what_is_owed(owner, process_request, owed):
    def process_or_send_away(self, request, client_address):
        if owed and owed[0] is not self:
            owed.clear()
            self.close_request(request)
        else:
            process_request(self, request, client_address)

    owner.process_request = process_or_send_away


@breaks("sequences.nothing-is-left-after-any-sequence")
def later_loops_leave_a_descriptor(impl):
    """Every loop of a server but its first leaves a descriptor open."""
    serve_forever = impl.BaseServer.serve_forever
    impl.BaseServer.loops = 0

    def serve_and_leave_one(self, poll_interval=0.5):
        self.loops += 1
        if self.loops > 1:
            os.dup(self.fileno())
        serve_forever(self, poll_interval)

    impl.BaseServer.serve_forever = serve_and_leave_one


@breaks("sequences.shutdown-without-a-loop-changes-nothing")
def a_shutdown_too_many_sends_somebody_away(impl):
    """A shutdown() that finds no loop sends away the one who has waited longest."""
    serve_forever, shutdown = impl.BaseServer.serve_forever, impl.BaseServer.shutdown
    impl.BaseServer.is_serving = impl.BaseServer.has_served = False

    def serve(self, poll_interval=0.5):
        self.is_serving = self.has_served = True
        try:
            serve_forever(self, poll_interval)
        finally:
            self.is_serving = False

    def shutdown_or_send_away(self):
        if self.has_served and not self.is_serving and _somebody_waits(self):
            _send_away(self)
        shutdown(self)

    impl.BaseServer.serve_forever = serve
    impl.BaseServer.shutdown = shutdown_or_send_away
