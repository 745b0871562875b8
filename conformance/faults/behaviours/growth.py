"""How much memory many requests leave behind."""

import gc
import os
import socket
import sys


def measure_growth(stage, name, count):
    """Handle *count* requests and three times as many more; return by how many objects these made the process grow."""
    server_class = getattr(stage.candidate, name)
    is_unix = server_class.address_family == socket.AF_UNIX
    address = stage.new_path() if is_unix else ("127.0.0.1", 0)
    with server_class(address, lambda *arguments: None) as server:
        _handle(server, count)
        before = _objects()
        _handle(server, 3 * count)
        return _objects() - before


def _handle(server, count):
    reader, writer = os.pipe()
    for _ in range(count):
        _handle_one(server)
    os.close(writer)
    os.read(reader, 1)  # the end of the pipe: no child has a copy any more
    os.close(reader)
    server.service_actions()


def _handle_one(server):
    with socket.socket(server.socket.family, server.socket.type) as client:
        client.connect(server.socket.getsockname())
        if server.socket.type == socket.SOCK_DGRAM:
            client.send(b"a request")
        server.handle_request()


def _objects():
    for _ in range(3):
        gc.collect()
    count = getattr(sys, "getallocatedblocks", None)
    return count() if count else len(gc.get_objects())
