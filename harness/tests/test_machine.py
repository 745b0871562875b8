"""What a machine lacks is unsupported, not failed."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from harness import machine, preflight, processes, run
from harness.deadlines import Deadline
from harness.hosts import Host
from harness.interpreters import Interpreter
from harness.outcomes import DeadlinePassed, HarnessError, Raised, Unsupported
from harness.tests.arranging import PATIENCE, stdlib_of
from harness.tests.test_host import acts

SIGHT = "no /proc here"


@pytest.fixture
def without_sight(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let nothing be found where processes are looked for."""
    monkeypatch.setattr(processes, "PROC", tmp_path)


def test_without_unix_sockets_unix_servers_are_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")

    with pytest.raises(Unsupported, match="Unix"):
        machine.check_support(SimpleNamespace(family="unix", concurrency="none"))


def test_without_fork_forking_servers_are_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")

    with pytest.raises(Unsupported, match="fork"):
        machine.check_support(SimpleNamespace(family="inet", concurrency="processes"))


def test_what_the_machine_has_is_supported() -> None:
    machine.check_support(SimpleNamespace(family="unix", concurrency="processes"))
    machine.check_support("ThreadingMixIn+TCPServer")


def test_a_machine_whose_loopback_has_no_ipv6_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError

    monkeypatch.setattr(socket, "socket", refuse)

    assert not machine.has_ipv6()


def test_where_there_is_room_for_temporary_files_nothing_is_said() -> None:
    machine.check_room()


def test_a_folder_that_takes_no_temporary_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=f"^no temporary files can be written in {tmp_path}/none: .*No such file"):
        machine.check_room(f"{tmp_path}/none")


def test_a_folder_with_too_little_room_takes_no_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ROOM", 1 << 20)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limit[1]))
    try:
        with pytest.raises(HarnessError, match=r"no temporary files can be written in .*: .*File too large"):
            machine.check_room()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, ignored)


NO_PLACE = """
import sys, tempfile, pytest
tempfile._candidate_tempdir_list = lambda: ["/nowhere"]
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_without_any_place_for_temporary_files_a_run_ends_with_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_PLACE], cwd=run.CONFORMANCE.parent, check=False, capture_output=True, text=True
    )

    [line] = done.stderr.splitlines()
    assert line.startswith("harness error: no temporary files can be written: ")
    assert "'/nowhere'" in line
    assert (done.returncode, done.stdout) == (3, "")


@pytest.mark.parametrize("most", [100, resource.RLIM_INFINITY])
def test_who_needs_no_more_descriptors_than_there_may_be_is_supported(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (10, most))

    machine.check_descriptors(100)


def test_who_needs_more_descriptors_than_there_may_be_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (10, 99))

    with pytest.raises(Unsupported, match="may open 99 descriptors here, of which the check needs 100"):
        machine.check_descriptors(100)


@pytest.mark.usefixtures("without_sight")
def test_what_a_process_holds_cannot_be_told_where_nobody_sees_it(host: Host) -> None:
    with pytest.raises(Unsupported, match=SIGHT):
        host.vitals()
    with pytest.raises(Unsupported, match=SIGHT):
        processes.descriptors(host.pid)
    assert not host.is_deaf
    assert processes.marked("any") == []


@pytest.mark.usefixtures("without_sight")
def test_that_a_thread_waits_cannot_be_told_where_nobody_sees_it(host: Host) -> None:
    held = host.start(acts.pass_gate, "hold")

    with pytest.raises(Unsupported, match=SIGHT):
        held.is_blocked()
    with pytest.raises(Unsupported, match=SIGHT):
        held.allow_to_return()
    host.leave()
    with pytest.raises(Unsupported, match=SIGHT):
        host.is_waiting_to_end()


@pytest.mark.usefixtures("without_sight")
def test_what_comes_is_seen_everywhere_and_what_does_not_come_only_where_rest_is_seen(host: Host) -> None:
    host.call(acts.record, "something", {})
    assert host.comes("something")

    host.deadline = Deadline(0.1)
    with pytest.raises(Unsupported, match=SIGHT):
        host.comes("nothing")
    with pytest.raises(DeadlinePassed):
        host.wait_for("nothing")


@pytest.mark.usefixtures("without_sight")
def test_children_of_a_host_end_with_it_also_where_nobody_sees_them(host: Host) -> None:
    child = psutil.Process(host.call(acts.leave_children))

    assert host.end() == []

    child.wait(PATIENCE)


@pytest.mark.usefixtures("without_sight")
def test_the_preflight_proves_what_it_can_where_nobody_sees_processes(this_python: Interpreter) -> None:
    preflight.check(stdlib_of(this_python), fresh=False)


NOT_FOUND = Raised("FileNotFoundError", ["FileNotFoundError", "OSError"], "No such file: '/proc/self/fd'", "")


def test_a_call_that_looked_into_proc_fails_where_there_is_one() -> None:
    assert machine.lack_behind(NOT_FOUND) is None


@pytest.mark.usefixtures("without_sight")
def test_a_call_that_looked_into_proc_is_unsupported_where_there_is_none(host: Host) -> None:
    assert machine.lack_behind(NOT_FOUND) == processes.NO_SIGHT
    with pytest.raises(Unsupported, match=SIGHT):
        host.call(acts.fail, "FileNotFoundError(2, 'No such file', '/proc/self/fd')")
    with pytest.raises(Raised):
        host.call(acts.fail, "FileNotFoundError(2, 'No such file', '/nowhere')")
