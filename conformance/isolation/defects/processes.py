"""Ways to get the processes of requests wrong."""

import atexit
import contextlib
import os
import signal
import sys
import threading

from conformance.isolation.defects.patching import end, extend, fork_by_hand, handle
from harness.host.breaking import breaks, instead_of


@breaks("isolation.a-child-for-each-request")
def handlers_run_in_grandchildren(impl):
    """The child has a child of its own handle the request."""

    def finish_request(inherited, server, request, client_address):
        pid = os.fork()
        if pid == 0:
            inherited(request, client_address)
            os._exit(0)
        os.waitpid(pid, 0)

    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.a-child-never-returns")
def interrupted_children_return(impl):
    """A child whose handler is interrupted returns from process_request()."""

    def handle_and_end(server, request, client_address):
        with contextlib.suppress(SystemExit, KeyboardInterrupt):
            end(handle(server, request, client_address))

    fork_by_hand(impl, handle_and_end)


@breaks("isolation.a-child-never-returns")
def children_that_cannot_close_their_request_return(impl):
    """The child takes it for granted that shutdown_request() does not fail."""
    fork_by_hand(impl, lambda *arguments: end(handle(*arguments)))


@breaks("isolation.callers-clean-up-once")
def failing_children_leave_by_an_exception(impl):
    """A child whose handler fails ends by sys.exit(), which runs everybody's finally blocks."""

    def handle_and_leave(server, request, client_address):
        if handle(server, request, client_address):
            sys.exit(1)
        end(0)

    fork_by_hand(impl, handle_and_leave)


@breaks("isolation.sys-exit-gives-the-status")
def sys_exit_is_a_failure(impl):
    """Whatever sys.exit() was called with, the child exits with 1."""

    def finish_request(inherited, server, request, client_address):
        try:
            inherited(request, client_address)
        except SystemExit:
            server.shutdown_request(request)
            os._exit(1)

    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.exit-status-tells-success")
def children_never_fail(impl):
    """The child exits with 0 although its handler raised."""

    def handle_error(inherited, server, request, client_address):
        inherited(request, client_address)
        server.shutdown_request(request)
        os._exit(0)

    extend(impl.ForkingMixIn, "handle_error", handle_error)


@breaks("isolation.exit-handlers-run-once")
def children_run_exit_handlers(impl):
    """The child does all that Python does at its end."""

    def be_the_child(*arguments):
        status = handle(*arguments)
        atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way
        end(status)

    fork_by_hand(impl, be_the_child)


@breaks("isolation.a-child-closes-its-request")
def children_leave_closing_to_the_system(impl):
    """The child ends without closing its request, since its end closes everything."""

    def be_the_child(server, request, client_address):
        server.shutdown_request = lambda request: None
        end(handle(server, request, client_address))

    fork_by_hand(impl, be_the_child)


@breaks("isolation.an-interrupt-ends-a-child-quietly")
def children_ignore_interrupts(impl):
    """SIGINT does not reach a handler in a child."""

    def finish_request(inherited, server, request, client_address):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.handlers-may-have-children")
def servers_have_no_use_for_children(impl):
    """A synchronous server has the system forget the children of its process."""

    @instead_of(impl.BaseServer, "__init__")
    def build(inherited, self, *arguments):
        inherited(self, *arguments)
        if not isinstance(self, impl.ForkingMixIn):
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)


@breaks("isolation.children-may-have-children")
def children_ignore_their_own_children(impl):
    """The child has the system forget the children that its handler has."""

    def finish_request(inherited, server, request, client_address):
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.handlers-are-in-the-main-thread")
def handlers_have_a_thread_in_their_child(impl):
    """The child has a thread handle the request, and waits for it."""

    def finish_request(inherited, server, request, client_address):
        thread = threading.Thread(target=inherited, args=(request, client_address))
        thread.start()
        thread.join()

    extend(impl.ForkingMixIn, "finish_request", finish_request)
