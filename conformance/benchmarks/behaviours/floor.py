"""The floor: bare loops that do what the servers must do, and nothing for anybody who might want to change it."""

import contextlib
import os
import socket
import threading
import time

from conformance.benchmarks.behaviours import workloads
from conformance.benchmarks.behaviours.arranging import BACKLOG, announce, free_address


def serve(stage, server_class, workload, attributes):
    """Serve for ever in this thread, which is the main one; *attributes* are of no concern here."""
    near_end = _bound(stage, server_class)
    announce(stage, near_end)
    if server_class["transport"] == "datagram":
        _serve_datagrams(near_end, workloads.DATAGRAMS[workload], _STARTERS[server_class["concurrency"]])
    else:
        _serve_connections(near_end, workloads.CONNECTIONS[workload], server_class["concurrency"])


def _bound(stage, server_class):
    family = socket.AF_INET if server_class["family"] == "inet" else socket.AF_UNIX
    kind = socket.SOCK_DGRAM if server_class["transport"] == "datagram" else socket.SOCK_STREAM
    near_end = socket.socket(family, kind)
    near_end.bind(free_address(stage, server_class))
    if kind == socket.SOCK_STREAM:
        near_end.listen(BACKLOG)
    return near_end


def _serve_connections(listening, work, concurrency):
    if concurrency == "processes":
        _fork_for_connections(listening, work)
    start = _STARTERS[concurrency]
    while True:
        connection, _ = listening.accept()
        start(_handle, connection, work)


def _handle(connection, work):
    work(connection)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
    connection.close()


def _fork_for_connections(listening, work):
    while True:
        connection, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _handle(connection, work)
            os._exit(0)
        connection.close()
        _reap()


def _reap():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _serve_datagrams(near_end, work, start):
    while True:
        data, address = near_end.recvfrom(8192)
        start(work, data, lambda answer, address=address: near_end.sendto(answer, address))


def _at_once(function, *arguments):
    function(*arguments)


def _in_a_thread(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def _in_a_child(function, *arguments):
    if os.fork() == 0:
        function(*arguments)
        os._exit(0)
    _reap()


_STARTERS = {"none": _at_once, "threads": _in_a_thread, "processes": _in_a_child}


def construct_and_close(stage, server_class, count):
    """Bind and close so many sockets; return the seconds that one took."""
    begin = time.perf_counter()
    for _ in range(count):
        _bound(stage, server_class).close()
    return (time.perf_counter() - begin) / count


def begin_to_serve(stage, server_class):
    """Let a thread wait for requests and for the word to stop."""
    stage.wake, woken = socket.socketpair()
    stage.near_end = _bound(stage, server_class)
    stage.loop = threading.Thread(target=woken.recv, args=(1,), daemon=True)
    stage.loop.start()


def shut_down(stage):
    """Say the word; return the seconds until the thread had ended."""
    begin = time.perf_counter()
    stage.wake.send(b"!")
    stage.loop.join()
    return time.perf_counter() - begin
