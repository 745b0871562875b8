"""What this machine offers to any candidate; what it lacks makes a check *unsupported*, whoever is judged."""

from __future__ import annotations

import os
import resource
import socket
import tempfile
from typing import Any

from harness import processes
from harness.outcomes import HarnessError, Raised, Unsupported

ROOM = 1 << 20  # bytes; ten times what the checks of a run need


def check_room(folder: str | None = None) -> None:
    """Raise HarnessError when temporary files find no room in *folder*, or, without it, where they usually are."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM))
            file.flush()
    except OSError as error:
        where = folder or tempfile.tempdir
        raise HarnessError(f"no temporary files can be written{f' in {where}' if where else ''}: {error}") from None


def has_ipv6() -> bool:
    """Return whether a socket can be bound to the IPv6 loopback address here."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def check_descriptors(needed: int) -> None:
    """Raise Unsupported when no process may open as many as *needed* descriptors here."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most != resource.RLIM_INFINITY and most < needed:
        raise Unsupported(f"a process may open {most} descriptors here, of which the check needs {needed}")


def lack_behind(error: Raised) -> str | None:
    """Return what this machine lacks, if that is why a call in a host has raised *error*; None if it is not."""
    if "FileNotFoundError" in error.bases and "'/proc/" in error.message and not processes.can_be_seen():
        return processes.NO_SIGHT
    return None


def check_support(server_class: Any) -> None:
    """Raise Unsupported when the machine lacks what *server_class* (see `conformance.servers`) is about."""
    if getattr(server_class, "family", None) == "unix" and not hasattr(socket, "AF_UNIX"):
        raise Unsupported("there are no Unix sockets here")
    if getattr(server_class, "concurrency", None) == "processes" and not hasattr(os, "fork"):
        raise Unsupported("processes cannot fork here")
