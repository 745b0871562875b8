"""Ways to get threads and what they share wrong."""

import copy
import queue
import threading

from harness.host.breaking import breaks


def start_thread(server, request, client_address):
    """Start the thread of a request as ThreadingMixIn does, and return it."""
    thread = threading.Thread(target=server.process_request_thread, args=(request, client_address))
    thread.daemon = server.daemon_threads
    thread.start()
    return thread


# -- whose thread does what --------------------------------------------------------------------------------------------


@breaks("locking.thread-for-each-request")
def handlers_run_in_the_serving_thread(impl):
    """process_request() does all the work itself."""

    def process_request(self, request, client_address):
        self.process_request_thread(request, client_address)

    impl.ThreadingMixIn.process_request = process_request


@breaks("locking.thread-for-each-request")
def one_thread_for_all_requests(impl):
    """One thread per server handles one request after another."""

    def process_request(self, request, client_address):
        if not hasattr(self, "work"):
            self.work = queue.Queue()
            threading.Thread(target=work, args=(self,), daemon=True).start()
        self.work.put((request, client_address))

    def work(server):
        while True:
            server.process_request_thread(*server.work.get())

    impl.ThreadingMixIn.process_request = process_request


@breaks("locking.process-request-does-not-wait")
def process_request_waits_for_the_thread(impl):
    """process_request() returns when the thread has ended."""

    def process_request(self, request, client_address):
        start_thread(self, request, client_address).join()

    impl.ThreadingMixIn.process_request = process_request


@breaks("locking.request-thread-finishes-the-request")
def the_loop_closes_requests(impl):
    """The thread only handles the request; the loop closes it in its next turn."""

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except ValueError:
            self.handle_error(request, client_address)
        self.handled = [*getattr(self, "handled", []), request]

    def service_actions(self):
        while getattr(self, "handled", None):
            self.shutdown_request(self.handled.pop())

    impl.ThreadingMixIn.process_request_thread = process_request_thread
    impl.ThreadingMixIn.service_actions = service_actions


@breaks("locking.serving-thread-takes-requests-in")
def requests_are_verified_in_their_thread(impl):
    """The thread asks verify_request() once more."""
    inherited = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        if self.verify_request(request, client_address):
            inherited(self, request, client_address)
        else:
            self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.thread-body-can-be-replaced")
def the_thread_runs_something_private(impl):
    """The thread runs the original process_request_thread(), whatever the subclass says."""
    original = impl.ThreadingMixIn.process_request_thread

    def process_request(self, request, client_address):
        thread = threading.Thread(target=original, args=(self, request, client_address))
        thread.daemon = self.daemon_threads
        thread.start()

    impl.ThreadingMixIn.process_request = process_request


@breaks("locking.threads-are-no-daemons-by-default")
def threads_inherit_the_daemon_flag(impl):
    """The thread is what the serving thread is, unless daemon_threads is set."""

    def process_request(self, request, client_address):
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address))
        if "daemon_threads" in vars(self):
            thread.daemon = self.daemon_threads
        thread.start()

    impl.ThreadingMixIn.process_request = process_request


@breaks("locking.threads-are-no-daemons-by-default")
def threads_are_daemons_by_default(impl):
    """daemon_threads is true if nobody sets it."""
    impl.ThreadingMixIn.daemon_threads = True


@breaks("locking.daemon-flag-is-read-for-each-request")
def the_daemon_flag_is_read_once(impl):
    """All threads are what daemon_threads said at the first request."""

    def process_request(self, request, client_address):
        self.are_daemons = getattr(self, "are_daemons", self.daemon_threads)
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address))
        thread.daemon = self.are_daemons
        thread.start()

    impl.ThreadingMixIn.process_request = process_request


# -- what threads share ------------------------------------------------------------------------------------------------


@breaks("locking.no-lock-around-handlers")
def at_most_four_handlers_at_once(impl):
    """The fifth handler waits until one of the others has ended."""
    inherited = impl.ThreadingMixIn.process_request_thread
    places = threading.Semaphore(4)

    def process_request_thread(self, request, client_address):
        with places:
            inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


def give_handlers(impl, make_server):
    """Let handlers in threads see make_server(server) for their server."""

    def finish_request(self, request, client_address):
        self.RequestHandlerClass(request, client_address, make_server(self))

    impl.ThreadingMixIn.finish_request = finish_request


@breaks("locking.threads-share-the-server")
def each_handler_has_a_server_of_its_own(impl):
    """A handler changes a copy of the server."""
    give_handlers(impl, copy.copy)


class Snapshot:
    """A server as it was, except that what is written reaches the server itself."""

    def __init__(self, server):
        vars(self).update(then=copy.copy(server), server=server)

    def __getattr__(self, name):
        return getattr(self.then, name)

    def __setattr__(self, name, value):
        setattr(self.server, name, value)


@breaks("locking.a-lock-protects-shared-state")
def handlers_read_what_was_when_they_began(impl):
    """A handler sees the server as it was when the handler began."""
    give_handlers(impl, Snapshot)


@breaks("locking.datagram-replies-do-not-mix")
def threads_share_one_buffer(impl):
    """All threads see the datagram that came first."""

    def process_request(self, request, client_address):
        self.buffer = getattr(self, "buffer", request)
        start_thread(self, self.buffer if isinstance(request, tuple) else request, client_address)

    impl.ThreadingMixIn.process_request = process_request


@breaks("locking.datagram-socket-stays-open")
def threads_close_the_datagram_socket(impl):
    """A thread that is done closes the socket that came with the datagram."""
    inherited = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        inherited(self, request, client_address)
        if isinstance(request, tuple):
            request[1].close()

    impl.ThreadingMixIn.process_request_thread = process_request_thread


# -- handlers that fail ------------------------------------------------------------------------------------------------


@breaks("locking.failed-request-is-closed")
def failed_requests_stay_open(impl):
    """After handle_error() the request is forgotten."""

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except ValueError:
            self.handle_error(request, client_address)
            return
        except BaseException:
            self.shutdown_request(request)
            raise
        self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.system-exit-ends-one-request")
def system_exit_is_an_error(impl):
    """SystemExit is reported like any exception."""

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except (ValueError, SystemExit):
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


# -- threads that have ended -------------------------------------------------------------------------------------------


@breaks("locking.finished-threads-do-not-pile-up")
def all_threads_are_kept(impl):
    """The server holds on to every thread."""
    inherited = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        self.threads_so_far = [*getattr(self, "threads_so_far", []), threading.current_thread()]
        inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.idle-server-holds-no-threads")
def the_last_thread_is_kept(impl):
    """The server holds on to the thread that it started last."""
    inherited = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        self.last_thread = threading.current_thread()
        inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.threads-belong-to-one-server")
def all_servers_share_their_threads(impl):
    """server_close() waits for the threads of all servers."""
    inherited = impl.ThreadingMixIn.process_request_thread
    threads = []

    def process_request_thread(self, request, client_address):
        threads.append(threading.current_thread())
        inherited(self, request, client_address)
        threads.remove(threading.current_thread())

    def join_all(server):
        while threads:
            threads[0].join()

    after_closing(impl, join_all)
    impl.ThreadingMixIn.process_request_thread = process_request_thread


def after_closing(impl, act):
    """Let server_close() of servers with threads call act(server) at its end."""
    inherited = impl.ThreadingMixIn.server_close

    def server_close(self):
        inherited(self)
        act(self)

    impl.ThreadingMixIn.server_close = server_close


# -- threads that cannot be started ------------------------------------------------------------------------------------


@breaks("locking.unstartable-thread-is-reported")
def a_missing_thread_is_not_reported(impl):
    """A request for which there is no thread is closed without a word."""

    def process_request(self, request, client_address):
        try:
            start_thread(self, request, client_address)
        except RuntimeError:
            self.shutdown_request(request)

    impl.ThreadingMixIn.process_request = process_request


@breaks("locking.unstartable-thread-ends-no-loop")
def the_loop_ends_without_threads(impl):
    """When there is no thread for a request, the loop ends."""

    def process_request(self, request, client_address):
        try:
            start_thread(self, request, client_address)
        except RuntimeError as error:
            self.handle_error(request, client_address)
            raise SystemExit from error

    impl.ThreadingMixIn.process_request = process_request


def join_when_closing(impl, *, forget_failed):
    """Let server_close() join all threads, also those that have not begun or, unless forgotten, never will."""

    def process_request(self, request, client_address):
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address))
        self.to_join = [thread]
        thread.daemon = self.daemon_threads
        try:
            thread.start()
        except RuntimeError:
            if forget_failed:
                self.to_join = []
            raise

    impl.ThreadingMixIn.process_request = process_request
    after_closing(impl, lambda server: [thread.join() for thread in getattr(server, "to_join", [])])


@breaks("locking.close-after-an-unstartable-thread")
def server_close_joins_what_never_began(impl):
    """server_close() joins a thread that could not be started."""
    join_when_closing(impl, forget_failed=False)


@breaks("locking.close-beside-a-starting-thread")
def server_close_joins_what_has_not_begun(impl):
    """server_close() joins a thread that is being started."""
    join_when_closing(impl, forget_failed=True)


@breaks("locking.close-from-a-handler")
def server_close_joins_its_own_thread(impl):
    """A handler that closes its server waits for itself."""

    def join_own_thread(server):
        thread = threading.current_thread()
        if not thread.daemon:
            thread.join()

    after_closing(impl, join_own_thread)
