"""How pytest shows a judged check: as passed, skipped or failed, and with which sections."""

from __future__ import annotations

from typing import Any

import pytest

from harness.run import Run
from harness.verdicts import Verdict, fails_run


def shape(report: pytest.TestReport, check: dict[str, Any], verdict: Verdict, explanation: str, found: Run) -> None:
    """Let pytest show the check as what it is."""
    if check["defect"] is not None:
        report.outcome, report.longrepr = "passed", None
        return
    if verdict is Verdict.KNOWN_DEVIATION:
        report.outcome = "skipped"
        report.wasxfail = explanation
        return
    if not report.failed:
        return
    if not fails_run(verdict):
        path, line, _ = report.location
        report.outcome, report.longrepr = "skipped", (path, line or 0, f"Skipped: {check['evidence']['summary']}")
        return
    requirement = found.catalogue[check["requirement"]]
    if not found.counts(requirement):
        report.outcome, report.wasxfail = "skipped", f"{requirement.level}: {check['evidence']['summary']}"
        return
    evidence = check["evidence"] or {}
    if verdict is Verdict.LEAK:
        report.longrepr = evidence["summary"]  # found after the test, so no line of it is to blame
    grounds = [f"promised: {each}" for each in requirement.promises if requirement.level == "must"]
    grounds += [f"needed by {each}" for each in requirement.programs]
    where = "\n".join([*grounds, *(requirement.sources or [requirement.basis])])
    report.sections[:] = [
        (
            f"{verdict}: {requirement.id} ({requirement.level})",
            f"{requirement.says}\n{where}\n{explanation}".strip(),
        ),
        ("seen", _seen(evidence)),
        ("timeline", evidence.get("timeline", "")),
        ("what the host wrote on stderr", evidence.get("stderr", "")),
        ("stacks in the host", evidence.get("stacks", "")),
        ("left behind", "\n".join(evidence.get("left_behind", []))),
        ("repeat", check["repeat"]),
        *report.sections,
    ]
    report.sections[:] = [(title, text) for title, text in report.sections if text]


def _seen(evidence: dict[str, Any]) -> str:
    sides = (f"{name + ':':<9} {evidence[name]}" for name in ("expected", "actual") if evidence.get(name) is not None)
    return "\n".join([evidence.get("summary", ""), *sides])
