"""One row during one round: fresh hosts, the load on them, and their end."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import psutil

from harness.candidates import interpreter_command, load_settings
from harness.deadlines import Deadline
from harness.hosts import Host
from harness.measuring.load import Address, Spent
from harness.measuring.rows import Row
from harness.nurseries import Nursery
from harness.outcomes import HarnessError

PATIENCE = 60.0  # seconds for one round
_IMPORT = (
    "import time; settings = json.loads(arguments[0]); begin = time.perf_counter(); loading.load(settings);"
    " sys.stdout.write(repr(time.perf_counter() - begin))"
)


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


Entered = TypeVar("Entered")


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
    """What the samples of one row in one round are taken with.

    generator: the seconds of processor time that the load itself took for a request, each time that it was timed.
    """

    def __init__(self, row: Row, nursery: Nursery, cores: Cores) -> None:
        self.row = row
        self.generator: list[float] = []
        self._nursery = nursery
        self._cores = cores
        self._hosts: list[Host] = []
        self._clients = contextlib.ExitStack()

    def host(self) -> Host:
        """Start a host for this round."""
        host = Host(self._nursery, Deadline(PATIENCE))
        self._hosts.append(host)
        self._cores.keep(host.pid)
        return host

    def described(self, server_class: Any) -> dict[str, Any]:
        """Return a server class as a host can be told of it."""
        return dataclasses.asdict(server_class)

    def reference(self, module: ModuleType, function: str) -> str:
        """Name a function of *module*, or of what stands in its place in this row."""
        return f"{self.row.module or module.__name__}:{function}"

    def serve(self, module: ModuleType, server_class: Any, workload: str, **attributes: object) -> Served:
        """Start a server in a new host, which does that work with each request."""
        host = self.host()
        arguments = (self.described(server_class), workload, attributes)
        call = host.start(self.reference(module, "serve"), *arguments, thread=False)
        if not host.comes("serving"):
            call.wait()  # which says why
        [event] = host.history().of("serving")
        return Served(host, _address(event.details["address"]), int(str(event.details["family"])))

    def timed(self, drive: Callable[[int], Spent], count: int) -> float:
        """Let drive(number of requests) make *count* requests; return the seconds for one."""
        spent = drive(count)
        self.generator.append(spent.processor / count)
        return spent.seconds / count

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

    def entered(self, manager: contextlib.AbstractContextManager[Entered]) -> Entered:
        """Enter a context that is left at the end of the round."""
        return self._clients.enter_context(manager)

    def end(self) -> None:
        """End the clients and the hosts."""
        self._clients.close()
        while self._hosts:
            self._hosts.pop().end()


def _address(found: object) -> Address:
    return tuple(found) if isinstance(found, Sequence) and not isinstance(found, str) else found
