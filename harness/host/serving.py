"""Build the server that a test asked for, as a user of the candidate would: by subclassing.

Attributes become members of the subclass: values as they are, functions as methods.  A method that wants what it
replaces calls ``self.inherited.NAME(...)``.
"""

import os
import socket
from typing import Any, Callable

from harness.host.stage import Stage
from harness.host.visits import client_name, do_nothing, handler_class

LOOPBACK = {socket.AF_INET: "127.0.0.1", getattr(socket, "AF_INET6", None): "::1"}


def build(
    stage: Stage,
    class_name: str,
    behaviour: "Callable[[Any], object] | None",
    address: "Any",
    handler_base: "str | None",
    probes: "list[str]",
    attributes: "dict[str, Any]",
    activate: bool = True,
) -> int:
    """Build a server and return its number, by which later calls know it.

    class_name: a name of the candidate, or several joined by "+" for ``class X(Left, Right)``.
    address: where to bind; None for a free port of loopback or a fresh path.
    probes: names of methods whose calls become hook.enter and hook.exit events.
    """
    bases = tuple(getattr(stage.candidate, name) for name in class_name.split("+"))
    server_class = derive(stage, bases, probes, attributes)
    handler = handler_class(stage, behaviour or do_nothing, handler_base)
    if address is None:
        address = free_address(stage, server_class)
    server = server_class(address, handler, activate)
    stage.servers.append(server)
    return len(stage.servers) - 1


def derive(stage: Stage, bases: "tuple[type, ...]", probes: "list[str]", attributes: "dict[str, Any]") -> "Any":
    """Return a subclass of *bases* with these attributes, that reports the calls of its *probes*."""
    members = {"stage": stage}
    server_class: Any = type("ServerUnderTest", bases, members)
    server_class.inherited = property(lambda self: super(server_class, self))
    for name, value in attributes.items():
        setattr(server_class, name, value)
    for name in probes:
        setattr(server_class, name, _reporting(stage, name, getattr(server_class, name)))
    return server_class


def _reporting(stage: Stage, name: str, method: "Callable[..., Any]") -> "Callable[..., Any]":
    """Return *method* with an event before and one after it."""

    def reporting(self: "Any", *arguments: "Any", **options: "Any") -> "Any":
        client = client_name(arguments[1]) if len(arguments) == 2 else None
        stage.record("hook.enter", name=name, client=client)
        try:
            value = method(self, *arguments, **options)
        except BaseException as error:
            stage.record("hook.raise", name=name, client=client, error=type(error).__name__)
            raise
        if name == "get_request":
            client = client_name(value[1])
        stage.record("hook.exit", name=name, client=client)
        return value

    return reporting


def free_address(stage: Stage, server_class: "Any") -> "Any":
    """Return an address that nobody uses, fit for the family of *server_class*."""
    if server_class.address_family in LOOPBACK:
        return (LOOPBACK[server_class.address_family], 0)
    return stage.new_path()


def address(stage: Stage, number: int) -> "Any":
    """Return where server *number* listens, as the kernel knows it, not as the candidate says."""
    name = stage.servers[number].socket.getsockname()
    return os.fsdecode(name) if isinstance(name, bytes) and name[:1] != b"\0" else name


def family(stage: Stage, number: int) -> int:
    """Return the address family of server *number* as a plain number."""
    return int(stage.servers[number].socket.family)


def is_stream(stage: Stage, number: int) -> bool:
    """Tell whether the requests of server *number* are connections; otherwise each is a datagram."""
    kind = stage.servers[number].socket.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
    return bool(kind == socket.SOCK_STREAM)


def invoke(stage: Stage, number: int, method: str, arguments: "list[Any]") -> "Any":
    """Call a method of server *number*."""
    return getattr(stage.servers[number], method)(*arguments)


def read(stage: Stage, number: int, attribute: str) -> "Any":
    """Return an attribute of server *number*, as the server's own process sees it."""
    return getattr(stage.servers[number], attribute)


def write(stage: Stage, number: int, attribute: str, value: "Any") -> None:
    """Set an attribute of server *number*."""
    setattr(stage.servers[number], attribute, value)
