"""Ways to end serve_forever() wrong."""

import os
import threading
import time

from harness.host.breaking import breaks, instead_of, intercept


@breaks("lifecycle.serves-until-shutdown")
def loop_ends_after_two_requests(impl):
    """serve_forever() returns when it has verified two requests."""

    @intercept(impl, "verify_request")
    def find(self, method):
        def verify(request, client_address):
            self.__dict__["verified"] = self.__dict__.get("verified", 0) + 1
            if self.__dict__["verified"] == 2:
                threading.Thread(target=self.shutdown, daemon=True).start()
            return method(request, client_address)

        return verify


@breaks("lifecycle.any-thread-may-serve")
def main_thread_cannot_serve(impl):
    """serve_forever() that is called in the main thread returns without a word."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        if threading.current_thread() is not threading.main_thread():
            method(self, *arguments, **options)


@breaks("lifecycle.server-outlives-its-loop")
def exit_closes_the_server(impl):
    """A server whose loop ends by anything but shutdown() and an Exception is closed."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        try:
            method(self, *arguments, **options)
        except GeneratorExit:
            self.socket.close()
            raise


@breaks("lifecycle.loop-leaves-no-descriptors")
def loop_keeps_a_descriptor(impl):
    """Each loop leaves a copy of the server's descriptor behind."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        if self.fileno() >= 0:
            os.dup(self.fileno())
        method(self, *arguments, **options)


@breaks("lifecycle.stopping-at-once-is-no-race")
def bpo_2302_loop_forgets_an_early_shutdown(impl):
    """A shutdown() that is quicker than the loop's thread is lost, and waits for ever."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        time.sleep(0.002)
        self.__dict__["begun"] = True
        method(self, *arguments, **options)

    @instead_of(impl.BaseServer, "shutdown")
    def shut_down(method, self):
        if not self.__dict__.get("begun"):
            threading.Event().wait()
        method(self)


@breaks("lifecycle.closed-loop-can-be-stopped")
def shutdown_waits_for_a_closed_server(impl):
    """shutdown() of a server that was closed while it was serving does not return."""

    @instead_of(impl.BaseServer, "shutdown")
    def shut_down(method, self):
        method(self)
        if self.fileno() < 0:
            threading.Event().wait()
