"""What is wrong with the harness is said before the first test, and never of the candidate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness import preflight, processes, run, vitals
from harness.candidates import Candidate
from harness.host import proving
from harness.hosts import Host
from harness.interpreters import Interpreter
from harness.outcomes import HarnessError
from harness.tests import tiny_suite
from harness.tests.arranging import stdlib_of
from harness.tests.test_host import acts
from harness.vitals import Vitals

Break = Callable[[pytest.MonkeyPatch], None]


def gates_that_do_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "hold_and_record", acts.pretend_to_hold)


def events_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Host.history
    monkeypatch.setattr(Host, "history", lambda self: list(reversed(real(self))) if self._gates_used() else real(self))
    monkeypatch.setattr(Host, "_gates_used", lambda self: bool(real(self).of("gate.pass")), raising=False)


def descriptors_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = vitals.examine
    monkeypatch.setattr(vitals, "examine", lambda *whose: _changed(real(*whose), descriptors={}))


def threads_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = vitals.examine
    monkeypatch.setattr(vitals, "examine", lambda *whose: _changed(real(*whose), threads=1))


def leftovers_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "leave_a_child", acts.do_nothing)


def hosts_that_die(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "open_a_pipe", acts.exit_by_os)


def nurseries_that_do_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.nurseries._NURSERY", "raise RuntimeError('ill')")


def _changed(seen: Vitals, **changes: Any) -> Vitals:
    return Vitals(**{**vars(seen), **changes})


BROKEN = [
    (gates_that_do_not_hold, "a gate did not hold"),
    (events_out_of_order, "events came as ['preflight.passed', 'gate.pass', 'gate.wait']"),
    (descriptors_unseen, "a pipe was opened and 0 descriptors became 0"),
    (threads_unseen, "a thread was started and 1 threads became 1"),
    (leftovers_unseen, "one process was left behind, 0 were found"),
    (hosts_that_die, "the host ended with exit status 7 while the test waited for the return of"),
    (nurseries_that_do_not_start, "did not start: RuntimeError: ill"),
]


@pytest.fixture
def candidate(this_python: Interpreter) -> Iterator[Candidate]:
    processes.become_subreaper()
    before = psutil.Process().children()
    yield stdlib_of(this_python)
    assert psutil.Process().children() == before


@pytest.mark.parametrize("fresh", [False, True], ids=["fork", "exec"])
def test_a_harness_that_works_says_nothing(candidate: Candidate, fresh: bool) -> None:
    preflight.check(candidate, fresh=fresh)


@pytest.mark.parametrize(("break_it", "seen"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_each_piece_that_is_broken_is_named(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch, break_it: Break, seen: str
) -> None:
    break_it(monkeypatch)

    with pytest.raises(HarnessError) as caught:
        preflight.check(candidate, fresh=False)

    assert seen in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_broken_harness_ends_the_run_with_exit_status_3_and_without_a_word_about_the_candidate(
    tmp_path: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_suite.write(tmp_path)
    monkeypatch.setattr(run, "CONFORMANCE", run.CONFORMANCE)
    monkeypatch.chdir(tmp_path)
    leftovers_unseen(monkeypatch)

    result = pytester.runpytest_inprocess(
        "-p", "harness.plugin", f"--rootdir={tmp_path}", f"--impl={tmp_path / 'good.py'}", str(tmp_path)
    )

    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    shown = result.stdout.str() + result.stderr.str()
    assert f"harness error: preflight for {tmp_path / 'good.py'}: one process was left behind, 0 were found" in shown
    assert "Traceback" not in shown
    assert list(pytester.path.glob("run-record*")) == []
