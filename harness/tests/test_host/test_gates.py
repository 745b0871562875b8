"""A gate holds, lets pass one, lets pass all, and never holds anybody longer than its test lives."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from harness.host.gates import Gates
from harness.hosts import Host
from harness.tests.test_host import acts


def test_each_byte_lets_one_waiter_pass(host: Host) -> None:
    calls = [host.start(acts.pass_gate, "one") for _ in range(3)]
    host.wait_for("gate.wait", count=3)
    for passed in (1, 2):
        host.release("one", count=1)
        host.wait_for("gate.pass", count=passed)
        assert len(host.history().of("gate.pass")) == passed

    host.release("one", count=1)
    assert [call.wait() for call in calls] == [True, True, True]


def test_a_byte_may_come_before_the_one_who_waits(host: Host) -> None:
    host.release("two", count=1)

    assert host.call(acts.pass_gate, "two") is True


def test_an_open_gate_lets_all_pass_now_and_later(host: Host) -> None:
    calls = [host.start(acts.pass_gate, "hold") for _ in range(3)]
    host.wait_for("gate.wait", count=3)
    host.release()

    assert [call.wait() for call in calls] == [False, False, False]
    assert host.call(acts.pass_gate, "hold") is False
    assert len(host.history().of("gate.pass", open=True)) == 4


def test_a_gate_holds_its_own_waiters_only(host: Host) -> None:
    held = host.start(acts.pass_gate, "one")
    host.wait_for("gate.wait", gate="one")
    host.release("two")

    assert host.call(acts.pass_gate, "two") is False
    assert not held.returned
    assert host.history().of("gate.pass", gate="one") == []
    host.release("one")


@pytest.fixture
def holder() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The read end of a gate, and the process that alone holds the write end."""
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-ISc", "print(flush=True); import signal; signal.pause()"],
        pass_fds=[writer],
        stdout=subprocess.PIPE,
    )
    os.close(writer)
    yield reader, process
    process.kill()
    process.communicate()
    os.close(reader)


def test_the_death_of_the_test_process_lets_a_waiter_pass(holder: tuple[int, subprocess.Popen[bytes]]) -> None:
    reader, process = holder
    events = []

    def record(kind: str, **details: object) -> None:
        events.append((kind, details))
        if kind == "gate.wait":
            process.kill()

    assert Gates({"hold": reader}, record).wait("hold") is False
    assert events == [("gate.wait", {"gate": "hold"}), ("gate.pass", {"gate": "hold", "open": True})]
