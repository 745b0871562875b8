"""The servers that are made of a mix-in and a server class, and of nothing else.

The mix-in comes first, since it overrides methods of the server.
"""

import os
import socket

from .datagram import UDPServer
from .stream import TCPServer
from .threaded import ThreadingMixIn


class ThreadingTCPServer(ThreadingMixIn, TCPServer):
    """A TCPServer with a thread for each connection."""


class ThreadingUDPServer(ThreadingMixIn, UDPServer):
    """A UDPServer with a thread for each datagram."""


if hasattr(os, "fork"):
    from .forking import ForkingMixIn

    class ForkingTCPServer(ForkingMixIn, TCPServer):
        """A TCPServer with a process for each connection."""

    class ForkingUDPServer(ForkingMixIn, UDPServer):
        """A UDPServer with a process for each datagram."""


if hasattr(socket, "AF_UNIX"):
    from .datagram import UnixDatagramServer
    from .stream import UnixStreamServer

    class ThreadingUnixStreamServer(ThreadingMixIn, UnixStreamServer):
        """A UnixStreamServer with a thread for each connection."""

    class ThreadingUnixDatagramServer(ThreadingMixIn, UnixDatagramServer):
        """A UnixDatagramServer with a thread for each datagram."""


if hasattr(os, "fork") and hasattr(socket, "AF_UNIX"):

    class ForkingUnixStreamServer(ForkingMixIn, UnixStreamServer):
        """A UnixStreamServer with a process for each connection."""

    class ForkingUnixDatagramServer(ForkingMixIn, UnixDatagramServer):
        """A UnixDatagramServer with a process for each datagram."""
