"""Ways to get errors in children wrong."""

import io
import os
import sys
import threading
import warnings

from conformance.isolation.defects.patching import end, extend, fork_by_hand, handle
from harness.host.breaking import breaks


@breaks("isolation.errors-of-handlers-reach-handle-error")
def children_report_errors_themselves(impl):
    """The child reports an error as BaseServer does, whoever has overridden handle_error()."""

    def finish_request(inherited, server, request, client_address):
        try:
            inherited(request, client_address)
        except Exception:  # noqa: BLE001 - whatever a handler raises
            impl.BaseServer.handle_error(server, request, client_address)
            server.shutdown_request(request)
            os._exit(1)

    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.errors-are-handled-in-the-child")
def the_parent_handles_the_errors_of_its_children(impl):
    """The child says that its handler failed, and the server's process calls handle_error()."""

    def process_request(inherited, server, request, client_address):
        reader, server.writer = os.pipe()
        inherited(request, client_address)
        os.close(server.writer)
        with os.fdopen(reader) as report:
            if report.read():
                server.handle_error(request, client_address)

    def finish_request(inherited, server, request, client_address):
        try:
            inherited(request, client_address)
        except Exception:  # noqa: BLE001 - whatever a handler raises
            os.write(server.writer, b"failed")
            server.shutdown_request(request)
            os._exit(1)

    extend(impl.ForkingMixIn, "process_request", process_request)
    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.errors-of-children-are-reported")
def children_fail_in_silence(impl):
    """handle_error() of a forking server reports nothing."""
    extend(impl.ForkingMixIn, "handle_error", lambda *_: None)


@breaks("isolation.errors-of-children-are-reported")
def bpo_13601_error_reports_stay_in_the_buffer(impl):
    """What a child writes to standard error is still in the buffer when it ends."""

    def handle_error(inherited, server, request, client_address):
        sys.stderr = io.StringIO()
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "handle_error", handle_error)


@breaks("isolation.fork-failure-is-an-error-of-the-request")
def fork_failure_is_passed_over(impl):
    """If fork fails, the request is closed and nobody told."""

    def process_request(inherited, server, request, client_address):
        try:
            inherited(request, client_address)
        except OSError:
            server.shutdown_request(request)

    extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.fork-failure-is-an-error-of-the-request")
def fork_failure_leaves_the_request_open(impl):
    """If fork fails, handle_error() is called, and the request kept for later."""

    def process_request(inherited, server, request, client_address):
        try:
            inherited(request, client_address)
        except OSError:
            server.handle_error(request, client_address)
            server.for_later = request

    extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.a-failing-error-report-ends-the-child-alone")
def a_failing_error_report_leaves_the_child(impl):
    """What handle_error() raises in a child goes to whoever called the server."""
    fork_by_hand(impl, lambda *arguments: end(handle(*arguments)))


@breaks("isolation.leaving-is-no-error")
def leaving_is_an_error(impl):
    """handle_error() is called in a child for any exception."""

    def finish_request(inherited, server, request, client_address):
        try:
            inherited(request, client_address)
        except (SystemExit, KeyboardInterrupt):
            server.handle_error(request, client_address)
            raise

    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.a-failing-close-in-the-parent-spares-the-child")
def a_failing_close_cuts_the_connection(impl):
    """The parent shuts down a request that it could not close."""
    fork_by_hand(impl, lambda *arguments: end(handle(*arguments)))


@breaks("isolation.warnings-about-fork-do-no-harm")
def gh_100228_a_warning_about_fork_is_an_error_of_the_request(impl):
    """Python 3.12 warns of os.fork() when there are several threads, and nobody is prepared for that."""

    def process_request(inherited, server, request, client_address):
        inherited(request, client_address)
        if threading.active_count() > 1:
            warnings.warn("there are several threads", DeprecationWarning, stacklevel=2)

    extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.warnings-about-fork-do-no-harm")
def gh_135427_a_warning_takes_the_place_of_the_childs_number(impl):
    """Python 3.15 warns when the child lives already; raised, the warning takes the place of the child's number."""

    def process_request(inherited, server, request, client_address):
        if "error" not in [action for action, *_ in warnings.filters]:
            inherited(request, client_address)
        elif os.fork() == 0:
            end(handle(server, request, client_address))
        else:
            server.close_request(request)

    extend(impl.ForkingMixIn, "process_request", process_request)
