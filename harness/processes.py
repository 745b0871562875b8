"""Processes seen from outside, where a candidate cannot lie: who descends from whom, who sleeps, who holds what.

Reads Linux's /proc.  Where there is none, nothing is found, and nobody is seen asleep; see `check_sight`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from harness.outcomes import HarnessError, Unsupported

PROC = Path("/proc")
NO_SIGHT = "there is no /proc here, in which one would see what processes do"
PR_SET_CHILD_SUBREAPER = 36
KILLING_TAKES = 5.0  # seconds; more than a kernel needs to end a killed process
LAST_GASP = 0.3  # seconds asleep after which a process that should have ended will not end by itself
LAST_WORK = 5.0  # seconds that a process may go on working after its test
REMOVALS = 100  # as many times new processes may appear while the others are removed
MARK = "SOCKETSERVER_CONFORMANCE_NURSERY"


def can_be_seen() -> bool:
    """Tell whether this machine shows what processes do: who sleeps, who holds what, who descends from whom."""
    return (PROC / str(os.getpid()) / "task").is_dir()


def check_sight() -> None:
    """Raise Unsupported where nobody sees what processes do."""
    if not can_be_seen():
        raise Unsupported(NO_SIGHT)


def become_subreaper() -> None:
    """Adopt, on Linux, what processes below this one leave behind; elsewhere do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(pid: int) -> list[psutil.Process]:
    """Return all living processes below *pid*; empty when *pid* itself is gone."""
    with suppress(psutil.NoSuchProcess):
        if children(pid) != []:
            found = psutil.Process(pid).children(recursive=True)
            return [process for process in found if not is_zombie(process.pid)]
    return []


def children(pid: int) -> list[int] | None:
    """Return the numbers of the children of *pid* in one cheap look; None where the kernel does not list them."""
    try:
        # A thread that ends leaves its children to the main thread; who asked that one first would miss them.
        tasks = sorted(os.listdir(PROC / str(pid) / "task"), key=lambda task: task == str(pid))
        found = [int(child) for task in tasks for child in _read(pid, "task", task, "children").split()]
    except OSError:
        return None
    return list(dict.fromkeys(found))


def family(pid: int) -> list[int]:
    """Return the numbers of all processes below *pid*, for looks that are repeated often; see `descendants`.

    The kernel may leave out one whose sibling ends at this very moment.
    """
    found, parents = [], [pid]
    while parents:
        born = children(parents.pop())
        if born is None:
            return [process.pid for process in descendants(pid)]
        found += born
        parents += born
    return found


def marked(mark: str) -> list[psutil.Process]:
    """Return the processes that were started with *mark* in their environment, whoever is their parent now."""
    needle = f"{MARK}={mark}".encode()
    found: list[psutil.Process] = []
    if not can_be_seen():
        return found
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if process.pid != os.getpid() and needle in _read(process.pid, "environ").split(b"\0"):
                found.append(process)
    return found


def _read(pid: int, *names: str) -> bytes:
    return PROC.joinpath(str(pid), *names).read_bytes()


def describe(process: psutil.Process) -> str:
    """Return one line about *process* for a person: its number, state, threads and command."""
    try:
        with process.oneshot():
            command = " ".join(" ".join(process.cmdline()).split())[:60] or process.name()
            return (
                f"process {process.pid} ({process.status()}, {process.num_threads()} threads,"
                f" child of {process.ppid()}): {command}"
            )
    except psutil.Error:
        return f"process {process.pid} (gone)"


def end(found: list[psutil.Process]) -> None:
    """Kill the processes *found*, and collect those that are, or have become, our own children.

    They are stopped first, so that none can fork while the others are being killed.
    """
    for sign in (signal.SIGSTOP, signal.SIGKILL):
        for process in found:
            with suppress(psutil.Error, ProcessLookupError):
                process.send_signal(sign)
    psutil.wait_procs(found, timeout=KILLING_TAKES)


@dataclass(frozen=True)
class Look:
    """One look at one thread.

    asleep: whether it was waiting for something; a thread that wants to run and gets no processor is not.
    switches: how often it had been put to sleep or set aside; the same number in two looks proves that it did not
        begin to run in between.
    ran: nanoseconds for which it has had a processor; 0 where the kernel does not tell.
    """

    asleep: bool
    switches: int
    ran: int = 0


def look_at_threads(pids: list[int]) -> dict[int, Look]:
    """Look at all threads of the processes *pids*, by number; empty where they cannot be seen."""
    looks: dict[int, Look] = {}
    for pid in pids:
        with suppress(OSError):
            for thread in os.listdir(PROC / str(pid) / "task"):
                with suppress(OSError):
                    looks[int(thread)] = _thread(pid, thread)
    return looks


def _thread(pid: int, thread: str) -> Look:
    state, count = b"", 0
    for line in _read(pid, "task", thread, "status").splitlines():
        if line.startswith(b"State:"):
            state = line.split()[1]
        elif b"ctxt_switches:" in line:
            count += int(line.split()[1])
    return Look(asleep=state in (b"S", b"Z", b"X"), switches=count, ran=_time_on_a_processor(pid, thread))


def _time_on_a_processor(pid: int, thread: str) -> int:
    try:
        return int(_read(pid, "task", thread, "schedstat").split()[0])
    except (FileNotFoundError, IndexError):
        return 0


def is_zombie(pid: int) -> bool:
    """Tell whether process *pid* has ended and its parent has not asked how."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def lives(pid: int) -> bool:
    """Tell whether process *pid* has not ended; one that has counts as ended whether it was waited for or not."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


def descriptors(pid: int) -> dict[int, str]:
    """Return the open descriptors of process *pid* and what each refers to; none when it has ended.

    What one refers to looks like ``socket:[4711]``.
    """
    check_sight()
    found = {}
    with suppress(OSError):
        for name in os.listdir(PROC / str(pid) / "fd"):
            with suppress(OSError):
                found[int(name)] = os.readlink(PROC / str(pid) / "fd" / name)
    return found


def be_rid_of(find: Callable[[], list[psutil.Process]]) -> list[str]:
    """Wait for the processes that find() finds to end by themselves; remove and describe those that will not."""
    asleep_since = started = time.monotonic()
    while brood := find():
        now = time.monotonic()
        looks = look_at_threads([process.pid for process in brood])
        if not all(look.asleep for look in looks.values()):
            asleep_since = now
        if now - asleep_since >= LAST_GASP or now - started >= LAST_WORK:
            break
        psutil.wait_procs(brood, timeout=0.01)
    brood = [process for process in brood if lives(process.pid)]  # the last look was long ago on a busy machine
    left = [describe(process) for process in brood]
    for _ in range(REMOVALS):
        if not brood:
            return left
        end(brood)
        brood = find()
    raise HarnessError(f"cannot be removed: {'; '.join(describe(process) for process in brood)}")
