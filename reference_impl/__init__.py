"""Network servers, as Python's `socketserver` has them: the whole hierarchy, written to be read.

A server waits for requests, and makes a request handler for each.  There are four kinds of
servers, by what a request is and where it comes from, and two mix-ins that let requests overlap:

    BaseServer                      base.py         wait, verify, process, stop
    └── TCPServer                   stream.py       a request is a connection
        ├── UnixStreamServer
        └── UDPServer               datagram.py     a request is a datagram
            └── UnixDatagramServer

    ForkingMixIn                    forking.py      a process for each request
    ThreadingMixIn                  threaded.py     a thread for each request
    Forking…Server, Threading…Server                combinations.py

    BaseRequestHandler              request_handlers.py
    ├── StreamRequestHandler
    └── DatagramRequestHandler

It is a drop-in: `sys.modules["socketserver"] = reference_impl`, before anything else imports
`socketserver`.  Names that the system cannot support (no `os.fork`, no Unix sockets) do not
exist.
"""

# Programs and tests replace functions of these modules through this one, as in
# `socketserver.os.fork = ...`.
import os
import select  # noqa: F401
import socket
import sys
import threading  # noqa: F401

from .base import BaseServer
from .combinations import ThreadingTCPServer, ThreadingUDPServer
from .datagram import UDPServer
from .request_handlers import BaseRequestHandler, DatagramRequestHandler, StreamRequestHandler
from .stream import TCPServer
from .threaded import ThreadingMixIn

__all__ = ["TCPServer", "UDPServer"]

if hasattr(socket, "AF_UNIX"):
    from .combinations import ThreadingUnixDatagramServer, ThreadingUnixStreamServer
    from .datagram import UnixDatagramServer
    from .stream import UnixStreamServer

    __all__ += ["UnixStreamServer", "UnixDatagramServer"]

if hasattr(os, "fork"):
    from .combinations import ForkingTCPServer, ForkingUDPServer
    from .forking import ForkingMixIn

    __all__ += ["ForkingMixIn", "ForkingTCPServer", "ForkingUDPServer"]

__all__ += ["ThreadingMixIn", "ThreadingTCPServer", "ThreadingUDPServer"]

if hasattr(os, "fork") and hasattr(socket, "AF_UNIX"):
    from .combinations import ForkingUnixDatagramServer, ForkingUnixStreamServer

    __all__ += ["ForkingUnixStreamServer", "ForkingUnixDatagramServer"]

if hasattr(socket, "AF_UNIX"):
    __all__ += ["ThreadingUnixStreamServer", "ThreadingUnixDatagramServer"]

__all__ += ["BaseServer", "BaseRequestHandler", "StreamRequestHandler", "DatagramRequestHandler"]

# The files are a matter of reading; to programs, the classes are this module's.
for _name in __all__:
    globals()[_name].__module__ = __name__
del _name

if sys.version_info < (3, 15):
    __version__ = "0.4"
else:

    def __getattr__(name: str) -> str:
        """Give out `__version__`, which means nothing any more, with a warning."""
        if name != "__version__":
            raise AttributeError("module %r has no attribute %r" % (__name__, name))
        import warnings

        message = "%r is deprecated and slated for removal in Python 3.20" % name
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return "0.4"
