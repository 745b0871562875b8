"""What a process holds, seen from outside, where a candidate cannot lie."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from harness import processes

UNIX_SOCKETS = Path("/proc/net/unix")
_ACCEPTS = 0x10000  # the flag of a socket that listens (__SO_ACCEPTCON)


@dataclass(frozen=True)
class Vitals:
    """What a process holds.

    threads: number of its threads. descriptors: what each open descriptor refers to. children: its living children.
    zombies: its children that ended and were not waited for. listening: where its sockets accept connections, as
    ``127.0.0.1:4711`` or a path. files: what lies in its temporary folder.
    """

    threads: int
    descriptors: dict[int, str]
    children: tuple[int, ...]
    zombies: tuple[int, ...]
    listening: tuple[str, ...]
    files: tuple[str, ...]


def examine(pid: int, folder: Path) -> Vitals:
    """Return the vitals of process *pid*, whose temporary files are in *folder*.

    Raises psutil.NoSuchProcess when there is no such process.
    """
    process = psutil.Process(pid)
    children = process.children()
    zombies = tuple(child.pid for child in children if processes.is_zombie(child.pid))
    held = processes.descriptors(pid)
    return Vitals(
        threads=process.num_threads(),
        descriptors=held,
        children=tuple(child.pid for child in children if child.pid not in zombies),
        zombies=zombies,
        listening=(*_listening_inet(process), *_listening_unix(set(held.values()))),
        files=tuple(sorted(path.name for path in folder.iterdir())),
    )


def _listening_inet(process: psutil.Process) -> list[str]:
    links = process.net_connections("tcp")
    return [f"{link.laddr.ip}:{link.laddr.port}" for link in links if link.status == psutil.CONN_LISTEN]


def _listening_unix(held: set[str]) -> list[str]:
    """Find, among the descriptors *held*, the Unix sockets that accept; none where the kernel does not list them."""
    found = []
    with suppress(OSError):
        for line in UNIX_SOCKETS.read_text(encoding="utf-8", errors="replace").splitlines()[1:]:
            _, _, _, flags, _, _, inode, *path = line.split(maxsplit=7)
            if int(flags, 16) & _ACCEPTS and f"socket:[{inode}]" in held:
                found.append(path[0] if path else "unnamed")
    return found
