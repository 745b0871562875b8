"""What a check's end means: from the exception (or none) to a verdict with its evidence.

A check that cannot read what the candidate gave it, such as the first line of an empty report, is no fault of the
harness: it reads what the reference implementation gives, which the suite's own tests show in every run.
"""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness import outcomes, run
from harness.checks.verdict import Inconclusive, Violation
from harness.history.events import Event
from harness.history.history import History
from harness.history.timeline import timeline
from harness.hosts import Host
from harness.verdicts import Verdict, worst

LONGEST_TEXT = 4000
IN_A_LINE = 100
TIMED_OUT = "from pytest-timeout"  # what tells its way to end a test from a test's own, as in pytest.raises()

_HARNESS = Path(__file__).resolve().parent
_READERS = ("checks", "clients.py", "running.py")
_OF_FORM = (AttributeError, LookupError, TypeError, ValueError)

_VERDICTS: tuple[tuple[type[BaseException], Verdict], ...] = (
    (outcomes.Missing, Verdict.MISSING),
    (outcomes.Unsupported, Verdict.UNSUPPORTED),
    (pytest.skip.Exception, Verdict.UNSUPPORTED),
    (Inconclusive, Verdict.INCONCLUSIVE),
    (outcomes.HostDied, Verdict.CRASH),
    (outcomes.Stalled, Verdict.HANG),
    (outcomes.DeadlinePassed, Verdict.HANG),
    (outcomes.LeftBehind, Verdict.LEAK),
    (outcomes.HarnessError, Verdict.HARNESS_ERROR),
    (outcomes.Raised, Verdict.FAIL),
    (AssertionError, Verdict.FAIL),
)


@dataclass(frozen=True)
class Comparison:
    """The two sides of the `==` that was false: what was seen and what had to be."""

    actual: object
    expected: object


@dataclass
class Evidence:
    """What shows that a verdict is right; all of it text, as it goes into the run record."""

    summary: str
    expected: str | None = None
    actual: str | None = None
    violations: list[dict[str, Any]] = field(default_factory=list)
    timeline: str = ""
    stderr: str = ""
    stacks: str = ""
    left_behind: list[str] = field(default_factory=list)
    fingerprint: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as the run record has it."""
        return asdict(self)


def verdict_of(error: BaseException | None) -> Verdict:
    """Return the verdict on a check that ended with *error*."""
    if error is None:
        return Verdict.PASS
    if isinstance(error, BaseExceptionGroup):
        return worst(verdict_of(each) for each in error.exceptions)
    if isinstance(error, pytest.fail.Exception):
        return Verdict.HANG if TIMED_OUT in str(error) else Verdict.FAIL
    for kind, verdict in _VERDICTS:
        if isinstance(error, kind):
            return verdict
    return Verdict.FAIL if _is_unreadable(error) else Verdict.HARNESS_ERROR


def _is_unreadable(error: BaseException) -> bool:
    """Tell whether a test, or what it hands a value of the candidate to, stumbled over the form of that value."""
    where = _own_place(error)
    return isinstance(error, _OF_FORM) and where is not None and _reads_values(Path(where.filename))


def _own_place(error: BaseException) -> traceback.FrameSummary | None:
    """Return the innermost place of the tests or the harness where *error* came from."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return next((frame for frame in frames if _is_own(Path(frame.filename))), None)


def _is_own(path: Path) -> bool:
    return path.is_relative_to(run.CONFORMANCE) or path.is_relative_to(_HARNESS)


def _reads_values(path: Path) -> bool:
    return path.is_relative_to(run.CONFORMANCE) or any(path.is_relative_to(_HARNESS / each) for each in _READERS)


def cause_of(error: BaseException, hosts: Sequence[Host]) -> BaseException:
    """Return why the check could not go on: for a wait that was useless, the exception by which a call had ended."""
    if not isinstance(error, (outcomes.Stalled, outcomes.DeadlinePassed)):
        return error
    return next((raised for raised in (host.unheard() for host in hosts) if raised is not None), error)


def gather(error: BaseException, comparison: Comparison | None, hosts: Sequence[Host]) -> Evidence:
    """Collect, while the hosts are still there, what shows how the check came to end with *error*."""
    verdict = verdict_of(error)
    evidence = Evidence(summary=_summary(error))
    if isinstance(error, AssertionError) and comparison is not None:
        _compare(evidence, comparison)
    if isinstance(error, outcomes.LeftBehind):
        evidence.left_behind = list(error.left)
    if isinstance(error, outcomes.Raised):
        evidence.actual = _cut(error.traceback)
    violations = _violations(comparison)
    for host in hosts:
        evidence.stderr += host.complaints()
        if verdict is Verdict.HANG and not host.ended:
            evidence.stacks += host.stacks()
        evidence.timeline += timeline(
            _history(host), highlight=tuple(event for each in violations for event in each.evidence)
        )
    return evidence


def _history(host: Host) -> History:
    try:
        return host.history()
    except TimeoutError:
        return History()


def _summary(error: BaseException) -> str:
    where = _own_place(error)
    if where is None or not _is_unreadable(error):
        return _first_line(error)
    return f"what the candidate gave could not be read by `{where.line}`: {type(error).__name__}: {_first_line(error)}"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return _cut(lines[0])


def _compare(evidence: Evidence, comparison: Comparison) -> None:
    violations = _violations(comparison)
    if violations:
        evidence.summary = violations[0].says
        evidence.violations = [
            {"says": each.says, "events": [str(event) for event in each.evidence]} for each in violations[:20]
        ]
        evidence.expected, evidence.actual = "no violation", f"{len(violations)} violations"
        return
    evidence.expected, evidence.actual = _shown(comparison.expected), _shown(comparison.actual)
    evidence.summary = f"expected {_cut(evidence.expected, IN_A_LINE)}, seen {_cut(evidence.actual, IN_A_LINE)}"


def _shown(value: object) -> str:
    """Return *value* as text; events as the timeline has them, without where and when."""
    if isinstance(value, list) and value and all(isinstance(each, Event) for each in value):
        return _cut("; ".join(str(each) for each in value))
    return _cut(repr(value))


def _violations(comparison: Comparison | None) -> list[Violation]:
    if comparison is None or not isinstance(comparison.actual, list):
        return []
    return [each for each in comparison.actual if isinstance(each, Violation)]


def _cut(text: str, most: int = LONGEST_TEXT) -> str:
    return text if len(text) <= most else text[:most] + " …"


def fingerprint(check: str, verdict: Verdict, evidence: Evidence) -> str:
    """Return 12 hex digits that are the same whenever *check* fails in the same way.

    What differs from run to run - numbers, addresses, folders, how many violations - does not count, nor does what a
    hang was waiting for: of several things that do not come, which one is missed first may be luck.
    """
    says = sorted({each["says"] for each in evidence.violations}) or [evidence.expected or evidence.summary]
    if verdict is Verdict.HANG:
        says = []
    steady = sorted({re.sub(r"0x[0-9a-f]+|host-\w{8}|\d+", "#", line) for line in says})
    return hashlib.sha256("\n".join([check, verdict, *steady]).encode()).hexdigest()[:12]
