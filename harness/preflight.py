"""Prove, before the first test, that the harness works under an interpreter - with no candidate at all.

A harness that loses events, or whose gates let everybody through, would judge wrongly; so it must show first that it
records, holds, lets go, sees what a process holds, and takes away what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness import machine, processes
from harness.candidates import Candidate
from harness.deadlines import Deadline
from harness.host import proving
from harness.hosts import Host, place_for_folders
from harness.nurseries import Nursery
from harness.outcomes import HarnessError, Outcome

AT_A_GATE = 0.05  # seconds that a thread must be seen asleep to be held
PATIENCE = 30.0  # seconds for all of it


def check(candidate: Candidate, *, fresh: bool) -> None:
    """Raise HarnessError, with one line, when the harness does not work under the interpreter of *candidate*."""
    machine.check_room(place_for_folders())
    nursery = Nursery(replace(candidate, kind="none", target="", before=None), fresh=fresh)
    try:
        for prove in _proofs():
            _prove(prove, nursery, candidate.name)
    finally:
        nursery.close()


def _proofs() -> tuple[Callable[[Host], str | None], ...]:
    if processes.can_be_seen():
        return (_records_and_holds, _sees_what_is_held, _removes_what_is_left)
    return (_records_and_releases,)


def _prove(prove: Callable[[Host], str | None], nursery: Nursery, name: str) -> None:
    try:
        host = Host(nursery, Deadline(PATIENCE))
        try:
            wrong = prove(host)
        finally:
            host.end()
    except Outcome as error:
        wrong = str(error)
    if wrong:
        raise HarnessError(f"preflight for {name}: {wrong}")


def _records_and_holds(host: Host) -> str | None:
    held = host.start(proving.hold_and_record)
    host.wait_for("gate.wait", gate="hold")
    if not held.is_blocked(AT_A_GATE):
        return "a gate did not hold"
    host.release(count=1)
    held.wait()
    return _wrong_order(host)


def _records_and_releases(host: Host) -> str | None:
    """What can be proven where nobody sees that a thread is held."""
    passing = host.start(proving.hold_and_record)
    host.release(count=1)
    passing.wait()
    return _wrong_order(host)


def _wrong_order(host: Host) -> str | None:
    kinds = [event.kind for event in host.history() if event.kind in ("gate.wait", "gate.pass", "preflight.passed")]
    if kinds != ["gate.wait", "gate.pass", "preflight.passed"]:
        return f"events came as {kinds}"
    return None


def _sees_what_is_held(host: Host) -> str | None:
    before = host.vitals()
    host.call(proving.open_a_pipe)
    host.start(proving.hold_and_record)
    host.wait_for("gate.wait", gate="hold")
    after = host.vitals()
    if len(after.descriptors) != len(before.descriptors) + 2:
        return f"a pipe was opened and {len(before.descriptors)} descriptors became {len(after.descriptors)}"
    if after.threads != before.threads + 1:
        return f"a thread was started and {before.threads} threads became {after.threads}"
    return None


def _removes_what_is_left(host: Host) -> str | None:
    host.call(proving.leave_a_child)
    left = host.end()
    return None if len(left) == 1 else f"one process was left behind, {len(left)} were found"
