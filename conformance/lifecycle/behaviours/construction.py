"""Making servers, and failing to."""

import builtins
import contextlib
import errno
import os
import socket

from conformance.lifecycle.behaviours.arranging import LOOPBACK, classes_named, closed_after, failure_of, free_address


def kept_arguments(stage, names):
    """Return for each class of *names* whether its object has the very address and handler class it was made with."""
    kept = {}
    for name, server_class in classes_named(stage, names):
        address, handler = free_address(stage, server_class), _Nothing()
        with closed_after(server_class(address, handler, False)) as server:
            kept[name] = server.server_address is address and server.RequestHandlerClass is handler
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
        watched(free_address(stage, server_class), None, bind_and_activate).server_close()
    return calls


def sockets_before_binding(stage, names):
    """Return family, type and whether it is open, of the socket of each class's unbound server."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(server_class(free_address(stage, server_class), None, False)) as server:
            its = server.socket
            found[name] = (int(its.family), int(its.type), its.fileno() >= 0)
    return found


def bound_addresses(stage, names):
    """Return for each class whether its address is what the system says, and no longer port 0."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(server_class(free_address(stage, server_class), None)) as server:
            address = server.server_address
            found[name] = address == server.socket.getsockname() and address != LOOPBACK
    return found


def ipv6_addresses(stage, names):
    """Return for each class whether its address on IPv6 has four parts and is what the system says."""
    found = {}
    for name, server_class in classes_named(stage, names):
        derived = type("Server", (server_class,), {"address_family": socket.AF_INET6})
        with closed_after(derived(("::1", 0), None)) as server:
            address = server.server_address
            found[name] = len(address) == 4 and address[1] != 0 and address == server.socket.getsockname()
    return found


def addresses_bound_later(stage, names):
    """Bind servers that were made unbound; return for each class whether their address is then the system's."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with closed_after(server_class(free_address(stage, server_class), None, False)) as server:
            server.server_bind()
            found[name] = server.server_address == server.socket.getsockname() != LOOPBACK
    return found


def bound_host(stage, name, host):
    """Return the host in the address of a server that was bound to *host*."""
    with closed_after(getattr(stage.candidate, name)((host, 0), None)) as server:
        return server.server_address[0]


def fail_to_construct(stage, names, step, error):
    """Let a step of the constructor raise; return for each class what came of it."""
    seen = {}
    for name, server_class in classes_named(stage, names):
        seen[name] = _fail_to_construct(server_class, free_address(stage, server_class), step, error)
    return seen


def fail_at_an_abstract_name(stage):
    """Let a Unix server fail that is bound to a name without a path already; return what came of it."""
    return _fail_to_construct(stage.candidate.UnixStreamServer, "\0" + stage.folder, "server_activate", "OSError")


def _fail_to_construct(server_class, address, step, error_name):
    error, seen, servers = getattr(builtins, error_name)("on purpose"), [], []

    def fail(self):
        servers.append(self)
        raise error

    def server_close(self):
        seen.append("closed")
        super(failing, self).server_close()

    failing = type("Failing", (server_class,), {step: fail, "server_close": server_close})
    try:
        failing(address, None)
    except BaseException as raised:  # noqa: BLE001 - whatever comes is the answer
        seen.append("raised" if raised is error else type(raised).__name__)
    return seen + [server.socket.fileno() for server in servers]


def fail_at_addresses(stage, names, kind):
    """Make a server of each class at an address that cannot be; return for each what came of it."""
    seen = {}
    for name, server_class in classes_named(stage, names):
        with _bad_address(stage, server_class, kind) as address:
            seen[name] = _fail_at(server_class, address)
    return seen


def _fail_at(server_class, address):
    closed = []

    def server_close(self):
        super(watched, self).server_close()
        closed.append(self.socket.fileno())

    watched = type("Watched", (server_class,), {"server_close": server_close})
    error = failure_of(watched, address)
    return [error is not None, closed]


def left_by_failures(stage, names, kind):
    """Fail to make five servers of each class; return for each what there is more than before."""
    more, errors = {}, []  # the errors keep the servers alive, which else would be closed as garbage
    for name, server_class in classes_named(stage, names):
        failing = type("Failing", (server_class,), {"server_activate": _fail} if kind == "activation" else {})
        before = _possessions()
        for _ in range(5):
            with _bad_address(stage, server_class, kind) as address:
                errors.append(failure_of(failing, address))
        more[name] = {what: count - before[what] for what, count in _possessions().items()}
    assert None not in errors, "servers were made that cannot be"
    return more


def _possessions():
    return {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "threads": len(os.listdir("/proc/self/task")),
        "children": int(_has_children()),
    }


def _has_children():
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


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
        getattr(stage.candidate, name)(address, None).server_close()
    except OSError as error:
        return errno.errorcode.get(error.errno)
    return None


class _Nothing:
    """Something that is the same only as itself."""


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
