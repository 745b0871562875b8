"""Forks, and lets the child go on with the import, too."""

import os
from socketserver import TCPServer

child = os.fork()
if child:
    os.waitpid(child, 0)

__all__ = ["TCPServer"]
