"""Ways not to handle requests simultaneously, or not as they end."""

import os
import threading

from conformance.ordering.defects.patching import in_single_calls_while_others_wait
from harness.host.breaking import breaks, instead_of, start_thread


@breaks("ordering.threads-overlap")
def the_loop_waits_for_each_thread(impl):
    """A thread for each request, but the next one begins only when it has ended."""

    def process_request(self, request, client_address):
        start_thread(self, request, client_address).join()

    impl.ThreadingMixIn.process_request = process_request


@breaks("ordering.threads-overlap")
def handle_request_waits_for_its_thread(impl):
    """While others wait, handle_request() returns only when the thread of its request has ended."""

    def wait_for_it(inherited, server, request, client_address):
        start_thread(server, request, client_address).join()

    in_single_calls_while_others_wait(impl, impl.ThreadingMixIn, wait_for_it)


@breaks("ordering.processes-overlap")
def the_loop_waits_for_each_process(impl):
    """A process for each request, but the next one begins only when it has ended."""
    inherited = impl.ForkingMixIn.process_request

    def process_request(self, request, client_address):
        inherited(self, request, client_address)
        for pid in self.active_children:
            wait_for_the_end_of(pid)

    impl.ForkingMixIn.process_request = process_request


@breaks("ordering.processes-overlap")
def handle_request_waits_for_its_child(impl):
    """While others wait, handle_request() returns only when all children have ended."""

    def wait_for_all(inherited, server, request, client_address):
        inherited(server, request, client_address)
        for pid in server.active_children:
            wait_for_the_end_of(pid)

    in_single_calls_while_others_wait(impl, impl.ForkingMixIn, wait_for_all)


def wait_for_the_end_of(pid):
    """Wait until a child has ended, and leave it to be collected."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


@breaks("ordering.slow-request-delays-no-other")
def requests_are_completed_in_order_of_arrival(impl):
    """Threads handle requests simultaneously, but close them in the order in which they came."""
    inherited = impl.ThreadingMixIn.process_request

    def process_request(self, request, client_address):
        earlier, done = getattr(self, "last", None), threading.Event()
        self.last = done
        self.turns = getattr(self, "turns", {})
        self.turns[client_address] = (earlier, done)
        inherited(self, request, client_address)

    def process_request_thread(self, request, client_address):
        earlier, done = self.turns[client_address]
        self.finish_request(request, client_address)
        if earlier is not None:
            earlier.wait()
        self.shutdown_request(request)
        done.set()

    impl.ThreadingMixIn.process_request = process_request
    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("ordering.slow-request-delays-no-other")
def at_the_limit_the_oldest_child_is_waited_for(impl):
    """A server that has max_children waits for the end of the one that has been at work longest."""
    inherited = impl.ForkingMixIn.process_request

    def process_request(self, request, client_address):
        inherited(self, request, client_address)
        known = getattr(self, "by_age", [])
        self.by_age = known + [pid for pid in self.active_children if pid not in known]

    impl.ForkingMixIn.process_request = process_request

    @instead_of(impl.ForkingMixIn, "service_actions")
    def wait_for_the_oldest(service_actions, self):
        children = [pid for pid in getattr(self, "by_age", []) if pid in self.active_children]
        if len(children) >= self.max_children > 1:
            wait_for_the_end_of(children[0])
        service_actions(self)
