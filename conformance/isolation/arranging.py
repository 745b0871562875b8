"""How the tests of this area bring a server into the state that they judge, and look at its children."""

import select
import socket

import pytest

from conformance.isolation import behaviours
from harness import processes
from harness.clients import StreamClient
from harness.hosts import Host
from harness.running import RunningServer

PATIENCE = 0.1  # seconds that a thread must be seen asleep to pass for one that waits

EVERY_END = pytest.mark.parametrize(
    "behaviour",
    [behaviours.pass_by, behaviours.fail, behaviours.interrupt, behaviours.leave],
    ids=lambda behaviour: behaviour.__name__,
)


def take_in(server: RunningServer, count: int = 1) -> None:
    """Let *server* take in *count* new requests without a loop."""
    for _ in range(count):
        server.knock()
        server.call("handle_request")


def hold_children(server: RunningServer, count: int = 1) -> None:
    """Let *server* take in *count* requests and wait until their handlers are held at a gate."""
    take_in(server, count)
    server.wait_for("gate.wait", count=count)


def living(host: Host) -> list[int]:
    """Return the children of the host's process that have not ended."""
    return [pid for pid in _children(host) if not processes.is_zombie(pid)]


def zombies(host: Host) -> list[int]:
    """Return the children of the host's process that have ended, and nobody has asked how."""
    return [pid for pid in _children(host) if processes.is_zombie(pid)]


def _children(host: Host) -> list[int]:
    children = processes.children(host.pid)
    return list(host.vitals().children + host.vitals().zombies) if children is None else children


def wait_for_the_end_of_children(host: Host) -> None:
    """Wait until each child has ended, collected or not."""
    host.wait_until(lambda: not living(host), "the end of all children")


def active_children(server: RunningServer) -> list[int]:
    """Return the children that the server believes to have."""
    return sorted(server.read("active_children") or ())


def sockets(pid: int) -> list[str]:
    """Return the sockets that process *pid* holds."""
    return [name for name in processes.descriptors(pid).values() if name.startswith("socket:")]


def was_closed(client: StreamClient) -> bool:
    """Tell whether the end of the connection has reached *client* by now; local sockets deliver at once."""
    return bool(select.select([client.socket], [], [], 0)[0]) and client.receive() == b""


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
