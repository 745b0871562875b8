"""Closes every descriptor, and opens files that get the same numbers."""

import os
from socketserver import TCPServer

os.closerange(0, 256)
for _ in range(256):
    os.open(os.devnull, os.O_RDWR)

__all__ = ["TCPServer"]
