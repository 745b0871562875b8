"""Ways to get wrong whether Python waits for handlers at its end."""

import threading

from conformance.waiting.defects.patching import join_all, take_note_of_threads
from harness.host.breaking import breaks


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


@breaks("waiting.exit-serves-or-refuses")
def gh_113964_requests_that_come_at_exit_are_left_open(impl):
    """A request for which no thread can be started because Python exits is neither served nor closed."""
    process_request = impl.ThreadingMixIn.process_request

    def process_before_exit(self, request, client_address):
        if threading.main_thread().is_alive():
            process_request(self, request, client_address)
        else:
            self.left_open = request

    impl.ThreadingMixIn.process_request = process_before_exit


@breaks("waiting.exit-leaves-daemons")
def werkzeug_770_ctrl_c_waits_for_idle_clients(impl):
    """Ctrl-C leaves the loop only when the threads have ended, which wait for clients."""
    serve_forever = impl.BaseServer.serve_forever

    def serve_and_join(self, poll_interval=0.5):
        try:
            serve_forever(self, poll_interval)
        except KeyboardInterrupt:
            join_all(self)
            raise

    impl.BaseServer.serve_forever = serve_and_join
    take_note_of_threads(impl)
