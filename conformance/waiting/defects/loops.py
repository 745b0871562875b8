"""Ways to get wrong loops that begin, loops that never were, and several loops of one server."""

import mmap
import os
import threading

from harness.host.breaking import breaks


@breaks("waiting.shutdown-without-a-loop-returns")
def mitmproxy_2335_shutdown_waits_for_a_loop_that_never_was(impl):
    """Before the first loop has ended shutdown() waits for it, even if it never begins."""
    serve_forever, shutdown = impl.BaseServer.serve_forever, impl.BaseServer.shutdown

    def serve_and_say_so(self, poll_interval=0.5):
        try:
            serve_forever(self, poll_interval)
        finally:
            _first_end(self).set()

    def shutdown_and_wait(self):
        shutdown(self)
        _first_end(self).wait()

    impl.BaseServer.serve_forever = serve_and_say_so
    impl.BaseServer.shutdown = shutdown_and_wait


def _first_end(server):
    return vars(server).setdefault("first_end", threading.Event())


@breaks("waiting.shutdown-of-a-loop-that-begins")
def shutdown_is_lost_on_a_loop_that_begins(impl):
    """A shutdown() that comes between the call of serve_forever() and its loop has no effect."""
    serve_forever, shutdown = impl.BaseServer.serve_forever, impl.BaseServer.shutdown

    def begin_and_serve(self, poll_interval=0.5):
        self.begins = True
        self.fileno()
        self.begins = False
        serve_forever(self, poll_interval)

    def shutdown_if_begun(self):
        if not getattr(self, "begins", False):
            shutdown(self)

    impl.BaseServer.serve_forever = begin_and_serve
    impl.BaseServer.shutdown = shutdown_if_begun


@breaks("waiting.shutdown-stops-every-loop")
def each_shutdown_is_for_one_loop(impl):
    """Of several loops only the one that notices a shutdown() first ends."""
    serve_forever, shutdown = impl.BaseServer.serve_forever, impl.BaseServer.shutdown

    def serve_until_chosen(self, poll_interval=0.5):
        chosen = False
        while not chosen:
            serve_forever(self, poll_interval)
            chosen = _stops(self).acquire(blocking=False) or self.fileno() < 0

    def shutdown_one(self):
        _stops(self).release()
        shutdown(self)

    impl.BaseServer.serve_forever = serve_until_chosen
    impl.BaseServer.shutdown = shutdown_one


def _stops(server):
    return vars(server).setdefault("stops", threading.Semaphore(0))


@breaks("waiting.shutdown-stops-every-loop")
def shutdown_waits_for_the_first_end(impl):
    """shutdown() returns when the first of several loops has ended."""
    serve_forever, shutdown = impl.BaseServer.serve_forever, impl.BaseServer.shutdown

    def serve_and_count(self, poll_interval=0.5):
        self.loops = getattr(self, "loops", 0) + 1
        _first_end(self).clear()
        try:
            serve_forever(self, poll_interval)
        finally:
            self.loops -= 1
            _first_end(self).set()

    def shutdown_and_wait_for_one(self):
        if getattr(self, "loops", 0) < 2:
            shutdown(self)
            return
        threading.Thread(target=shutdown, args=(self,), daemon=True).start()
        _first_end(self).wait()

    impl.BaseServer.serve_forever = serve_and_count
    impl.BaseServer.shutdown = shutdown_and_wait_for_one


@breaks("waiting.loops-share-the-requests")
def the_request_at_hand_is_an_attribute(impl):
    """The server handles the request that it took in last, in whatever loop."""
    finish_request = impl.BaseServer.finish_request

    def finish_the_latest(self, request, client_address):
        finish_request(self, *self.latest)

    for server_class in (impl.TCPServer, impl.UDPServer):
        _remember_the_latest(server_class, server_class.get_request)
    impl.BaseServer.finish_request = finish_the_latest


def _remember_the_latest(server_class, get_request):
    def get_and_remember(self):
        self.latest = get_request(self)
        return self.latest

    server_class.get_request = get_and_remember


@breaks("waiting.shutdown-in-a-child-leaves-the-loop")
def a_child_can_stop_its_parent(impl):
    """The flag that ends the loop is in memory that children share with their parent."""
    process_request, service_actions = impl.ForkingMixIn.process_request, impl.ForkingMixIn.service_actions

    def share_and_process(self, request, client_address):
        if "shared" not in vars(self):
            self.shared, self.parent = mmap.mmap(-1, 1), os.getpid()
        process_request(self, request, client_address)

    def raise_the_flag(self):
        if os.getpid() != getattr(self, "parent", os.getpid()):
            self.shared[0] = 1
        super(impl.ForkingMixIn, self).shutdown()

    def look_at_the_flag(self):
        service_actions(self)
        if "shared" in vars(self) and self.shared[0]:
            raise SystemExit

    impl.ForkingMixIn.process_request = share_and_process
    impl.ForkingMixIn.shutdown = raise_the_flag
    impl.ForkingMixIn.service_actions = look_at_the_flag


@breaks("waiting.shutdown-in-a-child-returns")
def a_child_waits_for_the_loop_of_its_parent(impl):
    """shutdown() in a child waits for a loop that does not run there."""
    process_request = impl.ForkingMixIn.process_request

    def remember_and_process(self, request, client_address):
        self.parent = os.getpid()
        process_request(self, request, client_address)

    def shutdown_and_wait(self):
        if os.getpid() != getattr(self, "parent", os.getpid()):
            threading.Event().wait()
        super(impl.ForkingMixIn, self).shutdown()

    impl.ForkingMixIn.process_request = remember_and_process
    impl.ForkingMixIn.shutdown = shutdown_and_wait
