"""Forks a child that outlives the import, holds all descriptors, and leaves the session."""

import os
import signal
from socketserver import TCPServer

ready, told = os.pipe()
if os.fork() == 0:
    os.setsid()
    with open(os.path.splitext(__file__)[0] + ".pid", "w") as file:
        file.write(str(os.getpid()))
    os.write(told, b".")
    while True:
        signal.pause()
os.read(ready, 1)

__all__ = ["TCPServer"]
