"""Ways to get the way of one request wrong."""

import contextlib
import io
import sys

from harness.host.breaking import breaks, instead_of, intercept


def _ignore(request):
    pass


@breaks("lifecycle.request-passes-the-hooks")
def finish_request_is_left_out(impl):
    """process_request() makes the handler itself."""

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        self.RequestHandlerClass(request, client_address, self)
        self.shutdown_request(request)


@breaks("lifecycle.failed-request-is-reported")
def second_mistake_is_kept_quiet(impl):
    """Nobody is told of the second handler of a server that fails."""

    @intercept(impl, "finish_request")
    def find(self, method):
        def finish(request, client_address):
            try:
                method(request, client_address)
            except ValueError:
                self.__dict__["mistakes"] = self.__dict__.get("mistakes", 0) + 1
                if self.__dict__["mistakes"] != 2:
                    raise

        return finish


@breaks("lifecycle.exits-close-the-request")
def connection_stays_open_at_an_exit(impl):
    """A request whose handler has raised SystemExit is not closed."""

    @intercept(impl, "shutdown_request")
    def find(self, method):
        return _ignore if isinstance(sys.exc_info()[1], SystemExit) else method


@breaks("lifecycle.failed-request-is-reported-and-closed")
def failed_request_is_closed_first(impl):
    """handle_error() comes too late to say anything to the client."""

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        try:
            self.finish_request(request, client_address)
        finally:
            self.shutdown_request(request)


@breaks("lifecycle.rejected-request-is-closed")
def bpo_26309_rejected_request_stays_open(impl):
    """A client whose request was rejected waits for ever."""

    @intercept(impl, "verify_request")
    def find_verdict(self, method):
        def verify(request, client_address):
            accepted = method(request, client_address)
            self.__dict__["was_rejected"] = not accepted
            return accepted

        return verify

    @intercept(impl, "shutdown_request")
    def find_shutdown(self, method):
        return _ignore if self.__dict__.pop("was_rejected", False) else method


@breaks("lifecycle.any-value-is-a-verdict")
def only_false_rejects(impl):
    """A request is processed unless the verdict is False itself."""

    @intercept(impl, "verify_request")
    def find(self, method):
        return lambda request, client_address: method(request, client_address) is not False


@breaks("lifecycle.exit-exceptions-leave-the-server")
def exits_are_kept_quiet(impl):
    """SystemExit and its like end the handler, and nothing else."""

    @instead_of(impl.BaseServer, "finish_request")
    def finish(method, self, request, client_address):
        try:
            method(self, request, client_address)
        except Exception:
            raise
        except BaseException:  # noqa: BLE001 - that is the mistake
            return


@breaks("lifecycle.exit-exceptions-are-no-errors")
def bpo_23430_exit_is_an_error_like_others(impl):
    """SystemExit and its like are reported, and the server goes on."""

    @instead_of(impl.BaseServer, "finish_request")
    def finish(method, self, request, client_address):
        try:
            method(self, request, client_address)
        except Exception:
            raise
        except BaseException as error:
            raise RuntimeError("a handler wants to leave") from error


@breaks("lifecycle.error-report-goes-to-stderr")
def report_has_no_traceback(impl):
    """handle_error() prints only what was raised."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        sys.stderr.write("%r\n" % (sys.exc_info()[1],))


@breaks("lifecycle.errors-leave-stdout-alone")
def report_goes_to_stdout_too(impl):
    """handle_error() prints its report to standard error and to standard output."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        method(self, request, client_address)
        with contextlib.redirect_stderr(sys.stdout):
            method(self, request, client_address)


@breaks("lifecycle.error-report-is-written-at-once")
def report_stays_in_the_buffer(impl):
    """Standard error cannot be flushed by handle_error()."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        report = io.StringIO()
        with contextlib.redirect_stderr(report):
            method(self, request, client_address)
        sys.stderr.write(report.getvalue())


@breaks("lifecycle.handle-error-sees-the-exception")
def exception_is_over_when_it_is_handled(impl):
    """handle_error() is called when sys.exc_info() is empty again."""

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        has_failed = False
        try:
            self.finish_request(request, client_address)
        except ValueError:
            has_failed = True
        if has_failed:
            self.handle_error(request, client_address)
        self.shutdown_request(request)


@breaks("lifecycle.hooks-get-the-same-objects")
def verify_request_gets_a_copy_of_the_request(impl):
    """The request that verify_request() gets is like the handler's, and another object."""

    @intercept(impl, "verify_request")
    def find(self, method):
        def verify(request, client_address):
            if isinstance(request, tuple):
                return method((request[0], request[1]), client_address)
            with contextlib.closing(request.dup()) as copy:
                return method(copy, client_address)

        return verify


@breaks("lifecycle.handler-gets-three-arguments")
def handler_gets_named_arguments(impl):
    """finish_request() names the arguments, which not every callable calls so."""

    @instead_of(impl.BaseServer, "finish_request")
    def finish(method, self, request, client_address):
        self.RequestHandlerClass(request=request, client_address=client_address, server=self)


@breaks("lifecycle.handler-class-is-looked-up-each-time")
def handler_class_is_remembered(impl):
    """The first request decides about the handler class."""

    @instead_of(impl.BaseServer, "finish_request")
    def finish(method, self, request, client_address):
        handler = self.__dict__.setdefault("first_handler", self.RequestHandlerClass)
        handler(request, client_address, self)


@breaks("lifecycle.failing-verify-request-is-contained")
def mistake_in_verify_request_ends_the_server(impl):
    """What verify_request() raises leaves the server; in the standard library it does so too."""

    @intercept(impl, "verify_request")
    def find(self, method):
        def verify(request, client_address):
            try:
                return method(request, client_address)
            except Exception as error:
                raise SystemExit("no verdict") from error

        return verify


@breaks("lifecycle.broken-stderr-is-survived")
def report_needs_stderr(impl):
    """handle_error() raises when standard error is closed; the standard library's does so too."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        sys.stderr.write("a request failed\n")
        method(self, request, client_address)


@breaks("lifecycle.failing-handle-error-closes-the-request")
def failing_handle_error_leaves_the_request_open(impl):
    """The request stays open when handle_error() raises; in the standard library it does so too."""

    @intercept(impl, "handle_error")
    def find_handle_error(self, method):
        def handle(request, client_address):
            self.__dict__["cannot_report"] = True
            method(request, client_address)
            del self.__dict__["cannot_report"]

        return handle

    @intercept(impl, "shutdown_request")
    def find_shutdown(self, method):
        return _ignore if self.__dict__.pop("cannot_report", False) else method
