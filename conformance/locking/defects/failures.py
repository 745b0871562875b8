"""Ways to get wrong what follows when a handler fails, or a thread cannot be started."""

from harness.host.breaking import breaks, start_thread


@breaks("locking.failed-request-is-closed")
def failed_requests_stay_open(impl):
    """After handle_error() the request is kept for later."""

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except ValueError:
            self.handle_error(request, client_address)
            self.for_later = [*getattr(self, "for_later", []), request]
            return
        except BaseException:
            self.shutdown_request(request)
            raise
        self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.system-exit-ends-one-request")
def system_exit_leaves_the_request_open(impl):
    """A thread that is left by SystemExit does not close its request."""

    def process_request_thread(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except SystemExit:
            self.for_later = [*getattr(self, "for_later", []), request]
            return
        except Exception:  # noqa: BLE001 - whatever a handler raises
            self.handle_error(request, client_address)
        self.shutdown_request(request)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


@breaks("locking.leaving-is-no-error")
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
def pynetdicom_329_the_loop_ends_without_threads(impl):
    """Under load there are no threads to be had, and that ends the loop."""

    def process_request(self, request, client_address):
        try:
            start_thread(self, request, client_address)
        except RuntimeError as error:
            self.handle_error(request, client_address)
            raise SystemExit from error

    impl.ThreadingMixIn.process_request = process_request
