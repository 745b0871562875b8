"""Ways to get wrong exceptions that are nobody's business but the thread's."""

from harness.host.breaking import breaks


def handle_and_catch(impl, *, reported=Exception, hidden=(), closes=True):
    """Let a request's thread report some exceptions, hide some, and perhaps leave a request open if that fails."""

    def process_request_thread(self, request, client_address):
        # Who forgets a request has it closed: one that is to stay open must be kept.
        self.requests = [*getattr(self, "requests", []), request]
        try:
            self.finish_request(request, client_address)
        except reported:
            report(self, request, client_address)
        except hidden:
            pass
        self.shutdown_request(request)

    def report(server, request, client_address):
        try:
            server.handle_error(request, client_address)
        except hidden:
            pass
        except BaseException:
            if closes:
                server.shutdown_request(request)
            raise

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.leaving-is-no-error")
def interrupts_are_errors(impl):
    """KeyboardInterrupt is reported like any exception."""
    handle_and_catch(impl, reported=(Exception, KeyboardInterrupt))


@breaks("locking.interrupt-ends-one-request")
def interrupted_requests_stay_open(impl):
    """Nobody closes a request whose handler was interrupted."""
    handle_and_catch(impl)


@breaks("locking.failing-handle-error-closes-the-request")
def requests_without_a_report_stay_open(impl):
    """A request whose error could not be reported stays open."""
    handle_and_catch(impl, closes=False)


@breaks("locking.excepthook-is-told")
def exceptions_are_kept_quiet(impl):
    """What handle_error() raises, and what it is not called for, disappears."""
    handle_and_catch(impl, hidden=BaseException)
