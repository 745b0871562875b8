"""BaseServer: wait for requests, let the right ones through, have them handled, stop when told.

The methods, by whom they are for:

For the caller
    `__init__(server_address, RequestHandlerClass)`, `serve_forever(poll_interval=0.5)`,
    `shutdown()`, `handle_request()` for those who drive the server themselves, `fileno()` for
    their selector, `server_close()`, and the `with` statement, which ends in `server_close()`.

May be overridden
    `server_bind()`, `server_activate()`, `get_request()`, `verify_request(request,
    client_address)`, `process_request(request, client_address)`, `service_actions()`,
    `handle_timeout()`, `handle_error(request, client_address)`, `shutdown_request(request)`,
    `close_request(request)`, `server_close()`.

For derived classes
    `finish_request(request, client_address)` makes the handler; a mix-in calls it where the
    handler shall run.

One request passes them in this order:

    get_request → verify_request → process_request → finish_request → (the handler) →
    shutdown_request → close_request

A refused request goes from verify_request to shutdown_request at once.  An Exception, wherever it
is raised after get_request, leads to handle_error and from there to shutdown_request: the request
is closed whatever happens.  Other exceptions (SystemExit, KeyboardInterrupt) close the request
and then leave the server's loop.

How the loop ends: shutdown() raises a flag and rings the alarm of every loop that runs; each
looks at the flag between two requests.  These rules make shutdown() safe to call at any time:

- If a loop runs, it waits until all loops have ended, except when it is called from the thread of
  one of them (by a handler or a signal handler): then it returns, and the loop ends with the
  request in progress.
- If no loop has run yet, it is remembered: the first one ends at once.
- If the loops have ended already, nothing is left to stop, and the next loop is not affected.
"""

import errno
import os
import sys
import threading
from contextlib import suppress

from .readiness import Alarm, Deadline, RequestWatch

TYPE_CHECKING = False  # The import of `typing` takes longer than that of all of this.
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

    RequestHandlerFactory = Callable[[Any, Any, Any], object]

LASTING_TROUBLE = frozenset([errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EBADF, errno.EINVAL])
"""Errors that get_request() would meet again if it was called again at once."""

TROUBLE_PAUSE = 0.05
"""Seconds until the loop calls get_request() again after such an error."""

FULL_PAUSE = 0.002
"""Seconds until a server that was full looks again whether it has room for one more request."""


class ServingLoop:
    """One run of serve_forever(): where it runs, and the alarm that ends its wait."""

    def __init__(self) -> None:
        """Belong to the current thread."""
        self.process = os.getpid()
        self.thread = threading.get_ident()
        self.alarm = Alarm()


class BaseServer:
    """What all servers have in common; a derived class says where requests come from.

    It needs fileno() and get_request(), nothing more: also a pipe or a device can be a server's
    source.
    """

    timeout: "Optional[float]" = None
    """Seconds after which handle_request() calls handle_timeout() instead; None: never."""

    def __init__(self, server_address: "Any", RequestHandlerClass: "RequestHandlerFactory") -> None:
        """Remember both; *RequestHandlerClass* is first called when a request is there."""
        # Here, since reports of errors may be for want of descriptors, and an import needs some; and not
        # above, since many programs import this module that never serve.
        import traceback  # noqa: F401

        self.server_address = server_address
        self.RequestHandlerClass = RequestHandlerClass
        # Reentrant, because a signal handler may call shutdown() at any point of its own thread.
        self.__lock = threading.RLock()
        self.__loops: "List[ServingLoop]" = []
        self.__has_served = False
        # Programs set the one and look at the other by these very names.
        self.__shutdown_request = False
        self.__is_shut_down = threading.Event()

    def __enter__(self) -> "BaseServer":
        """Return the server itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the server; a loop that still runs is not stopped by this."""
        self.server_close()

    # Where requests come from

    def fileno(self) -> int:
        """Return the descriptor that is readable when a request waits."""
        raise NotImplementedError("%s must define fileno()" % type(self).__name__)

    def server_bind(self) -> None:
        """Bind the server to its address."""
        raise NotImplementedError("%s must define server_bind()" % type(self).__name__)

    def server_activate(self) -> None:
        """Begin to take requests in."""

    def server_close(self) -> None:
        """Give up what the server holds."""

    def get_request(self) -> "Any":
        """Return a request and the client's address; raise OSError if there is none after all."""
        raise NotImplementedError("%s must define get_request()" % type(self).__name__)

    # Serving until told to stop

    def serve_forever(self, poll_interval: "Optional[float]" = 0.5) -> None:
        """Handle requests until shutdown(), or until the server is closed.

        service_actions() is called after each request, and each *poll_interval* seconds while
        there is none.
        """
        loop = ServingLoop()
        try:
            self.__enter_loop(loop)
            # A shutdown() that came first may have been followed by server_close(): do not even
            # look.
            if not self.__shutdown_request:
                self.__serve(RequestWatch(self, loop.alarm), poll_interval)
        finally:
            self.__leave_loop(loop)

    def __enter_loop(self, loop: ServingLoop) -> None:
        with self.__lock:
            self.__loops.append(loop)
            self.__has_served = True
            self.__is_shut_down.clear()

    def __leave_loop(self, loop: ServingLoop) -> None:
        with self.__lock:
            loop.alarm.close()
            self.__loops = [other for other in self.__loops if other is not loop]
            # The flag is for all loops, so the last one lowers it.
            if not self.__loops:
                self.__shutdown_request = False
                self.__is_shut_down.set()

    def __serve(self, requests: RequestWatch, poll_interval: "Optional[float]") -> None:
        self._before_waiting()
        in_trouble = False
        while not self.__shutdown_request:
            ready = self.__wait_for_request(requests, poll_interval)
            # A request that came meanwhile is left to the next loop.
            if self.__shutdown_request:
                return
            error = self._handle_request_noblock() if ready else None
            self.service_actions()
            if ready and error is None:
                in_trouble = False
            elif self.__is_closed():
                return
            elif error is not None and error.errno in LASTING_TROUBLE:
                if not in_trouble:
                    report("%s cannot take requests: %s\n" % (type(self).__name__, error))
                in_trouble = True
                requests.pause(TROUBLE_PAUSE)

    def __wait_for_request(self, requests: RequestWatch, seconds: "Optional[float]") -> bool:
        if self._has_room():
            return requests.wait(seconds)
        requests.pause(FULL_PAUSE if seconds is None else min(seconds, FULL_PAUSE))
        return False

    def __is_closed(self) -> bool:
        try:
            return self.fileno() < 0
        except (OSError, ValueError):
            return True  # So say files, where sockets give -1.

    def shutdown(self) -> None:
        """Stop all loops, and return when they have ended; the details stand above."""
        with self.__lock:
            # A forked child has a copy of the parent's loops, but they do not run there.
            threads = [loop.thread for loop in self.__loops if loop.process == os.getpid()]
            if self.__has_served and not threads:
                return
            self.__shutdown_request = True
            self._wake_loops()
        if threads and threading.get_ident() not in threads:
            self.__is_shut_down.wait()

    def _wake_loops(self) -> None:
        # With the lock: a loop that ends meanwhile would close its alarm, and the descriptor be
        # someone else's.
        with self.__lock:
            for loop in self.__loops:
                if loop.process == os.getpid():
                    loop.alarm.ring()

    def _leave_to_parent(self) -> None:
        """In a forked child: let go of what is the parent's business."""

    def service_actions(self) -> None:
        """Do what has to be done regularly; called by the loop, in its thread."""

    # Handling one request

    def handle_request(self) -> "Any":
        """Handle one request, or call handle_timeout() if none comes in time.

        The limit is the smaller of the server's timeout and the socket's.  It is for the wait,
        not for the handler.
        """
        requests = RequestWatch(self)
        self._before_waiting()
        deadline = Deadline(self.__shortest_timeout())
        while True:
            ready = self.__wait_for_request(requests, deadline.seconds_left())
            # Another thread or process may have been quicker to take it: then this was no
            # request.
            if ready and not isinstance(self._handle_request_noblock(), BlockingIOError):
                return None
            if deadline.has_passed():
                return self.handle_timeout()

    def __shortest_timeout(self) -> "Optional[float]":
        # Not every server has a socket.
        source = getattr(self, "socket", None)
        timeouts = [self.timeout, None if source is None else source.gettimeout()]
        return min((seconds for seconds in timeouts if seconds is not None), default=None)

    def handle_timeout(self) -> "Any":
        """React to a wait in vain; what this returns, handle_request() returns."""

    def _before_waiting(self) -> None:
        """Make get_request() fail rather than wait, from now on: the waiting is done elsewhere."""

    def _has_room(self) -> bool:
        """Tell whether one more request may be taken in; otherwise it stays where it is."""
        return True

    def _handle_request_noblock(self) -> "Optional[OSError]":
        """Take in one request and have it handled; return the error if get_request() failed."""
        try:
            request, client_address = self.get_request()
        except OSError as error:
            return error
        self.__verify_and_process(request, client_address)
        return None

    def __verify_and_process(self, request: "Any", client_address: "Any") -> None:
        try:
            accepted = self.verify_request(request, client_address)
            if accepted:
                # Whoever processes a request closes it too: perhaps later, perhaps in another
                # thread.
                self.process_request(request, client_address)
        except Exception:
            try:
                self.handle_error(request, client_address)
            finally:
                self.shutdown_request(request)
        except BaseException:
            self.shutdown_request(request)
            raise
        else:
            if not accepted:
                self.shutdown_request(request)

    def verify_request(self, request: "Any", client_address: "Any") -> bool:
        """Tell whether the request shall be processed."""
        return True

    def process_request(self, request: "Any", client_address: "Any") -> None:
        """Have the request handled and close it; mix-ins do so in another thread or process."""
        self.finish_request(request, client_address)
        self.shutdown_request(request)

    def finish_request(self, request: "Any", client_address: "Any") -> None:
        """Make a handler, which handles the request while it is being made."""
        self.RequestHandlerClass(request, client_address, self)

    def shutdown_request(self, request: "Any") -> None:
        """Say goodbye to the client, if there is a way to, and close the request."""
        self.close_request(request)

    def close_request(self, request: "Any") -> None:
        """Release what belongs to the request."""

    def handle_error(self, request: "Any", client_address: "Any") -> None:
        """Report the exception that is being handled; the request is still open."""
        import traceback

        rule = "-" * 40 + "\n"
        heading = "Exception occurred during processing of request from %s\n" % (client_address,)
        report(rule + heading + traceback.format_exc() + rule)


def report(text: str) -> None:
    """Write *text* to stderr in one piece, so that reports of several threads do not mix.

    No error is raised: a broken stderr is no reason to stop serving.
    """
    with suppress(Exception):
        stream = sys.stdout if sys.stderr is None else sys.stderr
        stream.write(text)
        stream.flush()
