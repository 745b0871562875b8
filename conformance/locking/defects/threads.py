"""Ways to get wrong whose thread does what."""

import queue
import threading

from harness.host.breaking import breaks, instead_of, setting, start_thread


@breaks("locking.thread-for-each-request")
def later_handlers_run_in_the_serving_thread(impl):
    """process_request() does all the work itself, except for the first request."""

    @instead_of(impl.ThreadingMixIn, "process_request")
    def process(method, self, request, client_address):
        if vars(self).setdefault("first_request", request) is request:
            method(self, request, client_address)
        else:
            self.process_request_thread(request, client_address)


@breaks("locking.a-new-thread-for-each-request")
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
    """process_request() returns when the thread has ended, if handle_request() has called it."""
    impl.BaseServer.wait_for_thread = False

    def process_request(self, request, client_address):
        thread = start_thread(self, request, client_address)
        if self.wait_for_thread:
            thread.join()

    @instead_of(impl.BaseServer, "handle_request")
    def handle_request(inherited, self):
        with setting(self, "wait_for_thread", True):
            return inherited(self)

    impl.ThreadingMixIn.process_request = process_request


@breaks("locking.request-thread-finishes-the-request")
def the_loop_reports_errors(impl):
    """The thread only handles the request; the loop calls handle_error() in its next turn."""

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except ValueError:
            self.failed = [*getattr(self, "failed", []), (request, client_address)]
            return
        self.shutdown_request(request)

    def service_actions(self):
        while getattr(self, "failed", None):
            request, client_address = self.failed.pop()
            self.handle_error(request, client_address)
            self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread
    impl.ThreadingMixIn.service_actions = service_actions


@breaks("locking.request-thread-closes-the-request")
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


@breaks("locking.thread-name-tells-its-task")
def threads_are_named_after_their_clients(impl):
    """The name of a request's thread is where its client is."""
    inherited = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        threading.current_thread().name = str(client_address)
        inherited(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread
