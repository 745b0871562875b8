"""Making servers, and failing to."""

import builtins
import contextlib
import errno
import os
import socket

from conformance.lifecycle.behaviours.arranging import (
    LOOPBACK,
    Handler,
    classes_named,
    closed_after,
    failure_of,
    free_address,
)


def kept_arguments(stage, names):
    """Return for each class of *names* whether its object has the address and the handler class it was made with."""
    kept = {}
    for name, server_class in classes_named(stage, names):
        address, handler = free_address(stage, server_class), type("OwnHandler", (Handler,), {})
        with closed_after(server_class(address, handler, False)) as server:
            kept[name] = server.server_address == address and server.RequestHandlerClass is handler
    return kept


def steps_of_construction(stage, names, bind_and_activate):
    """Return for each class of *names* which of its methods the constructor calls."""
    calls = {}

    def note(name, step):
        def method(self):
            calls[name].append(step)
            getattr(super(type(self), self), step)()

        return method

    for name, server_class in classes_named(stage, names):
        calls[name] = []
        members = {step: note(name, step) for step in ("server_bind", "server_activate")}
        watched = type("Watched", (server_class,), members)
        watched(free_address(stage, server_class), Handler, bind_and_activate).server_close()
    return calls


def sockets_before_binding(stage, names):
    """Return family, type and whether it is open, of the socket of each class's unbound server."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(server_class(free_address(stage, server_class), Handler, False)) as server:
            its = server.socket
            found[name] = (int(its.family), int(its.type), its.fileno() >= 0)
    return found


def bound_addresses(stage, names):
    """Return for each class whether its address is what the system says, and no longer port 0."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(server_class(free_address(stage, server_class), Handler)) as server:
            address = server.server_address
            found[name] = address == server.socket.getsockname() and address != LOOPBACK
    return found


def ipv6_addresses(stage, names):
    """Return for each class whether its address on IPv6 has four parts and is what the system says."""
    found = {}
    for name, server_class in classes_named(stage, names):
        derived = type("Server", (server_class,), {"address_family": socket.AF_INET6})
        with closed_after(derived(("::1", 0), Handler)) as server:
            address = server.server_address
            found[name] = len(address) == 4 and address[1] != 0 and address == server.socket.getsockname()
    return found


def addresses_bound_later(stage, names):
    """Bind servers that were made unbound; return for each class whether their address is then the system's."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(server_class(free_address(stage, server_class), Handler, False)) as server:
            server.server_bind()
            found[name] = server.server_address == server.socket.getsockname() != LOOPBACK
    return found


def bound_host(stage, name, host):
    """Return the host in the address of a server that was bound to *host*."""
    with closed_after(getattr(stage.candidate, name)((host, 0), Handler)) as server:
        return server.server_address[0]


def fail_to_construct(stage, names, step, error):
    """Let a step of the constructor raise; return for each class what came out of it, and how often it was closed."""
    seen = {}
    for name, server_class in classes_named(stage, names):
        seen[name] = _fail_to_construct(server_class, free_address(stage, server_class), step, error)
    return seen


def fail_at_an_abstract_name(stage):
    """Let a Unix server fail that is bound to a name without a path already; return what came of it."""
    return _fail_to_construct(stage.candidate.UnixStreamServer, "\0" + stage.folder, "server_activate", "OSError")


def _fail_to_construct(server_class, address, step, error_name):
    error, closed = getattr(builtins, error_name)("on purpose"), []

    def fail(self):
        raise error

    failing = type("Failing", (_noting_closings(server_class, closed),), {step: fail})
    try:
        failing(address, Handler)
    except BaseException as raised:  # noqa: BLE001 - whatever comes is the answer
        return "itself" if raised is error else type(raised).__name__, closed
    return "nothing", closed


def _noting_closings(server_class, closed):
    def server_close(self):
        closed.append("closed")
        super(noting, self).server_close()

    noting = type("Noting", (server_class,), {"server_close": server_close})
    return noting


def fail_at_addresses(stage, names, kind):
    """Make a server of each class at an address that cannot be; return for each whether that failed."""
    failed = {}
    for name, server_class in classes_named(stage, names):
        with _bad_address(stage, server_class, kind) as address:
            failed[name] = failure_of(server_class, address) is not None
    return failed


def closed_at_addresses(stage, names, kind):
    """Make a server of each class at an address that cannot be; return for each how often it was closed."""
    closed = {}
    for name, server_class in classes_named(stage, names):
        closed[name] = []
        with _bad_address(stage, server_class, kind) as address:
            failure_of(_noting_closings(server_class, closed[name]), address)
    return closed


def fail_again_and_again(stage, name, kind, count):
    """Make a server so often where that cannot be; return how often it failed."""
    [(_, server_class)] = classes_named(stage, [name])
    failing = type("Failing", (server_class,), {"server_activate": _fail} if kind == "activation" else {})
    # What is raised keeps the servers alive, which otherwise would be closed as garbage.
    errors = stage.__dict__.setdefault("errors", [])
    known = len(errors)
    for _ in range(count):
        with _bad_address(stage, server_class, kind) as address:
            error = failure_of(failing, address)
            if error is not None:
                errors.append(error)
    return len(errors) - known


def _fail(self):
    raise OSError("on purpose")


def make_with_any_handler(stage, names):
    """Make each class with things that are no handler class; return for each whether that failed."""
    return {
        name: [
            failure_of(server_class, free_address(stage, server_class), handler) is not None
            for handler in (None, 0, "text")
        ]
        for name, server_class in classes_named(stage, names)
    }


def make_another(stage, name, address):
    """Make a server at *address* and return the name of the error number of the OSError, None without one."""
    try:
        getattr(stage.candidate, name)(address, Handler).server_close()
    except OSError as error:
        return errno.errorcode.get(error.errno)
    return None


@contextlib.contextmanager
def _bad_address(stage, server_class, kind):
    """Give an address that cannot be, that is taken, or, for an activation that fails, a good one."""
    is_unix = server_class.address_family == getattr(socket, "AF_UNIX", None)
    address = free_address(stage, server_class)
    if kind == "impossible":
        yield os.path.join(address, "socket") if is_unix else (LOOPBACK[0], -1)
    elif kind == "occupied":
        with socket.socket(server_class.address_family, server_class.socket_type) as occupant:
            occupant.bind(address)
            yield occupant.getsockname()
    else:
        yield address
