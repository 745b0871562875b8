"""One row during one sample: fresh hosts, the load on them, and their end."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil

from harness.candidates import interpreter_command, load_settings
from harness.deadlines import Deadline
from harness.hosts import Host
from harness.measuring.load import Address
from harness.measuring.rows import Row
from harness.nurseries import Nursery
from harness.outcomes import HarnessError

PATIENCE = 30.0  # seconds for one sample
_IMPORT = (
    "import time; settings = json.loads(arguments[0]); begin = time.perf_counter(); loading.load(settings);"
    " sys.stdout.write(repr(time.perf_counter() - begin))"
)
SLICES = 15
REQUESTS_A_CLIENT = 4  # at least, in a slice
WARM_UP = 5  # one request for so many that are measured comes before them


class Cores:
    """Keeps the load on one core and the hosts on the others, where the system lets us and there are two."""

    def __init__(self) -> None:
        usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
        first, *others = sorted(usable)
        self._load, self._hosts = {first}, set(others)

    def for_the_load(self) -> contextlib.AbstractContextManager[None]:
        """Keep this thread on the load's core for a while."""
        return self._on(self._load)

    def for_hosts(self) -> contextlib.AbstractContextManager[None]:
        """Keep this thread, and what it starts, on the cores of hosts for a while."""
        return self._on(self._hosts)

    @contextlib.contextmanager
    def _on(self, cores: set[int]) -> Iterator[None]:
        if not self._hosts:
            yield
            return
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores)
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)

    def keep(self, pid: int) -> None:
        """Keep a process, and whatever it will start, off the core of the load."""
        if self._hosts:
            os.sched_setaffinity(pid, self._hosts)


@dataclasses.dataclass(frozen=True)
class Activity:
    """What a process has done: seconds of processor time, and how often one of its threads went to sleep."""

    seconds: float
    wake_ups: int


def activity(pid: int) -> Activity:
    """Return what the threads of *pid* have done up to now, as precisely as Linux knows it."""
    seconds, wake_ups = 0.0, 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        seconds += int((task / "schedstat").read_text().split()[0]) / 1e9
        [line] = [line for line in (task / "status").read_text().splitlines() if line.startswith("voluntary")]
        wake_ups += int(line.split()[1])
    return Activity(seconds, wake_ups)


class Served:
    """A server that serves in the main thread of its host until the host ends."""

    def __init__(self, host: Host, address: Address, family: int) -> None:
        self.host = host
        self.address = address
        self.family = family
        self._clients = 0

    def client(self) -> socket.socket:
        """Return a new datagram socket to which the server can send."""
        client = socket.socket(self.family, socket.SOCK_DGRAM)
        if self.family == socket.AF_INET:
            client.bind(("127.0.0.1", 0))
        else:
            self._clients += 1
            client.bind(os.path.join(self.host.folder, f"client-{self._clients}"))
        return client

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the host for a while: whatever comes in meanwhile has to wait."""
        os.kill(self.host.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.host.pid, signal.SIGCONT)


class Site:
    """What a sample of one row is taken with.

    generator: the seconds of processor time that the load itself took for a request, if the sample was timed here.
    """

    def __init__(self, row: Row, nursery: Nursery, cores: Cores) -> None:
        self.row = row
        self.generator: float | None = None
        self._nursery = nursery
        self._cores = cores
        self._hosts: list[Host] = []

    def host(self) -> Host:
        """Start a host for this sample."""
        host = Host(self._nursery, Deadline(PATIENCE))
        self._hosts.append(host)
        self._cores.keep(host.pid)
        return host

    def described(self, server_class: Any) -> dict[str, Any]:
        """Return a server class as a host can be told of it."""
        return dataclasses.asdict(server_class)

    def call(self, module: ModuleType, function: str, *arguments: object) -> Any:
        """Run a function of *module*, or of what stands in its place in this row, in a new host; return its value."""
        return self.host().call(self.reference(module, function), *arguments)

    def reference(self, module: ModuleType, function: str) -> str:
        """Name a function of *module*, or of what stands in its place in this row."""
        return f"{self.row.module or module.__name__}:{function}"

    def serve(self, module: ModuleType, server_class: Any, workload: str, **attributes: object) -> Served:
        """Start a server in a new host, which does that work with each request."""
        host = self.host()
        arguments = (self.described(server_class), workload, attributes)
        host.start(self.reference(module, "serve"), *arguments, thread=False)
        host.wait_for("serving")
        [event] = host.history().of("serving")
        return Served(host, _address(event.details["address"]), int(str(event.details["family"])))

    def timed(self, drive: Callable[[int], list[float]], count: int, clients: int = 1) -> float:
        """Let drive(number of requests) make *count* requests, after a few that do not count; seconds for each.

        drive() returns the times of its beginning and of each answer.  What is returned is the median over slices of
        the requests: something else that had the processor for a while falls on a few of them.  A slice holds several
        requests of each of the *clients*, for their answers may come in bunches.
        """
        drive(max(count // WARM_UP, clients))
        before = time.thread_time()
        times = drive(max(count, REQUESTS_A_CLIENT * clients))
        self.generator = (time.thread_time() - before) / (len(times) - 1)
        return per_request(times, REQUESTS_A_CLIENT * clients)

    def timed_at_once(self, drive: Callable[[], float], count: int, clients: int) -> float:
        """Let drive() make a request for each of *clients* at once, as often as makes *count*; seconds for each.

        drive() returns the seconds that all of them took.  What is returned is the median over all times but the first.
        """
        drive()
        times = [drive() for _ in range(max(count // clients, 1))]
        return statistics.median(times) / clients

    def memory(self) -> int:
        """Return the bytes that the last host and its children share with no other process."""
        host = psutil.Process(self._hosts[-1].pid)
        return sum(int(each.memory_full_info().uss) for each in (host, *host.children(recursive=True)))

    def activity(self) -> Activity:
        """Return what the threads of the last host have done up to now."""
        return activity(self._hosts[-1].pid)

    def import_seconds(self) -> float:
        """Return the seconds that a fresh interpreter needs to import the row's module."""
        command = interpreter_command(self.row.candidate, _IMPORT, json.dumps(load_settings(self.row.candidate)))
        with self._cores.for_hosts():
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        if done.returncode:
            raise HarnessError(f"the import failed: {done.stderr.decode('utf-8', 'replace').strip()[-200:]}")
        return float(done.stdout)

    def end(self) -> None:
        """End the hosts."""
        while self._hosts:
            self._hosts.pop().end()


def per_request(times: Sequence[float], least: int = 1) -> float:
    """Return the seconds from one answer to the next: the median over slices of at least so many of *times*."""
    last = len(times) - 1
    slices = max(min(SLICES, last // least), 1)
    cuts = [round(last * part / slices) for part in range(slices + 1)]
    return statistics.median((times[end] - times[begin]) / (end - begin) for begin, end in pairwise(cuts))


def _address(found: object) -> Address:
    return tuple(found) if isinstance(found, Sequence) and not isinstance(found, str) else found
