"""What a process holds, seen from outside, where a candidate cannot lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from harness import processes


@dataclass(frozen=True)
class Vitals:
    """What a process holds.

    threads: number of its threads. descriptors: what each open descriptor refers to. children: its living children.
    zombies: its children that ended and were not waited for. files: what lies in its temporary folder.
    """

    threads: int
    descriptors: dict[int, str]
    children: tuple[int, ...]
    zombies: tuple[int, ...]
    files: tuple[str, ...]


def growth(before: Vitals, now: Vitals) -> dict[str, int]:
    """Return how many more threads, descriptors and children, living or not, there are *now*; 0 if there are fewer."""
    counts = {
        "threads": (before.threads, now.threads),
        "descriptors": (len(before.descriptors), len(now.descriptors)),
        "children": (len(before.children + before.zombies), len(now.children + now.zombies)),
    }
    return {what: max(0, later - earlier) for what, (earlier, later) in counts.items()}


def examine(pid: int, folder: Path) -> Vitals:
    """Return the vitals of process *pid*, whose temporary files are in *folder*.

    Raises psutil.NoSuchProcess when there is no such process, and Unsupported where processes cannot be seen.
    """
    process = psutil.Process(pid)
    children = processes.children(pid)
    if children is None:
        children = [child.pid for child in process.children()]
    zombies = tuple(child for child in children if processes.is_zombie(child))
    return Vitals(
        threads=process.num_threads(),
        descriptors=processes.descriptors(pid),
        children=tuple(child for child in children if child not in zombies),
        zombies=zombies,
        files=tuple(sorted(path.name for path in folder.iterdir())),
    )
