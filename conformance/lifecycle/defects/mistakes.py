"""Ways to get mistakes in hooks, and reports of errors, wrong."""

import contextlib
import sys

from harness.host.breaking import breaks, instead_of, intercept


@breaks("lifecycle.mistake-in-get-request-leaves-the-server")
def mistake_in_get_request_is_kept_quiet(impl):
    """A ValueError of get_request() is taken for a connection that went away."""

    @intercept(impl, "get_request")
    def find(self, method):
        def get():
            try:
                return method()
            except ValueError as error:
                raise ConnectionAbortedError("no request") from error

        return get


@breaks("lifecycle.failing-process-request-is-an-error")
def mistake_in_process_request_leaves_the_server(impl):
    """What process_request() raises on its own account ends the server."""

    @intercept(impl, "process_request")
    def find(self, method):
        def process(request, client_address):
            try:
                method(request, client_address)
            except Exception as error:
                if "process_request" not in str(error):
                    raise
                raise SystemExit("cannot process") from error

        return process


@breaks("lifecycle.failing-close-is-an-error")
def mistake_in_closing_is_kept_quiet(impl):
    """Nobody is told of a request that cannot be closed."""

    @intercept(impl, "shutdown_request")
    def find(self, method):
        def shut_down(request):
            with contextlib.suppress(ValueError):
                method(request)

        return shut_down


@breaks("lifecycle.handle-error-may-stop-the-server")
def handle_error_cannot_stop_the_server(impl):
    """What handle_error() raises is kept quiet if it is the handler's own exception."""

    @intercept(impl, "handle_error")
    def find(self, method):
        def handle(request, client_address):
            with contextlib.suppress(ValueError):
                method(request, client_address)

        return handle


@breaks("lifecycle.handle-error-is-told-whose-request")
def handle_error_is_not_told_the_address(impl):
    """handle_error() is given None for the client's address."""

    @intercept(impl, "handle_error")
    def find(self, method):
        return lambda request, client_address: method(request, None)


@breaks("lifecycle.handle-error-sees-the-exception")
def django_32240_disconnects_look_like_mistakes(impl):
    """handle_error() cannot tell a client that broke off, which is no reason for a report, from a mistake."""

    @intercept(impl, "finish_request")
    def find(self, method):
        def finish(request, client_address):
            try:
                method(request, client_address)
            except ConnectionError as error:
                raise RuntimeError("the handler failed") from error

        return finish


@breaks("lifecycle.errors-keep-nothing-alive")
def last_error_is_remembered(impl):
    """The server keeps the last exception, and with it the frames of the handler."""

    @intercept(impl, "handle_error")
    def find(self, method):
        self.__dict__["last_error"] = sys.exc_info()[1]
        return method


@breaks("lifecycle.error-report-is-framed")
def report_has_no_frame(impl):
    """The report is printed without its last line."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        stream, sys.stderr = sys.stderr, Unframed(sys.stderr)
        try:
            method(self, request, client_address)
        finally:
            sys.stderr = stream


@breaks("lifecycle.error-report-is-framed")
def report_does_not_name_the_client(impl):
    """The heading of a report names nobody."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        method(self, request, "somebody")


class Unframed:
    """A stream that leaves out lines of dashes."""

    def __init__(self, stream):
        self.stream = stream

    def write(self, text):
        """Write what is no dash."""
        return self.stream.write(text.replace("-" * 40, ""))

    def flush(self):
        """Pass it on."""
        self.stream.flush()


@breaks("lifecycle.error-reports-do-not-mix")
def report_is_written_in_two_pieces(impl):
    """A report is written piece by piece; the standard library does so too."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        sys.stderr.write("error of %s\n" % (client_address,))
        sys.stderr.write("%s\n" % sys.exc_info()[1])


@breaks("lifecycle.missing-stderr-is-survived")
def report_needs_a_stream(impl):
    """handle_error() fails when sys.stderr is None."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        if sys.stderr is None:
            raise SystemExit("nowhere to report to")
        method(self, request, client_address)
