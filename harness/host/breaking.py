"""Mark the functions that break a candidate on purpose, and help them to.

A defect takes the freshly loaded candidate and patches it, as far as possible through documented names, so that the
same defect breaks any candidate.  The host that it ruins is thrown away.
"""

import contextlib
import threading
from typing import Any, Callable, Iterator, TypeVar

Defect = TypeVar("Defect", bound=Callable[[Any], None])


def breaks(requirement: str) -> Callable[[Defect], Defect]:
    """Say which requirement a defect breaks, by its id."""

    def mark(defect: Defect) -> Defect:
        setattr(defect, "breaks", requirement)  # noqa: B010 - functions have no such attribute for mypy
        return defect

    return mark


def instead_of(owner: Any, name: str) -> "Callable[[Callable[..., Any]], None]":
    """Put the decorated function in the place of method *name*; it is given the method as its first argument."""

    def install(function: "Callable[..., Any]") -> None:
        method = getattr(owner, name)

        def replacement(self: Any, *arguments: Any, **options: Any) -> Any:
            return function(method, self, *arguments, **options)

        setattr(owner, name, replacement)

    return install


def intercept(impl: Any, name: str) -> "Callable[[Callable[[Any, Any], Any]], None]":
    """Give out decorated(server, method) instead of each server's method *name*, also of overriding ones."""

    def install(function: "Callable[[Any, Any], Any]") -> None:
        find = impl.BaseServer.__getattribute__

        def __getattribute__(self: Any, attribute: str) -> Any:  # noqa: N807 - it is put into a class
            found = find(self, attribute)
            return function(self, found) if attribute == name else found

        impl.BaseServer.__getattribute__ = __getattribute__

    return install


@contextlib.contextmanager
def setting(server: Any, name: str, value: Any) -> "Iterator[None]":
    """Give an attribute of *server* another value for a while."""
    saved = getattr(server, name)
    setattr(server, name, value)
    try:
        yield
    finally:
        setattr(server, name, saved)


def start_thread(server: Any, request: Any, client_address: Any) -> threading.Thread:
    """Start the thread of a request as ThreadingMixIn does, and return it."""
    thread = threading.Thread(target=server.process_request_thread, args=(request, client_address))
    thread.daemon = server.daemon_threads
    thread.start()
    return thread
