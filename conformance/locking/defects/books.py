"""Ways to lose count of the threads that server_close() waits for."""

import threading

from conformance.locking.defects.patching import after_closing
from harness.host.breaking import breaks


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
    """server_close() joins a thread that could not be started; so it is in CPython since 3.7."""
    join_when_closing(impl, forget_failed=False)


@breaks("locking.close-beside-a-starting-thread")
def server_close_joins_what_has_not_begun(impl):
    """server_close() joins a thread that is being started; so it is in CPython since 3.7."""
    join_when_closing(impl, forget_failed=True)


@breaks("locking.close-from-a-handler")
def server_close_joins_its_own_thread(impl):
    """A handler that closes its server waits for itself."""

    def join_own_thread(server):
        thread = threading.current_thread()
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()

    after_closing(impl, join_own_thread)


@breaks("locking.concurrent-starts-are-all-waited-for")
def a_thread_in_starting_is_taken_for_an_ended_one(impl):
    """Who is not alive when the next thread is started is not waited for; so it is in CPython since 3.8."""
    process_request = impl.ThreadingMixIn.process_request

    def process_and_forget(self, request, client_address):
        if vars(self).get("in_starting"):
            self.block_on_close = False
        self.in_starting = True
        process_request(self, request, client_address)
        self.in_starting = False

    impl.ThreadingMixIn.process_request = process_and_forget


@breaks("locking.failed-start-leaves-the-books-right")
def a_failed_start_voids_the_books(impl):
    """When a thread could not be started, the others are forgotten with it."""
    process_request = impl.ThreadingMixIn.process_request

    def process_or_forget(self, request, client_address):
        try:
            process_request(self, request, client_address)
        except RuntimeError:
            self.block_on_close = False
            raise

    impl.ThreadingMixIn.process_request = process_or_forget


@breaks("locking.closing-handlers-do-not-wait-for-each-other")
def handlers_that_close_wait_for_each_other(impl):
    """A handler that closes its server waits until every other one that does so has ended."""
    closing = []
    both = threading.Barrier(2)

    def join_others(server):
        if threading.current_thread() is threading.main_thread() or threading.current_thread().daemon:
            return
        closing.append(threading.current_thread())
        if len(closing) <= 2:
            both.wait()
            for thread in closing:
                if thread is not threading.current_thread():
                    thread.join()

    after_closing(impl, join_others)


@breaks("locking.closing-handler-waits-for-the-others")
def a_handler_only_closes_the_socket(impl):
    """server_close() does not wait if a handler calls it."""
    server_close, body = impl.ThreadingMixIn.server_close, impl.ThreadingMixIn.process_request_thread
    handling = threading.local()

    def remember_and_handle(self, request, client_address):
        handling.now = True
        body(self, request, client_address)

    def close_and_perhaps_wait(self):
        if getattr(handling, "now", False):
            super(impl.ThreadingMixIn, self).server_close()
        else:
            server_close(self)

    impl.ThreadingMixIn.process_request_thread = remember_and_handle
    impl.ThreadingMixIn.server_close = close_and_perhaps_wait
