"""The server classes that the documentation names, as data to parametrise tests with.

A name with a plus, as in ``ThreadingMixIn+TCPServer``, stands for the class that a user builds:
``class Server(ThreadingMixIn, TCPServer)``.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ServerClass:
    """One server class: what it speaks, where, and how it runs more than one request at once."""

    name: str
    transport: Literal["stream", "datagram"]
    family: Literal["inet", "unix"]
    concurrency: Literal["none", "threads", "processes"]
    since: str | None = None  # the first Python version that has it; None: all that we test


ALL = (
    ServerClass("TCPServer", "stream", "inet", "none"),
    ServerClass("UDPServer", "datagram", "inet", "none"),
    ServerClass("UnixStreamServer", "stream", "unix", "none"),
    ServerClass("UnixDatagramServer", "datagram", "unix", "none"),
    ServerClass("ThreadingTCPServer", "stream", "inet", "threads"),
    ServerClass("ThreadingUDPServer", "datagram", "inet", "threads"),
    ServerClass("ThreadingUnixStreamServer", "stream", "unix", "threads"),
    ServerClass("ThreadingUnixDatagramServer", "datagram", "unix", "threads"),
    ServerClass("ForkingTCPServer", "stream", "inet", "processes"),
    ServerClass("ForkingUDPServer", "datagram", "inet", "processes"),
    ServerClass("ForkingUnixStreamServer", "stream", "unix", "processes", since="3.12"),
    ServerClass("ForkingUnixDatagramServer", "datagram", "unix", "processes", since="3.12"),
)

STREAM = tuple(each for each in ALL if each.transport == "stream")
DATAGRAM = tuple(each for each in ALL if each.transport == "datagram")

INET = tuple(each for each in ALL if each.family == "inet")
UNIX = tuple(each for each in ALL if each.family == "unix")

SYNCHRONOUS = tuple(each for each in ALL if each.concurrency == "none")
THREADING = tuple(each for each in ALL if each.concurrency == "threads")
FORKING = tuple(each for each in ALL if each.concurrency == "processes")
CONCURRENT = THREADING + FORKING

SYNCHRONOUS_STREAM = tuple(each for each in SYNCHRONOUS if each in STREAM)
SYNCHRONOUS_DATAGRAM = tuple(each for each in SYNCHRONOUS if each in DATAGRAM)
THREADING_STREAM = tuple(each for each in THREADING if each in STREAM)
THREADING_DATAGRAM = tuple(each for each in THREADING if each in DATAGRAM)
FORKING_STREAM = tuple(each for each in FORKING if each in STREAM)
FORKING_DATAGRAM = tuple(each for each in FORKING if each in DATAGRAM)
FORKING_INET = tuple(each for each in FORKING if each in INET)
THREADING_INET = tuple(each for each in THREADING if each in INET)
SYNCHRONOUS_INET = tuple(each for each in SYNCHRONOUS if each in INET)
CONCURRENT_INET = tuple(each for each in CONCURRENT if each in INET)
CONCURRENT_INET_STREAM = tuple(each for each in CONCURRENT_INET if each in STREAM)
INET_STREAM = tuple(each for each in INET if each in STREAM)
INET_DATAGRAM = tuple(each for each in INET if each in DATAGRAM)
IN_ONE_PROCESS = SYNCHRONOUS + THREADING
DATAGRAM_IN_ONE_PROCESS = tuple(each for each in IN_ONE_PROCESS if each in DATAGRAM)
INET_STREAM_IN_ONE_PROCESS = tuple(each for each in IN_ONE_PROCESS if each in INET_STREAM)
INET_DATAGRAM_IN_ONE_PROCESS = tuple(each for each in IN_ONE_PROCESS if each in INET_DATAGRAM)

# A stream and a datagram server, one of each family: for what the transport may change and the family does not.
BOTH_TRANSPORTS = tuple(each for each in SYNCHRONOUS if each.name in {"TCPServer", "UnixDatagramServer"})

_MIX_INS: tuple[tuple[str, Literal["threads", "processes"]], ...] = (
    ("ThreadingMixIn", "threads"),
    ("ForkingMixIn", "processes"),
)

USER_BUILT = tuple(
    ServerClass(f"{mix_in}+{base.name}", base.transport, base.family, concurrency)
    for mix_in, concurrency in _MIX_INS
    for base in SYNCHRONOUS
)

FORKING_BUILT = tuple(each for each in USER_BUILT if each.concurrency == "processes")
