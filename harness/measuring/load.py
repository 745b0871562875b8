"""The load: clients that keep requests under way, clients that ask all at once, clients that keep to a timetable.

All of it runs in one thread of the process that measures, and does as little as it can: a figure is about the server
only as far as the load is cheaper.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

PATIENCE = 10  # seconds after which a server that does not answer has failed
TIMEVAL = struct.pack("ll", PATIENCE, 0)  # struct timeval of the C library
LARGEST = 65536
ASK_AGAIN = 0.1  # seconds after which a question is taken for lost
ATTEMPTS = 50
FEW = 50  # connections that find room in the queue of a server

Address = Any
OpenSocket = Callable[[], socket.socket]
Paused = Callable[[], AbstractContextManager[None]]


class LoadError(Exception):
    """A server did not answer as it must, so that there is no figure."""


@dataclass(frozen=True)
class Spent:
    """What requests took: seconds, and those of them for which the load had the processor."""

    seconds: float
    processor: float


class Stopwatch:
    """Runs from the moment at which it is made."""

    def __init__(self) -> None:
        self._processor = time.thread_time()
        self._begin = time.perf_counter()

    def spent(self) -> Spent:
        """Return what was spent up to now."""
        return Spent(time.perf_counter() - self._begin, time.thread_time() - self._processor)


# -- connections -------------------------------------------------------------------------------------------------------


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


def connections(address: Address, family: int, request: bytes, clients: int, count: int) -> Spent:
    """Make *count* requests, each on a connection of its own, *clients* at a time."""
    waiting: deque[socket.socket] = deque()
    watch = Stopwatch()
    for number in range(count + clients):
        if number >= clients and waiting:
            _finish(waiting.popleft(), len(request))
        if number < count:
            waiting.append(_begin(address, family, request))
    return watch.spent()


def at_once(paused: Paused, address: Address, family: int, request: bytes, clients: int) -> Spent:
    """Let so many clients connect and ask while the server is paused; what it takes to answer all of them.

    What the load has to do is done before: it cannot be what is waited for.
    """
    with ExitStack() as stack:
        with paused():
            waiting = [stack.enter_context(_begin(address, family, request)) for _ in range(clients)]
        watch = Stopwatch()
        _await_all(waiting, select.POLLRDHUP)
        spent = watch.spent()
        for client in waiting:
            _finish(client, len(request))
    return spent


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


@contextmanager
def dialogue(address: Address, family: int, line: bytes) -> Iterator[Callable[[int], Spent]]:
    """Connect; speak(count) sends *line* and reads it back so many times."""
    with stream(address, family) as client:
        if family != getattr(socket, "AF_UNIX", None):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def speak(count: int) -> Spent:
            watch = Stopwatch()
            for _ in range(count):
                client.send(line)
                received = client.recv(LARGEST)
                while len(received) < len(line):
                    received += _more(client)
            return watch.spent()

        yield speak


def _more(client: socket.socket) -> bytes:
    chunk = client.recv(LARGEST)
    if not chunk:
        raise LoadError("the connection ended within a reply")
    return chunk


def downloads(address: Address, family: int, request: bytes, size: int, count: int) -> Spent:
    """Ask *count* times, one connection each, for a reply of *size* bytes."""
    buffer = bytearray(1 << 20)
    watch = Stopwatch()
    for _ in range(count):
        with stream(address, family) as client:
            client.send(request)
            received = 0
            while fresh := client.recv_into(buffer):
                received += fresh
        if received != size:
            raise LoadError(f"a reply of {received} bytes came, {size} were expected")
    return watch.spent()


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


# -- datagrams ---------------------------------------------------------------------------------------------------------


@contextmanager
def all_of(open_socket: OpenSocket, count: int) -> Iterator[list[socket.socket]]:
    """Open so many sockets, and close them at the end."""
    with ExitStack() as stack:
        yield [impatient(stack.enter_context(open_socket())) for _ in range(count)]


def datagrams(address: Address, clients: Sequence[socket.socket], data: bytes, count: int) -> Spent:
    """Send *count* datagrams, at most one from each of *clients* unanswered."""
    watch = Stopwatch()
    for number in range(count + len(clients)):
        client = clients[number % len(clients)]
        if number >= len(clients):
            client.recv(LARGEST)
        if number < count:
            client.sendto(data, address)
    return watch.spent()


def datagrams_at_once(paused: Paused, address: Address, clients: Sequence[socket.socket], data: bytes) -> Spent:
    """Send a datagram from each of *clients* while the server is paused; what it takes to answer all of them."""
    with paused():
        for client in clients:
            client.sendto(data, address)
    watch = Stopwatch()
    _await_all(clients, select.POLLIN)
    spent = watch.spent()
    for client in clients:
        client.recv(LARGEST)
    return spent


def burst(address: Address, open_socket: OpenSocket, data: bytes, count: int) -> int:
    """Send *count* datagrams as fast as possible to a server that counts them; return how many it handled."""
    with open_socket() as client:
        impatient(client).connect(address)
        before = counted(client)
        for _ in range(count):
            client.send(data)
        return counted(client) - before


def counted(client: socket.socket) -> int:
    """Ask a server that counts datagrams until it gives the same answer twice."""
    client.settimeout(ASK_AGAIN)
    before, answer = -1, _ask(client)
    while answer != before:
        before, answer = answer, _ask(client)
    return answer


def _ask(client: socket.socket) -> int:
    for _ in range(ATTEMPTS):
        client.send(b"?")
        try:
            return int(client.recv(LARGEST))
        except TimeoutError:
            continue  # the question or the answer was one datagram too many
    raise LoadError(f"no answer to {ATTEMPTS} questions")
