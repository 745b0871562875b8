"""Make a candidate hostile: one of its methods does nothing, raises, returns nonsense, or says nothing.

A twist is named like ``TWISTS.TCPServer.get_request.raises``, which is a function that changes a freshly loaded
candidate.  A candidate without the class or the method stays as it is.
"""

import contextlib
import os
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterator

METHODS = {
    "BaseServer": (
        "__init__",
        "serve_forever",
        "shutdown",
        "handle_request",
        "service_actions",
        "handle_timeout",
        "verify_request",
        "process_request",
        "finish_request",
        "handle_error",
        "shutdown_request",
        "close_request",
        "server_close",
        "__enter__",
        "__exit__",
    ),
    "TCPServer": (
        "__init__",
        "server_bind",
        "server_activate",
        "server_close",
        "fileno",
        "get_request",
        "shutdown_request",
        "close_request",
    ),
    "UDPServer": (
        "get_request",
        "server_activate",
        "shutdown_request",
        "close_request",
    ),
    "ForkingMixIn": (
        "process_request",
        "handle_timeout",
        "service_actions",
        "server_close",
    ),
    "ThreadingMixIn": (
        "process_request",
        "server_close",
    ),
    "BaseRequestHandler": (
        "__init__",
        "setup",
        "handle",
        "finish",
    ),
    "StreamRequestHandler": (
        "setup",
        "finish",
    ),
    "DatagramRequestHandler": (
        "setup",
        "finish",
    ),
}


class Nonsense(Exception):
    """What a twisted method raises."""


def _emptied(method: "Callable[..., Any]") -> "Callable[..., Any]":
    return lambda *arguments, **options: None


def _raises(method: "Callable[..., Any]") -> "Callable[..., Any]":
    def raising(*arguments: Any, **options: Any) -> Any:
        raise Nonsense("a method of a hostile module")

    return raising


def _returns_nonsense(method: "Callable[..., Any]") -> "Callable[..., Any]":
    def returning(*arguments: Any, **options: Any) -> Any:
        method(*arguments, **options)
        return {"nonsense": [object(), b"\xff", -1]}

    return returning


@contextlib.contextmanager
def _redirected(stream: Any) -> "Iterator[None]":
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        yield


def _is_silent(method: "Callable[..., Any]") -> "Callable[..., Any]":
    def silent(*arguments: Any, **options: Any) -> Any:
        with open(os.devnull, "w") as nowhere, _redirected(nowhere):
            return method(*arguments, **options)

    return silent


WAYS: "Dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]]" = {
    "is_emptied": _emptied,
    "raises": _raises,
    "returns_nonsense": _returns_nonsense,
    "is_silent": _is_silent,
}


def _twist(class_name: str, method: str, way: str) -> "Callable[[Any], None]":
    def twist(candidate: Any) -> None:
        owner = getattr(candidate, class_name, None)
        if hasattr(owner, method):
            setattr(owner, method, WAYS[way](getattr(owner, method)))

    return twist


TWISTS = SimpleNamespace(
    **{
        owner: SimpleNamespace(
            **{method: SimpleNamespace(**{way: _twist(owner, method, way) for way in WAYS}) for method in methods}
        )
        for owner, methods in METHODS.items()
    }
)


def names() -> "Iterator[str]":
    """Return the names of all twists, without ``TWISTS``."""
    for class_name, methods in METHODS.items():
        for method in methods:
            for way in WAYS:
                yield "%s.%s.%s" % (class_name, method, way)
