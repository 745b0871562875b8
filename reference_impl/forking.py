"""ForkingMixIn: one new child process for each request.

`process_request()` forks.  The child handles the request, as `BaseServer.process_request()`
would, and exits: it never returns to the server's loop, and nothing that it changes in memory
reaches the parent.  The parent closes its copy of the connection and goes on.

What the parent owes its children:

- It collects those that have ended, or they would stay as zombies: in each turn of the loop
  (`service_actions()`), at each `handle_request()`, and when that waited in vain
  (`handle_timeout()`).
- It never has more than `max_children`.  While it has so many it takes no request in, so that
  none is left halfway: they queue in the system, and the loop goes on turning and can be stopped.
  Of several loops only one forks at a time, and only if there still is a place.
- `server_close()` waits for all of them, unless `block_on_close` is false: then it collects only
  those that have ended.
- It asks for its own children by their process ids and never for "any child": those of
  `subprocess`, or of a second server, are not for it to take.
- It learns the process id of each, also where warnings are exceptions and that about forking
  beside threads takes the id's place.

What a child owes its parent and its client: it lets go of the listening socket, writes out what
was printed, and exits with 0 if all went well, with the handler's own code if that called
`sys.exit()`, and with 1 otherwise.
"""

import os
import sys
import threading
import time
from contextlib import suppress

from .base import FULL_PAUSE, report

TYPE_CHECKING = False  # The import of `typing` takes longer than that of all of this.
if TYPE_CHECKING:
    from typing import Any, NoReturn, Optional, Set

    from .base import BaseServer as Server
else:
    # Mix-ins go with any server, so they derive from none.
    Server = object


class ForkingMixIn(Server):
    """Handles each request in a process of its own; to be named before the server class."""

    timeout = 300
    """Seconds that handle_request() waits before it collects children instead."""

    max_children: int = 40
    """How many children may live at a time; less than one means one, or nothing would be served."""

    block_on_close: bool = True
    """Whether server_close() waits for the children."""

    active_children: "Optional[Set[int]]" = None
    """Process ids of the children that have not been collected; None before the first one."""

    __turn: "Optional[threading.Lock]" = None
    """Held by the thread that forks."""

    def process_request(self, request: "Any", client_address: "Any") -> None:
        """Fork; the child handles the request, the parent returns."""
        with self.__only_one_forks():
            # A loop has looked already, but another one may have taken the last place since.
            while not self._has_room():
                time.sleep(FULL_PAUSE)
            # What is waiting to be written now is the parent's: a child that flushed its copy
            # would write it again.
            flush_standard_streams()
            pid = fork()
            if pid == 0:
                self.__be_the_child(request, client_address)
            self.__remember_child(pid)
        try:
            self.close_request(request)
        except Exception:
            # Going on to shutdown_request(), as is usual, would end the connection that the child
            # uses.
            self.handle_error(request, client_address)

    def __only_one_forks(self) -> threading.Lock:
        # Made when first needed: a mix-in cannot rely on its __init__() being called.
        if self.__turn is None:
            vars(self).setdefault("_ForkingMixIn__turn", threading.Lock())
        assert self.__turn is not None
        return self.__turn

    def __remember_child(self, pid: int) -> None:
        if self.active_children is None:
            self.active_children = set()
        self.active_children.add(pid)

    def __be_the_child(self, request: "Any", client_address: "Any") -> "NoReturn":
        status = 1
        try:
            status = self.__handle_in_child(request, client_address)
        finally:
            try:
                self.shutdown_request(request)
            finally:
                leave(status)

    def __handle_in_child(self, request: "Any", client_address: "Any") -> int:
        try:
            self.active_children = None
            self.__turn = None  # It is the parent's, who holds it.
            # Other servers than ours may have nothing to let go of.
            if hasattr(self, "_leave_to_parent") and request is not getattr(self, "socket", None):
                self._leave_to_parent()
            self.finish_request(request, client_address)
        except SystemExit as error:
            return exit_status(error)
        except Exception:
            self.handle_error(request, client_address)
            return 1
        return 0

    def collect_children(self, *, blocking: bool = False) -> None:
        """Collect the children that have ended; if *blocking*, wait until all have."""
        for pid in list(self.active_children or ()):
            if has_ended(pid, 0 if blocking else os.WNOHANG) and self.active_children:
                self.active_children.discard(pid)

    def _has_room(self) -> bool:
        limit = max(self.max_children, 1)
        if len(self.active_children or ()) >= limit:
            self.collect_children()
        return len(self.active_children or ()) < limit

    def service_actions(self) -> None:
        """Collect children."""
        self.collect_children()

    def handle_request(self) -> "Any":
        """Collect children, since there is no loop to do so; then handle one request."""
        self.collect_children()
        return super().handle_request()

    def handle_timeout(self) -> "Any":
        """Collect children."""
        self.collect_children()

    def server_close(self) -> None:
        """Close the server, then collect the children."""
        super().server_close()
        self.collect_children(blocking=self.block_on_close)


def fork() -> int:
    """Fork, and return as os.fork() does, also when the child was born and a warning is raised.

    From Python 3.15 on os.fork() warns of other threads when the child lives already.  Where
    warnings are exceptions the parent does not get the child's number from it; the child tells.
    """
    if not warnings_may_be_exceptions():
        return os.fork()
    reader, writer = os.pipe()
    try:
        return fork_and_tell(writer)
    except Warning:
        child = os.read(reader, 20)
        if not child:
            raise  # Someone else has warned, and there is no child.
        return int(child)
    finally:
        os.close(reader)


def fork_and_tell(writer: int) -> int:
    """Fork; the child writes its number first of all, and *writer* is closed in both."""
    try:
        pid = os.fork()
        if pid == 0:
            os.write(writer, b"%d" % os.getpid())
        return pid
    finally:
        os.close(writer)


def warnings_may_be_exceptions() -> bool:
    """Tell whether a warning might be raised here: a pipe for each child would be felt otherwise."""
    if getattr(sys.flags, "context_aware_warnings", False):
        return True  # A context has filters of its own, which nobody else can see.
    warnings = sys.modules.get("warnings")  # Nobody has asked for exceptions without it.
    return warnings is not None and "error" in [action for action, *_ in warnings.filters]


def has_ended(pid: int, options: int) -> bool:
    """Tell whether a child has ended, and if so collect it; also true if someone else did."""
    try:
        return os.waitpid(pid, options)[0] == pid
    except ChildProcessError:
        return True


def exit_status(error: SystemExit) -> int:
    """Return the status that the interpreter itself would exit with; report what is no number."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    report("%s\n" % (error.code,))
    return 1


def leave(status: int) -> "NoReturn":
    """End this process, after writing out what was printed."""
    try:
        flush_standard_streams()
    finally:
        # Not sys.exit(): the frames of the parent's callers are below, and must not see an end.
        os._exit(status)


def flush_standard_streams() -> None:
    """Write out what was printed; if that is impossible, there is no one to be told."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
