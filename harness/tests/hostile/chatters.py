"""Writes a million lines on each stream while it is imported, and is a candidate all the same."""

import sys
from socketserver import TCPServer

for stream in (sys.stdout, sys.stderr):
    for _ in range(1000):
        stream.write("all work and no play\n" * 1000)

__all__ = ["TCPServer"]
