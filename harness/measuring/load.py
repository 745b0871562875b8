"""The load: clients that keep so many requests under way, and clients that keep to a timetable.

All of it runs in one thread of the process that measures, and does as little as it can: a figure is about the server
only as far as the load is cheaper.  What makes requests one after the other returns the times (in seconds of
`time.perf_counter`) of its beginning and of each answer.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

PATIENCE = 10  # seconds after which a server that does not answer has failed
TIMEVAL = struct.pack("ll", PATIENCE, 0)  # struct timeval of the C library
LARGEST = 65536
ASK_AGAIN = 0.2  # seconds after which a question is taken for lost
ATTEMPTS = 50
FEW = 50  # connections that find room in the queue of a server

Address = Any


class LoadError(Exception):
    """A server did not answer as it must, so that there is no figure."""


def impatient(client: socket.socket) -> socket.socket:
    """Let *client* wait no longer than `PATIENCE`; the kernel sees to it, which costs less than Python's timeout."""
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        client.setsockopt(socket.SOL_SOCKET, option, TIMEVAL)
    return client


@contextmanager
def stream(address: Address, family: int) -> Iterator[socket.socket]:
    """Connect, and close at the end."""
    with impatient(socket.socket(family, socket.SOCK_STREAM)) as client:
        client.connect(address)
        yield client


def connections(address: Address, family: int, request: bytes, clients: int, count: int) -> list[float]:
    """Make *count* requests, each on a connection of its own, *clients* at a time; return the times."""
    waiting: deque[socket.socket] = deque()
    times = [time.perf_counter()]
    for number in range(count + clients):
        if number >= clients and waiting:
            _finish(waiting.popleft(), len(request))
            times.append(time.perf_counter())
        if number < count:
            waiting.append(_begin(address, family, request))
    return times


def at_once(
    paused: Callable[[], AbstractContextManager[None]], address: Address, family: int, request: bytes, clients: int
) -> float:
    """Let so many clients connect and ask while the server is paused; return the seconds that it needs for all of them.

    All that the load has to do is done before: it cannot be what the server waits for.
    """
    with ExitStack() as stack:
        with paused():
            waiting = [stack.enter_context(_begin(address, family, request)) for _ in range(clients)]
        begin = time.perf_counter()
        _await_all(waiting, select.POLLRDHUP)
        seconds = time.perf_counter() - begin
        for client in waiting:
            _finish(client, len(request))
    return seconds


def datagrams_at_once(
    paused: Callable[[], AbstractContextManager[None]],
    address: Address,
    open_socket: Callable[[], socket.socket],
    data: bytes,
    clients: int,
) -> float:
    """Send a datagram from each of so many clients while the server is paused; return the seconds until all answers."""
    with ExitStack() as stack:
        waiting = [impatient(stack.enter_context(open_socket())) for _ in range(clients)]
        with paused():
            for client in waiting:
                client.connect(address)
                client.send(data)
        begin = time.perf_counter()
        _await_all(waiting, select.POLLIN)
        return time.perf_counter() - begin


def _await_all(clients: Sequence[socket.socket], event: int) -> None:
    """Wait for *event* on all of *clients*; on the last one first, so as to be woken as seldom as possible."""
    for group in (clients[-1:], clients):
        poller = select.poll()
        for client in group:
            poller.register(client, event)
        missing = len(group)
        while missing:
            happened = poller.poll(PATIENCE * 1000)
            if not happened:
                raise LoadError(f"{missing} of {len(clients)} requests were not answered")
            for descriptor, _ in happened:
                poller.unregister(descriptor)
            missing -= len(happened)


def _begin(address: Address, family: int, request: bytes) -> socket.socket:
    client = impatient(socket.socket(family, socket.SOCK_STREAM))
    client.connect(address)
    client.send(request)
    return client


def _finish(client: socket.socket, size: int) -> None:
    received = 0
    with client:
        while chunk := client.recv(LARGEST):
            received += len(chunk)
    if received != size:
        raise LoadError(f"a reply of {received} bytes came, {size} were expected")


def dialogue(address: Address, family: int, line: bytes, count: int) -> list[float]:
    """Send *line* and read it back *count* times on one connection; return the times."""
    with stream(address, family) as client:
        if family != getattr(socket, "AF_UNIX", None):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        times = [time.perf_counter()]
        for _ in range(count):
            client.send(line)
            received = client.recv(LARGEST)
            while len(received) < len(line):
                received += _more(client)
            times.append(time.perf_counter())
        return times


def _more(client: socket.socket) -> bytes:
    chunk = client.recv(LARGEST)
    if not chunk:
        raise LoadError("the connection ended within a reply")
    return chunk


def downloads(address: Address, family: int, request: bytes, size: int, count: int) -> list[float]:
    """Ask *count* times, one connection each, for a reply of *size* bytes; return the times."""
    buffer = bytearray(1 << 20)
    times = [time.perf_counter()]
    for _ in range(count):
        with stream(address, family) as client:
            client.send(request)
            received = 0
            while fresh := client.recv_into(buffer):
                received += fresh
        if received != size:
            raise LoadError(f"a reply of {received} bytes came, {size} were expected")
        times.append(time.perf_counter())
    return times


def datagrams(
    address: Address, open_socket: Callable[[], socket.socket], data: bytes, clients: int, count: int
) -> list[float]:
    """Send *count* datagrams, at most *clients* of them unanswered at a time; return the times."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(open_socket()) for _ in range(clients)]
        for client in sockets:
            impatient(client).connect(address)
        times = [time.perf_counter()]
        for number in range(count + clients):
            client = sockets[number % clients]
            if number >= clients and number - clients < count:
                client.recv(LARGEST)
                times.append(time.perf_counter())
            if number < count:
                client.send(data)
        return times


def burst(address: Address, open_socket: Callable[[], socket.socket], data: bytes, count: int) -> None:
    """Send *count* datagrams as fast as possible and do not wait for anything."""
    with open_socket() as client:
        impatient(client).connect(address)
        for _ in range(count):
            client.send(data)


def timetable(address: Address, family: int, request: bytes, rate: float, count: int) -> list[float]:
    """Begin a connection with a request every 1/*rate* seconds, come what may; return *count* latencies in seconds.

    A latency is counted from the moment at which the request was to begin, not from that at which it could: whoever
    waits for the server before sending the next request leaves out just those that would have had to wait (Gil Tene,
    "How NOT to measure latency", 2013).
    """
    waiting: dict[socket.socket, float] = {}
    latencies: list[float] = []
    started, begin = 0, time.perf_counter()
    try:
        while len(latencies) < count:
            while started < count and begin + started / rate <= time.perf_counter():
                waiting[_begin(address, family, request)] = begin + started / rate
                started += 1
            due = begin + started / rate - time.perf_counter() if started < count else PATIENCE
            ready = select.select(list(waiting), [], [], max(due, 0))[0]
            if not ready and started == count:
                raise LoadError(f"{len(waiting)} of {count} requests were not answered")
            for client in ready:
                intended = waiting.pop(client)
                _finish(client, len(request))
                latencies.append(time.perf_counter() - intended)
    finally:
        for client in waiting:
            client.close()
    return latencies


@contextmanager
def held(address: Address, family: int, request: bytes) -> Iterator[Callable[[int], None]]:
    """Hold connections open that say nothing; hold(number) makes it so many, all of which the server has accepted."""
    with ExitStack() as stack:
        clients: list[socket.socket] = []

        def hold(number: int) -> None:
            while len(clients) < number:
                few = min(number - len(clients), FEW)
                clients.extend(stack.enter_context(stream(address, family)) for _ in range(few))
                _finish(_begin(address, family, request), len(request))  # which comes after them in the queue

        yield hold


def counted(address: Address, open_socket: Callable[[], socket.socket]) -> int:
    """Ask a server that counts datagrams until it gives the same answer twice."""
    with open_socket() as client:
        client.connect(address)
        before, answer = -1, _ask(client)
        while answer != before:
            before, answer = answer, _ask(client)
        return answer


def _ask(client: socket.socket) -> int:
    client.settimeout(ASK_AGAIN)
    for _ in range(ATTEMPTS):
        client.send(b"?")
        try:
            return int(client.recv(LARGEST))
        except TimeoutError:
            continue  # the question or the answer was one datagram too many
    raise LoadError(f"no answer to {ATTEMPTS} questions")
