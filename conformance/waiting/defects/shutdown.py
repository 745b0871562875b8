"""Ways to get wrong whom shutdown() waits for, and what it keeps from happening."""

import select
import threading
import time

from conformance.waiting.defects.patching import join_all, take_note_of_threads
from harness.host.breaking import breaks


@breaks("waiting.shutdown-waits-for-the-loop")
def shutdown_waits_for_handlers_only(impl):
    """shutdown() does not wait while the loop does something else than running a handler."""
    _shut_down_without_waiting(impl, lambda server: not getattr(server, "handling", False))


@breaks("waiting.shutdown-waits-for-the-request-in-progress")
def shutdown_does_not_wait_for_handlers(impl):
    """shutdown() does not wait while the loop runs a handler."""
    _shut_down_without_waiting(impl, lambda server: getattr(server, "handling", False))


def _shut_down_without_waiting(impl, in_this_case):
    shutdown, finish_request = impl.BaseServer.shutdown, impl.BaseServer.finish_request

    def shutdown_or_only_start_it(self):
        if in_this_case(self):
            threading.Thread(target=shutdown, args=(self,), daemon=True).start()
        else:
            shutdown(self)

    def finish_and_say_so(self, request, client_address):
        self.handling = True
        try:
            finish_request(self, request, client_address)
        finally:
            self.handling = False

    impl.BaseServer.shutdown = shutdown_or_only_start_it
    impl.BaseServer.finish_request = finish_and_say_so


@breaks("waiting.no-service-actions-after-shutdown")
def loop_has_last_words(impl):
    """serve_forever() calls service_actions() once more when shutdown() has returned."""
    serve_forever = impl.BaseServer.serve_forever

    def serve_and_speak(self, poll_interval=0.5):
        serve_forever(self, poll_interval)
        time.sleep(0.05)
        self.service_actions()

    impl.BaseServer.serve_forever = serve_and_speak


@breaks("waiting.shutdown-leaves-threads-and-children")
def shutdown_waits_for_threads(impl):
    """shutdown() of a threading server also waits for its threads."""

    def shutdown(self):
        super(impl.ThreadingMixIn, self).shutdown()
        join_all(self)

    impl.ThreadingMixIn.shutdown = shutdown
    take_note_of_threads(impl)


@breaks("waiting.shutdown-leaves-threads-and-children")
def shutdown_waits_for_children(impl):
    """shutdown() of a forking server also waits for its children."""

    def shutdown(self):
        super(impl.ForkingMixIn, self).shutdown()
        self.collect_children(blocking=True)

    impl.ForkingMixIn.shutdown = shutdown


@breaks("waiting.no-request-after-shutdown")
def bpo_35017_loop_takes_one_more_request(impl):
    """The loop looks for a shutdown only before it polls, not after."""
    _replace_loop(impl, look_after_poll=False)


@breaks("waiting.poll-interval-limits-shutdown")
def loop_waits_for_its_first_request_without_limit(impl):
    """The loop looks for a shutdown after each poll_interval only when it has handled a request."""
    _replace_loop(impl, limited=False)


@breaks("waiting.shutdown-wakes-the-loop")
def loop_sleeps_through_shutdown(impl):
    """The loop looks for a shutdown after each poll_interval."""
    _replace_loop(impl)


def _replace_loop(impl, look_after_poll=True, limited=True):
    def serve_forever(self, poll_interval=0.5):
        self.stops = False
        _ended(self).clear()
        limit = poll_interval if limited else None
        while not self.stops:
            ready = select.select([self], [], [], limit)[0]
            if self.stops and look_after_poll:
                break
            if ready:
                self.handle_request()
                limit = poll_interval
            self.service_actions()
        _ended(self).set()

    def shutdown(self):
        self.stops = True
        _ended(self).wait()

    impl.BaseServer.serve_forever = serve_forever
    impl.BaseServer.shutdown = shutdown


def _ended(server):
    return vars(server).setdefault("ended", threading.Event())
