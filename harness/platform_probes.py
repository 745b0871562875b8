"""What a known deviation may depend on besides versions: questions with a name, and who answers them.

The version of a kernel tells little: distributions change theirs, and containers hide it.  So a deviation names what it
depends on, and a probe finds out whether it is so here.
"""

import socket
from collections.abc import Callable, Mapping
from functools import cache

from harness.candidates import Facts

#: A name begins with this where the deviation happens only if the probe says no.
NOT = "not "


def first_unmet(conditions: tuple[str, ...], facts: Facts) -> str:
    """Return the first of *conditions* that does not hold for a candidate with these *facts*; "" if all do."""
    return next((each for each in conditions if not _holds(each, facts)), "")


def _holds(condition: str, facts: Facts) -> bool:
    return PROBES[condition.removeprefix(NOT)](facts) is not condition.startswith(NOT)


def unix_sockets_refuse_reuse_port(_facts: Facts) -> bool:
    """SO_REUSEPORT cannot be set on a Unix socket: so it is on Linux from 6.12.9 on."""
    return _refuses_reuse_port()


@cache
def _refuses_reuse_port() -> bool:
    if not (hasattr(socket, "AF_UNIX") and hasattr(socket, "SO_REUSEPORT")):
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        except OSError:
            return True
    return False


def free_threaded(facts: Facts) -> bool:
    """The candidate's interpreter runs without a global lock."""
    return not facts.gil


PROBES: Mapping[str, Callable[[Facts], bool]] = {
    "unix-sockets-refuse-reuse-port": unix_sockets_refuse_reuse_port,
    "free-threaded": free_threaded,
}
