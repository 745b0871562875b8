"""Ways to get the order wrong."""

import os
import select
import threading

from harness.host.breaking import breaks


def someone_waits(server):
    """Tell whether a request is waiting to be taken in."""
    return bool(select.select([server], [], [], 0)[0])


def mark_loops(impl):
    """Let servers know, by is_looping, whether serve_forever() runs."""
    inherited = impl.BaseServer.serve_forever

    def serve_forever(self, poll_interval=0.5):
        self.is_looping = True
        try:
            inherited(self, poll_interval)
        finally:
            self.is_looping = False

    impl.BaseServer.is_looping = False
    impl.BaseServer.serve_forever = serve_forever


def in_a_thread(function, *arguments, patience=None):
    """Call *function* in a thread of its own, wait for it as long as *patience* lasts, and raise what it raised."""
    raised = []

    def run():
        try:
            function(*arguments)
        except BaseException as error:  # noqa: BLE001 - the caller is told, whatever it was
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(patience)
    if raised:
        raise raised[0]


def after_each_loop(impl, act):
    """Let serve_forever() call act(server) before it returns."""
    inherited = impl.BaseServer.serve_forever

    def serve_forever(self, poll_interval=0.5):
        inherited(self, poll_interval)
        act(self)

    impl.BaseServer.serve_forever = serve_forever


@breaks("ordering.requests-never-overlap")
def the_loop_does_not_wait_for_handlers(impl):
    """serve_forever() handles each request in a thread, handle_request() does not."""
    mark_loops(impl)
    inherited = impl.BaseServer.process_request

    def process_request(self, request, client_address):
        if self.is_looping:
            threading.Thread(target=inherited, args=(self, request, client_address), daemon=True).start()
        else:
            inherited(self, request, client_address)

    impl.BaseServer.process_request = process_request


@breaks("ordering.handle-request-completes-its-request")
def handle_request_leaves_slow_handlers_behind(impl):
    """handle_request() returns when it has waited for its handler for a hundredth of a second."""
    inherited = impl.BaseServer.process_request

    def process_request(self, request, client_address):
        if getattr(self, "is_looping", False):
            inherited(self, request, client_address)
        else:
            in_a_thread(inherited, self, request, client_address, patience=0.01)

    mark_loops(impl)
    impl.BaseServer.process_request = process_request


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
def a_thread_for_each_request_and_the_loop_waits_for_it(impl):
    """The handler runs in a thread, and the loop waits for its end."""
    inherited = impl.BaseServer.process_request

    def process_request(self, request, client_address):
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


def handle_newest_first(impl, server_class):
    """Let the loop take in all that wait and handle the newest first."""
    mark_loops(impl)
    inherited = impl.BaseServer.process_request

    def process_request(self, request, client_address):
        self.pile = getattr(self, "pile", [])
        self.pile.append((request, client_address))
        while self.pile and not (self.is_looping and someone_waits(self)):
            inherited(self, *self.pile.pop())

    server_class.process_request = process_request


@breaks("ordering.connections-in-order-of-arrival")
def newest_connection_first(impl):
    """The connection that came last is handled first."""
    impl.UDPServer.process_request = impl.BaseServer.process_request
    handle_newest_first(impl, impl.TCPServer)


@breaks("ordering.datagrams-in-order-of-arrival")
def newest_datagram_first(impl):
    """The datagram that came last is handled first."""
    handle_newest_first(impl, impl.UDPServer)


@breaks("ordering.handle-request-takes-the-oldest")
def handle_request_takes_the_newest(impl):
    """handle_request(), but for the first call, handles the newest of all that wait; others wait for later calls."""
    inherited = impl.BaseServer.handle_request

    def handle_request(self):
        is_first, self.pile = not hasattr(self, "pile"), getattr(self, "pile", [])
        if is_first or (not self.pile and not someone_waits(self)):
            return inherited(self)
        while someone_waits(self):
            self.pile.append(self.get_request())
        request, client_address = self.pile.pop()
        if self.verify_request(request, client_address):
            self.process_request(request, client_address)
        else:
            self.shutdown_request(request)
        return None

    impl.BaseServer.handle_request = handle_request


@breaks("ordering.mixed-visits-keep-the-order")
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


@breaks("ordering.mixed-visits-keep-the-order")
def a_refusal_costs_the_next_request(impl):
    """Who comes after a refused request is turned away, too."""
    for server_class in (impl.TCPServer, impl.UDPServer):
        server_class.get_request = _and_count(server_class.get_request)
    inherited = impl.BaseServer.process_request

    def process_request(self, request, client_address):
        refused = self.taken_in - getattr(self, "processed", 0) - 1
        self.processed = self.taken_in
        if refused:
            self.shutdown_request(request)
        else:
            inherited(self, request, client_address)

    impl.BaseServer.process_request = process_request


def _and_count(inherited):
    def get_request(self):
        self.taken_in = getattr(self, "taken_in", 0) + 1
        return inherited(self)

    return get_request


@breaks("ordering.one-handler-for-each-request")
def two_handlers_for_the_fourth_request(impl):
    """The fourth request of each server is handled twice."""
    handle_the_fourth(impl, times=2)


@breaks("ordering.one-handler-for-each-request")
def the_fourth_request_is_forgotten(impl):
    """The fourth request of each server is closed unhandled."""
    handle_the_fourth(impl, times=0)


def handle_the_fourth(impl, times):
    """Let each server handle its fourth request so many times; earlier ones may not show what later ones do."""
    inherited = impl.BaseServer.finish_request

    def finish_request(self, request, client_address):
        self.finished = getattr(self, "finished", 0) + 1
        for _ in range(times if self.finished == 4 else 1):
            inherited(self, request, client_address)

    impl.BaseServer.finish_request = finish_request


@breaks("ordering.no-handler-for-refused-requests")
def refusals_are_ignored(impl):
    """What verify_request() says does not matter."""
    for server_class in (impl.TCPServer, impl.UDPServer):
        server_class.get_request = _and_accept(server_class.get_request)


def _and_accept(inherited):
    def get_request(self):
        self.verify_request = _accept
        return inherited(self)

    return get_request


def _accept(request, client_address):
    return True


@breaks("ordering.taken-in-order-of-arrival")
def the_newest_connection_is_accepted_first(impl):
    """The server accepts all that wait, and looks at the newest first."""
    inherited = impl.TCPServer.get_request

    def get_request(self):
        self.pile = [inherited(self)]
        while someone_waits(self):
            self.pile.append(inherited(self))
        return self.pile.pop()

    def service_actions(self):
        while getattr(self, "pile", None):
            request, client_address = self.pile.pop()
            if self.verify_request(request, client_address):
                self.process_request(request, client_address)

    impl.TCPServer.get_request = get_request
    impl.TCPServer.service_actions = service_actions
    impl.UDPServer.service_actions = impl.BaseServer.service_actions


@breaks("ordering.threads-overlap")
def the_loop_waits_for_each_thread(impl):
    """A thread for each request, but the next one begins only when it has ended."""

    def process_request(self, request, client_address):
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address))
        thread.start()
        thread.join()

    impl.ThreadingMixIn.process_request = process_request


@breaks("ordering.processes-overlap")
def the_loop_waits_for_each_process(impl):
    """A process for each request, but the next one begins only when it has ended."""
    inherited = impl.ForkingMixIn.process_request

    def process_request(self, request, client_address):
        inherited(self, request, client_address)
        for pid in self.active_children:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    impl.ForkingMixIn.process_request = process_request


@breaks("ordering.slow-request-delays-no-other")
def requests_are_completed_in_order_of_arrival(impl):
    """Threads handle requests at once, but close them in the order in which they came."""
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


@breaks("ordering.nothing-is-handled-after-shutdown")
def shutdown_does_nothing(impl):
    """shutdown() returns at once, and the loop goes on."""

    def shutdown(self):
        pass

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
