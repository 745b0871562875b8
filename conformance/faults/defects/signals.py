"""Ways to be disturbed by signals."""

import signal
import socket
import threading

from harness.host.breaking import breaks, instead_of, intercept, setting


def in_main_thread():
    """Tell whether this is the thread in which signals are handled."""
    return threading.current_thread() is threading.main_thread()


def expects_alarm():
    """Tell whether the program has a handler for the signal of its timer."""
    return callable(signal.getsignal(signal.SIGALRM))


@breaks("faults.signals-disturb-no-loop")
def bpo_7978_signals_end_the_loop(impl):
    """A signal interrupts the loop's wait, and the error ends serve_forever()."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        if not in_main_thread():
            return method(self, *arguments, **options)
        reader, writer = self.__dict__["signals"] = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        before = signal.set_wakeup_fd(writer.fileno())
        try:
            return method(self, *arguments, **options)
        finally:
            signal.set_wakeup_fd(before)
            reader.close()
            writer.close()

    @intercept(impl, "service_actions")
    def find(self, method):
        return lambda: (method(), _raise_if_signalled(self))


def _raise_if_signalled(server):
    if "signals" in server.__dict__ and in_main_thread():
        try:
            server.__dict__["signals"][0].recv(1)
        except BlockingIOError:
            return
        raise InterruptedError("interrupted system call")


@breaks("faults.signals-change-no-timeout")
def signals_end_the_wait(impl):
    """handle_request() waits no longer than until the next signal."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        until_signal = signal.getitimer(signal.ITIMER_REAL)[0]
        if not until_signal or not self.timeout:
            return method(self)
        with setting(self, "timeout", min(self.timeout, until_signal)):
            return method(self)


@breaks("faults.exceptions-of-signal-handlers-leave-the-server")
def exceptions_of_signal_handlers_are_kept_quiet(impl):
    """What a signal handler raises ends the wait, and nobody hears of it."""
    for name in ("handle_request", "serve_forever"):

        @instead_of(impl.BaseServer, name)
        def serve(method, self, *arguments, **options):
            try:
                return method(self, *arguments, **options)
            except (ValueError, KeyboardInterrupt):
                if not expects_alarm():
                    raise
                return None


@breaks("faults.interrupted-errors-of-signal-handlers-are-not-lost")
def interrupted_errors_are_taken_for_signals(impl):
    """After an InterruptedError the wait begins anew; in the standard library it does so too."""
    for name in ("handle_request", "serve_forever"):

        @instead_of(impl.BaseServer, name)
        def serve(method, self, *arguments, **options):
            try:
                return method(self, *arguments, **options)
            except InterruptedError:
                if not expects_alarm():
                    raise
                return method(self, *arguments, **options)


@breaks("faults.interrupt-closes-the-request-in-progress")
def interrupted_request_stays_open(impl):
    """A KeyboardInterrupt in the main thread leaves the request open."""

    @intercept(impl, "finish_request")
    def find_handler(self, method):
        def finish(request, client_address):
            try:
                method(request, client_address)
            except KeyboardInterrupt:
                self.__dict__["is_interrupted"] = in_main_thread()
                raise

        return finish

    @intercept(impl, "shutdown_request")
    def find_shutdown(self, method):
        return self.__dict__.setdefault("kept", []).append if self.__dict__.pop("is_interrupted", False) else method
