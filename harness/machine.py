"""What this machine offers to any candidate; what it lacks makes a check *unsupported*, whoever is judged."""

from __future__ import annotations

import os
import socket
from typing import Any

from harness.outcomes import Unsupported


def has_ipv6() -> bool:
    """Return whether a socket can be bound to the IPv6 loopback address here."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def check_support(server_class: Any) -> None:
    """Raise Unsupported when the machine lacks what *server_class* (see `conformance.servers`) is about."""
    if getattr(server_class, "family", None) == "unix" and not hasattr(socket, "AF_UNIX"):
        raise Unsupported("there are no Unix sockets here")
    if getattr(server_class, "concurrency", None) == "processes" and not hasattr(os, "fork"):
        raise Unsupported("processes cannot fork here")
