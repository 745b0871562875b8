"""ThreadingMixIn: one new thread for each request.

`process_request()` starts the thread and returns; the thread runs `process_request_thread()`,
which does what `BaseServer.process_request()` does, errors included.  So the handler,
`handle_error()`, `shutdown_request()` and `close_request()` run in the request's thread;
`get_request()` and `verify_request()` stay in the server's.

`server_close()` waits for the threads that are not daemons, unless `block_on_close` is false at
that moment.  A thread needs no entry that someone would have to remove: `threading` holds on to
it as long as it runs, and the server's set of weak references loses it by itself.  That leaves
three cases for those who wait:

- a thread that has not begun to run, or could not be started: not waited for;
- the current thread, when a handler closes its server: not waited for;
- a thread that itself waits in `server_close()`: not waited for by another one that does, else
  both waited for ever.
"""

import sys
import threading
import weakref

TYPE_CHECKING = False  # The import of `typing` takes longer than that of all of this.
if TYPE_CHECKING:
    from typing import Any, Collection, List

    from .base import BaseServer as Server
else:
    # Mix-ins go with any server, so they derive from none.
    Server = object

# For all servers, since a mix-in has no constructor to make one for each; reentrant because of
# signal handlers.
_books = threading.RLock()

# These take a thread for ended when join() was interrupted; signals interrupt the main thread only.
JOIN_IS_FRAGILE = (3, 9) <= sys.version_info < (3, 13)


class ThreadingMixIn(Server):
    """Handles each request in a thread of its own; to be named before the server class."""

    daemon_threads: bool = False
    """Whether threads are daemons, for which neither interpreter nor server_close() waits."""

    block_on_close: bool = True
    """Whether server_close() waits for the threads that are not daemons."""

    _threads: "Collection[Any]" = ()
    _closing_threads: "Collection[Any]" = ()

    def process_request(self, request: "Any", client_address: "Any") -> None:
        """Start a thread for the request, and return at once."""
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address))
        # Otherwise it would be a daemon if the server's thread is one.
        thread.daemon = self.daemon_threads
        if not thread.daemon:
            self.__remember("_threads", thread)
        thread.start()

    def process_request_thread(self, request: "Any", client_address: "Any") -> None:
        """Handle the request and close it; this is all that the thread does."""
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    def server_close(self) -> None:
        """Close the server, then wait for the threads."""
        super().server_close()
        if not self.block_on_close:
            return
        if threading.current_thread() in self._threads:
            self.__remember("_closing_threads", threading.current_thread())
        # A thread may have been started while the others were waited for.
        while self.__running_threads():
            join_all(self.__running_threads())

    def __remember(self, name: str, thread: threading.Thread) -> None:
        with _books:
            if name not in vars(self):
                setattr(self, name, weakref.WeakSet())
            getattr(self, name).add(thread)

    def __running_threads(self) -> "List[threading.Thread]":
        with _books:
            running = [thread for thread in self._threads if thread.is_alive()]
            closing = list(self._closing_threads)
        if threading.current_thread() in closing:
            return [thread for thread in running if thread not in closing]
        return running


def join_all(threads: "List[threading.Thread]") -> None:
    """Wait for *threads*; if a signal handler's exception ends that, it can be repeated."""
    if JOIN_IS_FRAGILE and threading.current_thread() is threading.main_thread():
        proxy = threading.Thread(target=join_each, args=(threads,), daemon=True)
        proxy.start()
        proxy.join()
    else:
        join_each(threads)


def join_each(threads: "List[threading.Thread]") -> None:
    """Wait for one thread after the other."""
    for thread in threads:
        thread.join()
