"""Ways to get wrong who may call shutdown(), when, and how often."""

import threading

from conformance.waiting.defects.patching import take_note_of_threads
from harness.host.breaking import breaks


@breaks("waiting.shutdown-in-a-request-thread")
def shutdown_is_for_others(impl):
    """shutdown() refuses to be called by a handler."""

    def shutdown(self):
        if threading.current_thread() in getattr(self, "at_work", []):
            raise RuntimeError("a handler must not stop its server")
        super(impl.ThreadingMixIn, self).shutdown()

    impl.ThreadingMixIn.shutdown = shutdown
    take_note_of_threads(impl)


@breaks("waiting.shutdown-in-the-loop-returns")
def gh_83978_shutdown_waits_for_its_own_loop(impl):
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
