"""Ways to get the waiting wrong."""

import select
import threading
import time

from harness.host.breaking import breaks


@breaks("waiting.server-close-joins-threads")
def server_close_forgets_its_threads(impl):
    """server_close() closes the socket and leaves the threads behind."""

    def server_close(self):
        super(impl.ThreadingMixIn, self).server_close()

    impl.ThreadingMixIn.server_close = server_close


@breaks("waiting.server-close-joins-children")
def server_close_forgets_its_children(impl):
    """server_close() closes the socket and leaves the children behind."""

    def server_close(self):
        super(impl.ForkingMixIn, self).server_close()

    impl.ForkingMixIn.server_close = server_close


@breaks("waiting.server-close-obeys-block-on-close")
def block_on_close_is_always_true(impl):
    """Each request sets block_on_close to true."""
    for mix_in in (impl.ThreadingMixIn, impl.ForkingMixIn):
        _insist_on_blocking(mix_in, mix_in.process_request)


def _insist_on_blocking(mix_in, original):
    def process_request(self, request, client_address):
        self.block_on_close = True
        original(self, request, client_address)

    mix_in.process_request = process_request


@breaks("waiting.block-on-close-is-read-at-close")
def block_on_close_counts_as_it_was_at_the_start(impl):
    """A thread is waited for if block_on_close was true when it was started."""
    process_request, server_close = impl.ThreadingMixIn.process_request, impl.ThreadingMixIn.server_close

    def process_and_remember(self, request, client_address):
        self.wanted = self.block_on_close
        process_request(self, request, client_address)

    def close_as_remembered(self):
        self.block_on_close = getattr(self, "wanted", self.block_on_close)
        server_close(self)

    impl.ThreadingMixIn.process_request = process_and_remember
    impl.ThreadingMixIn.server_close = close_as_remembered


@breaks("waiting.server-close-leaves-daemons")
def server_close_joins_daemons(impl):
    """server_close() waits for every thread, daemons too."""
    server_close = impl.ThreadingMixIn.server_close

    def close_and_join(self):
        server_close(self)
        if self.block_on_close:
            _join_all(self)

    impl.ThreadingMixIn.server_close = close_and_join
    _take_note_of_threads(impl)


@breaks("waiting.server-close-stops-listening-first")
def server_close_listens_while_it_waits(impl):
    """server_close() waits for the threads first and then closes the socket."""
    server_close = impl.ThreadingMixIn.server_close

    def join_and_close(self):
        if self.block_on_close and not self.daemon_threads:
            _join_all(self)
        server_close(self)

    impl.ThreadingMixIn.server_close = join_and_close
    _take_note_of_threads(impl)


def _take_note_of_threads(impl):
    original = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        vars(self).setdefault("at_work", []).append(threading.current_thread())
        original(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


def _join_all(server):
    for thread in getattr(server, "at_work", []):
        if thread is not threading.current_thread():
            thread.join()


@breaks("waiting.server-close-sees-requests-closed")
def requests_are_closed_by_someone_else(impl):
    """A thread ends after its handler; another one closes the request, some time later."""

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:  # noqa: BLE001 - whatever a handler raises
            self.handle_error(request, client_address)
        finally:
            threading.Thread(target=close, args=(self, request), daemon=True).start()

    def close(self, request):
        time.sleep(0.05)
        self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("waiting.with-statement-waits-at-its-end")
def with_statement_only_closes_the_socket(impl):
    """The with statement ends in TCPServer's server_close(), whatever the mix-in has to add."""
    impl.BaseServer.__exit__ = lambda self, *_: impl.TCPServer.server_close(self)


@breaks("waiting.server-close-of-an-unused-server-returns")
def server_close_needs_children(impl):
    """server_close() counts the children even if there never was one."""
    server_close = impl.ForkingMixIn.server_close

    def count_and_close(self):
        len(self.active_children)
        server_close(self)

    impl.ForkingMixIn.server_close = count_and_close


@breaks("waiting.server-close-of-an-unused-server-returns")
def server_close_works_once(impl):
    """server_close() of a closed server raises ValueError."""
    server_close = impl.TCPServer.server_close

    def close_once(self):
        if self.socket.fileno() < 0:
            raise ValueError("the server is closed")
        server_close(self)

    impl.TCPServer.server_close = close_once


@breaks("waiting.exit-waits-for-threads")
def threads_are_daemons(impl):
    """daemon_threads is true unless somebody says otherwise."""
    impl.ThreadingMixIn.daemon_threads = True


@breaks("waiting.exit-leaves-daemons")
def daemons_have_a_guardian(impl):
    """For each daemon there is a thread, not a daemon, that waits for it."""
    original = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        own = threading.current_thread()
        threading.Thread(target=own.join, daemon=False).start()
        original(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


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
        _join_all(self)

    impl.ThreadingMixIn.shutdown = shutdown
    _take_note_of_threads(impl)


@breaks("waiting.shutdown-leaves-threads-and-children")
def shutdown_waits_for_children(impl):
    """shutdown() of a forking server also waits for its children."""

    def shutdown(self):
        super(impl.ForkingMixIn, self).shutdown()
        self.collect_children(blocking=True)

    impl.ForkingMixIn.shutdown = shutdown


@breaks("waiting.no-request-after-shutdown")
def loop_takes_one_more_request(impl):
    """The loop looks for a shutdown only before it polls, not after."""
    _replace_loop(impl, look_after_poll=False)


@breaks("waiting.poll-interval-limits-shutdown")
def loop_polls_without_limit(impl):
    """The loop waits for the next request, however long that takes."""
    _replace_loop(impl, limited=False)


@breaks("waiting.shutdown-wakes-the-loop")
def loop_sleeps_through_shutdown(impl):
    """The loop looks for a shutdown after each poll_interval."""
    _replace_loop(impl)


def _replace_loop(impl, look_after_poll=True, limited=True):
    def serve_forever(self, poll_interval=0.5):
        self.stops = False
        _ended(self).clear()
        while not self.stops:
            ready = select.select([self], [], [], *([poll_interval] if limited else []))[0]
            if self.stops and look_after_poll:
                break
            if ready:
                self.handle_request()
            self.service_actions()
        _ended(self).set()

    def shutdown(self):
        self.stops = True
        _ended(self).wait()

    impl.BaseServer.serve_forever = serve_forever
    impl.BaseServer.shutdown = shutdown


def _ended(server):
    return vars(server).setdefault("ended", threading.Event())


@breaks("waiting.shutdown-in-a-request-thread")
def shutdown_is_for_others(impl):
    """shutdown() refuses to be called by a handler."""

    def shutdown(self):
        if threading.current_thread() in getattr(self, "at_work", []):
            raise RuntimeError("a handler must not stop its server")
        super(impl.ThreadingMixIn, self).shutdown()

    impl.ThreadingMixIn.shutdown = shutdown
    _take_note_of_threads(impl)


@breaks("waiting.shutdown-in-the-loop-returns")
def shutdown_waits_for_its_own_loop(impl):
    """shutdown() waits for the loop even if the loop waits for it."""
    serve_forever, shutdown = impl.BaseServer.serve_forever, impl.BaseServer.shutdown

    def serve_and_say_where(self, poll_interval=0.5):
        self.loop = threading.current_thread()
        serve_forever(self, poll_interval)

    def shutdown_and_wait(self):
        if threading.current_thread() is getattr(self, "loop", None):
            threading.Event().wait()
        shutdown(self)

    impl.BaseServer.serve_forever = serve_and_say_where
    impl.BaseServer.shutdown = shutdown_and_wait


@breaks("waiting.shutdown-by-many-at-once")
def shutdown_lets_one_caller_return(impl):
    """Who calls shutdown() while another one does waits for ever."""
    shutdown = impl.BaseServer.shutdown

    def shutdown_for_one(self):
        if getattr(self, "stopping", False):
            threading.Event().wait()
        self.stopping = True
        shutdown(self)
        self.stopping = False

    impl.BaseServer.shutdown = shutdown_for_one


@breaks("waiting.serving-again-after-shutdown")
def loop_runs_once(impl):
    """serve_forever() returns at once when it has been called before."""
    serve_forever = impl.BaseServer.serve_forever

    def serve_once(self, poll_interval=0.5):
        if not getattr(self, "served", False):
            self.served = True
            serve_forever(self, poll_interval)

    impl.BaseServer.serve_forever = serve_once


@breaks("waiting.needless-shutdown-has-no-effect")
def needless_shutdown_is_remembered(impl):
    """A shutdown() that finds no loop after the first one ends the next."""
    serve_forever, shutdown = impl.BaseServer.serve_forever, impl.BaseServer.shutdown

    def serve_unless_stopped(self, poll_interval=0.5):
        if vars(self).get("serves") == "stopped":
            self.serves = "not"
            return
        self.serves = "now"
        serve_forever(self, poll_interval)
        self.serves = "not"

    def shutdown_or_remember(self):
        if vars(self).get("serves") == "not":
            self.serves = "stopped"
        else:
            shutdown(self)

    impl.BaseServer.serve_forever = serve_unless_stopped
    impl.BaseServer.shutdown = shutdown_or_remember


@breaks("waiting.shutdown-before-the-loop-is-remembered")
def early_shutdown_is_forgotten(impl):
    """shutdown() does nothing if serve_forever() was never called."""
    serve_forever, shutdown = impl.BaseServer.serve_forever, impl.BaseServer.shutdown

    def serve_and_say_so(self, poll_interval=0.5):
        self.has_served = True
        serve_forever(self, poll_interval)

    def shutdown_if_served(self):
        if getattr(self, "has_served", False):
            shutdown(self)

    impl.BaseServer.serve_forever = serve_and_say_so
    impl.BaseServer.shutdown = shutdown_if_served
