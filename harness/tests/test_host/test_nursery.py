"""Hosts are born, die, and are missed; and nobody outlives the pytest process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness import processes
from harness.deadlines import Deadline
from harness.hosts import Host
from harness.interpreters import Interpreter
from harness.nurseries import Nursery
from harness.outcomes import HarnessError, HostDied
from harness.tests.arranging import PATIENCE, stdlib_of
from harness.tests.test_host import acts

ORPHANS = """
import json, os, signal, sys
from harness.deadlines import Deadline
from harness.hosts import Host
from harness.interpreters import describe
from harness.nurseries import Nursery
from harness.tests.arranging import stdlib_of
from harness.tests.test_host import acts

nursery = Nursery(stdlib_of(describe(sys.executable)), fresh={fresh})
host = Host(nursery, Deadline(20))
child = host.call(acts.leave_children)
host.start(acts.deadlock, thread={thread})
host.wait_for("call.enter", name="deadlock")
print(json.dumps([nursery._process.pid, host.pid, child]), flush=True)
signal.pause()
"""


@pytest.fixture
def nursery(this_python: Interpreter) -> Iterator[Nursery]:
    """A nursery that this test may kill."""
    processes.become_subreaper()
    nursery = Nursery(stdlib_of(this_python))
    yield nursery
    nursery.close()


@pytest.fixture
def born(nursery: Nursery) -> Iterator[Callable[[], Host]]:
    """Start hosts from it."""
    hosts = []

    def start() -> Host:
        hosts.append(Host(nursery, Deadline(PATIENCE)))
        return hosts[-1]

    yield start
    for host in hosts:
        host.end()


def test_a_host_that_exits_is_reported_with_its_status(host: Host) -> None:
    with pytest.raises(HostDied, match="the host ended with exit status 7 while the test waited for the return of"):
        host.call(acts.exit_by_os)

    assert host.ended


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_host_that_dies_by_a_signal_is_reported_by_its_name(host: Host, sign: signal.Signals) -> None:
    with pytest.raises(HostDied, match=f"the host was ended by {sign.name}"):
        host.call(acts.kill_oneself, int(sign))


def test_a_host_that_was_told_to_leave_ends_well(host: Host) -> None:
    host.leave()

    assert host.wait_for_end() == 0
    assert host.death == "the host ended with exit status 0"


def test_a_killed_nursery_is_replaced(nursery: Nursery, born: Callable[[], Host]) -> None:
    first = born()
    assert nursery._process is not None
    nursery._process.kill()
    with pytest.raises(HostDied, match="the host or its nursery was killed"):
        first.call(acts.deadlock)
    first.end()

    assert born().call(acts.give_back, "alive") == ("alive",)
    assert not psutil.pid_exists(first.pid)


def test_many_nurseries_are_killed_one_after_another(nursery: Nursery, born: Callable[[], Host]) -> None:
    for _ in range(3):
        host = born()
        assert nursery._process is not None
        os.kill(nursery._process.pid, signal.SIGKILL)
        host.end()
        assert not psutil.pid_exists(host.pid)


def test_a_nursery_that_cannot_start_says_why(this_python: Interpreter) -> None:
    nursery = Nursery(replace(stdlib_of(this_python), target="there.is.none"))
    before = set(os.listdir("/proc/self/fd"))

    with pytest.raises(HarnessError, match="did not start: ModuleNotFoundError: No module named 'there'"):
        Host(nursery, Deadline(PATIENCE))

    assert set(os.listdir("/proc/self/fd")) == before


def test_a_host_that_does_not_get_ready_is_an_error_of_the_harness_and_leaves_nothing(
    nursery: Nursery, born: Callable[[], Host]
) -> None:
    born().end()
    before = set(os.listdir("/proc/self/fd"))

    with pytest.raises(HarnessError, match="the host did not get ready: the host ended with exit status 1"):
        Host(nursery, Deadline(PATIENCE), defects=("harness.tests.test_host.acts:there_is_none",))

    assert set(os.listdir("/proc/self/fd")) == before
    assert nursery.brood() == []


def test_what_a_host_leaves_is_described_and_removed(host: Host) -> None:
    child = host.call(acts.leave_children)

    [line] = host.end()

    assert line.startswith(f"process {child} (")
    assert not psutil.pid_exists(child)
    assert host.end() == []


def test_the_history_of_a_host_can_be_read_when_it_is_over(host: Host) -> None:
    host.call(acts.record, "last.words", {})
    host.end()

    assert len(host.history().of("last.words")) == 1
    assert not host.folder.exists()


@pytest.mark.parametrize("fresh", [False, True], ids=["fork", "exec"])
@pytest.mark.parametrize("thread", [True, False], ids=["beside", "main"])
def test_nursery_hosts_and_their_children_end_with_the_pytest_process(
    tmp_path: Path, fresh: bool, thread: bool
) -> None:
    processes.become_subreaper()
    script = ORPHANS.format(fresh=fresh, thread=thread)
    root = Path(__file__).parents[3]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}  # what is killed cannot remove its folders
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, env=environment) as pytest_process:
        assert pytest_process.stdout is not None
        family = [psutil.Process(pid) for pid in json.loads(pytest_process.stdout.readline())]
        pytest_process.kill()

    _, alive = psutil.wait_procs(family, timeout=10)

    for process in alive:
        process.kill()
    assert alive == []
