"""How the tests of this area bring a server into the state that they judge, and look at its children."""

import socket

import pytest

from conformance.isolation import behaviours
from harness import processes
from harness.checks.verdict import Inconclusive
from harness.clients import DatagramClient, StreamClient
from harness.hosts import Host
from harness.running import RunningServer

PATIENCE = 0.1  # seconds that a thread must be seen asleep to pass for one that waits

EVERY_END = pytest.mark.parametrize(
    "behaviour",
    [behaviours.pass_by, behaviours.fail, behaviours.interrupt, behaviours.leave],
    ids=lambda behaviour: behaviour.__name__,
)


def take_in(server: RunningServer, count: int = 1) -> list[StreamClient | DatagramClient]:
    """Let *server* take in *count* new requests without a loop; return their clients."""
    clients = []
    for _ in range(count):
        clients.append(server.knock())
        server.call("handle_request")
    return clients


def hold_children(server: RunningServer, count: int = 1) -> list[int]:
    """Let *server* take in *count* requests and wait until their handlers are held at a gate; return the children."""
    take_in(server, count)
    server.wait_for("gate.wait", count=count)
    return children_with_handlers(server.host)


def end_children(server: RunningServer, count: int) -> list[int]:
    """Let *count* children of *server* come to their end, and return their numbers."""
    ended = hold_children(server, count)
    server.release()
    wait_for_the_end_of_handlers(server.host)
    return ended


def children_with_handlers(host: Host) -> list[int]:
    """Return the children in which a handler has begun, whether they live or not; others may be waiting for theirs."""
    begun = dict.fromkeys(event.pid for event in host.history().of("handler.enter"))
    return [pid for pid in begun if pid != host.pid]


def wait_for_the_end_of_handlers(host: Host) -> None:
    """Wait until a handler has begun, and each child in which one has begun has ended, collected or not."""
    host.wait_for("handler.enter")
    children = children_with_handlers(host)
    host.wait_until(lambda: not any(map(processes.lives, children)), "the end of the children that had a request")


def children_end(host: Host) -> bool:
    """Wait until a handler has begun and all children with handlers have ended (True), or nothing works (False)."""
    host.wait_for("handler.enter")
    children = children_with_handlers(host)
    return host.becomes(lambda: not any(map(processes.lives, children)), "the end of the children that had a request")


def living(host: Host) -> list[int]:
    """Return the children of the host's process that have not ended."""
    return [pid for pid in _children(host) if not processes.is_zombie(pid)]


def zombies(host: Host) -> list[int]:
    """Return the children of the host's process that have ended, and nobody has asked how."""
    return [pid for pid in _children(host) if processes.is_zombie(pid)]


def zombies_that_stay(host: Host) -> list[int]:
    """Return the children that have ended, and nobody asks how although there was time for it."""
    host.becomes(lambda: zombies(host) == [], "the collecting of the children that have ended")
    return zombies(host)


def _children(host: Host) -> list[int]:
    children = processes.children(host.pid)
    return list(host.vitals().children + host.vitals().zombies) if children is None else children


def wait_for_two_turns(server: RunningServer) -> None:
    """Wait until the loop of *server* has begun and ended a turn from now; its service_actions() must be reported."""
    turns = len(server.history().of("hook.exit", name="service_actions"))
    server.wait_for("hook.exit", count=turns + 2, name="service_actions")


def exit_status(server: RunningServer) -> object:
    """Take in one request; return the exit status of its child, whoever asked for it, negative for a signal."""
    server.host.call(behaviours.note_how_children_end)
    take_in(server)
    wait_for_the_end_of_handlers(server.host)
    for child in children_with_handlers(server.host):
        server.host.call(behaviours.ask_for, child)  # unless the server has done so
        if server.comes("child.collected", child=child):
            return server.history().of("child.collected", child=child)[0].details["status"]
    raise Inconclusive("nobody saw how the child ended: there was none, or it was not asked for by a function of os")


def can_be_taken(address: tuple[str, int]) -> bool:
    """Tell whether another server can listen at *address*, as far as that depends on who else does."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(address)
            other.listen()
        except OSError:
            return False
    return True
