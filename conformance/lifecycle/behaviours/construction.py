"""Making servers, and failing to."""

import builtins
import errno
import os
import socket

from conformance.lifecycle.behaviours.arranging import LOOPBACK, classes_named, failure_of, free_address


def kept_arguments(stage, names):
    """Return for each class of *names* whether its object has the very address and handler class it was made with."""
    kept = {}
    for name, server_class in classes_named(stage, names):
        address, handler = free_address(stage, server_class), _Nothing()
        with server_class(address, handler, False) as server:
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
        with server_class(free_address(stage, server_class), None, False) as server:
            its = server.socket
            found[name] = (int(its.family), int(its.type), its.fileno() >= 0)
    return found


def bound_addresses(stage, names):
    """Return for each class whether its address is what the system says, and no longer port 0."""
    found = {}
    for name, server_class in classes_named(stage, names):
        with server_class(free_address(stage, server_class), None) as server:
            address = server.server_address
            found[name] = address == server.socket.getsockname() and address != LOOPBACK
    return found


def bound_host(stage, name, host):
    """Return the host in the address of a server that was bound to *host*."""
    with getattr(stage.candidate, name)((host, 0), None) as server:
        return server.server_address[0]


def fail_to_construct(stage, names, step, error):
    """Let a step of the constructor raise; return for each class what came of it."""
    seen = {}
    for name, server_class in classes_named(stage, names):
        seen[name] = _fail_to_construct(server_class, free_address(stage, server_class), step, error)
    return seen


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


def descriptors_after_failures(stage, names):
    """Fail to bind five servers of each class; return for each how many descriptors more there are."""
    more, errors = {}, []  # the errors keep the servers alive, which else would be closed as garbage
    for name, server_class in classes_named(stage, names):
        before = len(os.listdir("/proc/self/fd"))
        errors += [failure_of(server_class, _impossible_address(stage, server_class)) for _ in range(5)]
        more[name] = len(os.listdir("/proc/self/fd")) - before
    assert None not in errors, "servers were bound to an impossible address"
    return more


def make_another(stage, name, address):
    """Make a server at *address* and return the name of the error number of the OSError, None without one."""
    try:
        getattr(stage.candidate, name)(address, None).server_close()
    except OSError as error:
        return errno.errorcode.get(error.errno)
    return None


class _Nothing:
    """Something that is the same only as itself."""


def _impossible_address(stage, server_class):
    if server_class.address_family == getattr(socket, "AF_UNIX", None):
        return os.path.join(stage.new_path("no-folder"), "socket")
    return (LOOPBACK[0], -1)
