"""Ways to get the turns of serve_forever() wrong."""

import threading

from harness.host.breaking import breaks, instead_of, intercept


@breaks("lifecycle.service-actions-once-a-turn")
def service_actions_twice_a_turn(impl):
    """service_actions() is called two times after each turn."""

    @intercept(impl, "service_actions")
    def find(self, method):
        return lambda: (method(), method())


@breaks("lifecycle.service-actions-after-failed-requests")
def no_service_actions_after_a_failed_get_request(impl):
    """The loop forgets service_actions() when get_request() has failed."""

    @intercept(impl, "get_request")
    def find_request(self, method):
        def get():
            try:
                return method()
            except ConnectionError:
                self.__dict__["has_failed"] = True
                raise

        return get

    @intercept(impl, "service_actions")
    def find_actions(self, method):
        return (lambda: None) if self.__dict__.pop("has_failed", False) else method


@breaks("lifecycle.service-actions-when-idle")
def service_actions_for_requests_only(impl):
    """service_actions() waits until there has been a request."""

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        method(self, request, client_address)
        self.__dict__["was_busy"] = True

    @intercept(impl, "service_actions")
    def find(self, method):
        return method if self.__dict__.pop("was_busy", False) else (lambda: None)


@breaks("lifecycle.idle-loop-rests-for-the-poll-interval")
def loop_turns_ten_times_as_often(impl):
    """serve_forever() looks for a shutdown more often than it was told."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, poll_interval=0.5):
        method(self, poll_interval and poll_interval / 10)


@breaks("lifecycle.poll-interval-zero-does-not-rest")
def interval_of_zero_is_the_default(impl):
    """A poll interval of 0 or less is replaced."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, poll_interval=0.5):
        method(self, 0.5 if poll_interval is not None and poll_interval <= 0 else poll_interval)


@breaks("lifecycle.requests-do-not-wait-for-the-poll")
def requests_are_looked_for_at_each_poll(impl):
    """The loop sleeps between two requests as long as between two polls; one that waits at the beginning is taken."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve_forever(serve, server, poll_interval=0.5):
        server.nap = poll_interval
        serve(server, poll_interval)

    @intercept(impl, "service_actions")
    def find(self, method):
        return lambda: (method(), threading.Event().wait(self.nap))


@breaks("lifecycle.no-poll-interval-is-no-limit")
def no_interval_means_the_default(impl):
    """A loop without a poll interval polls all the same."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, poll_interval=0.5):
        method(self, 0.01 if poll_interval is None else poll_interval)


@breaks("lifecycle.unusable-poll-interval-is-an-error")
def unusable_interval_is_ignored(impl):
    """serve_forever() returns without a word when its poll interval is no number."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, poll_interval=0.5):
        if not isinstance(poll_interval, str):
            method(self, poll_interval)


@breaks("lifecycle.any-poll-interval-is-accepted")
def long_interval_overflows(impl):
    """serve_forever() refuses a poll interval of years; the standard library does so too."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, poll_interval=0.5):
        if poll_interval is not None and not isinstance(poll_interval, str) and poll_interval > 1e6:
            raise OverflowError("timeout is too large")
        method(self, poll_interval)
