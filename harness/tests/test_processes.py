"""Processes are seen from outside as they are."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from harness import processes, vitals
from harness.hosts import Host
from harness.tests.test_host import acts

CHILD = "import os, signal\nos.fork()\nprint(flush=True)\nsignal.pause()"
MARK = f"a mark of the tests in process {os.getpid()}"  # other workers run the same tests


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    """A process that has a child; both wait."""
    processes.become_subreaper()
    process = subprocess.Popen(
        [sys.executable, "-ISc", CHILD], stdout=subprocess.PIPE, text=True, env={processes.MARK: MARK}
    )
    assert process.stdout is not None
    for _ in range(2):
        process.stdout.readline()
    yield process
    processes.end(processes.marked(MARK))
    process.communicate()


def test_children_and_descendants_are_found(parent: subprocess.Popen[str]) -> None:
    [child] = processes.descendants(parent.pid)

    assert processes.children(parent.pid) == [child.pid]
    assert processes.descendants(child.pid) == []
    assert parent.pid in {each.pid for each in processes.descendants(os.getpid())}


@pytest.mark.parametrize("reads_before", [0, 1])
def test_children_of_a_thread_that_ends_meanwhile_are_not_missed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reads_before: int
) -> None:
    for task in ("7", "8"):
        (tmp_path / "7" / "task" / task).mkdir(parents=True)
    reads: list[str] = []

    def read(pid: int, *names: str) -> bytes:
        reads.append(names[1])
        parent = "8" if len(reads) <= reads_before else "7"
        return b"9 " if names[1] == parent else b""

    monkeypatch.setattr(processes, "PROC", tmp_path)
    monkeypatch.setattr(processes, "_read", read)

    assert processes.children(7) == [9]
    assert sorted(reads) == ["7", "8"]


def test_who_is_gone_has_no_descendants_and_holds_nothing(parent: subprocess.Popen[str], tmp_path: Path) -> None:
    processes.end(processes.marked(MARK))
    parent.wait()

    assert processes.descendants(parent.pid) == []
    assert processes.children(parent.pid) is None
    assert processes.descriptors(parent.pid) == {}
    assert processes.look_at_threads([parent.pid]) == {}
    assert not processes.is_zombie(parent.pid)
    with pytest.raises(psutil.NoSuchProcess):
        vitals.examine(parent.pid, tmp_path)


def test_a_mark_finds_who_was_started_with_it_whoever_is_the_parent(parent: subprocess.Popen[str]) -> None:
    [child] = processes.descendants(parent.pid)
    parent.kill()
    parent.wait()

    assert [each.pid for each in processes.marked(MARK)] == [child.pid]
    assert processes.marked("another mark") == []


def test_who_is_ended_is_gone_when_end_returns(parent: subprocess.Popen[str]) -> None:
    found = processes.marked(MARK)
    assert len(found) == 2

    processes.end(found)

    assert not any(each.is_running() for each in found)
    processes.end(found)


def test_a_process_is_described_in_one_line(parent: subprocess.Popen[str]) -> None:
    process = psutil.Process(parent.pid)
    line = processes.describe(process)
    processes.end(processes.marked(MARK))
    parent.wait()

    about = rf"process {parent.pid} \((sleeping|running), 1 threads, child of {os.getpid()}\): \S*python\S* -ISc import"
    assert re.match(about, line)
    assert len(line.splitlines()) == 1
    assert processes.describe(process) == f"process {parent.pid} (gone)"


def test_a_zombie_is_one_until_it_is_waited_for(parent: subprocess.Popen[str]) -> None:
    assert not processes.is_zombie(parent.pid)
    parent.kill()
    os.waitid(os.P_PID, parent.pid, os.WEXITED | os.WNOWAIT)

    assert processes.is_zombie(parent.pid)
    parent.wait()
    assert not processes.is_zombie(parent.pid)


def test_a_process_lives_until_it_has_ended_not_until_it_is_waited_for(parent: subprocess.Popen[str]) -> None:
    assert processes.lives(parent.pid)
    parent.kill()
    os.waitid(os.P_PID, parent.pid, os.WEXITED | os.WNOWAIT)

    assert not processes.lives(parent.pid)
    parent.wait()
    assert not processes.lives(parent.pid)


def test_vitals_tell_what_a_host_holds(host: Host) -> None:
    before = host.vitals()
    pipe, child, zombie = host.call(acts.hold_much)
    after = host.vitals()

    assert after.threads == before.threads + 1
    assert (after.children, after.zombies) == ((child,), (zombie,))
    new = {number: after.descriptors[number] for number in after.descriptors.keys() - before.descriptors.keys()}
    assert pipe[0] in new
    assert sorted(target.partition(":")[0] for target in new.values()) == ["pipe", "pipe", "socket"]


def test_a_thread_that_waits_is_asleep_and_does_not_switch(host: Host) -> None:
    call = host.start(acts.deadlock)
    assert call.is_blocked(patience=0.02)
    [enter] = host.history().of("call.enter", name="deadlock")
    thread = int(str(enter.details["tid"]))

    first, second = (processes.look_at_threads([host.pid])[thread] for _ in range(2))

    assert first.asleep
    assert first == second


def test_a_stopped_process_is_not_asleep(host: Host) -> None:
    os.kill(host.pid, signal.SIGSTOP)
    while psutil.Process(host.pid).status() != psutil.STATUS_STOPPED:
        pass

    assert not any(look.asleep for look in processes.look_at_threads([host.pid]).values())
