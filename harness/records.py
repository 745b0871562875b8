"""The run record: the JSON file that one run writes, and the only thing that reports read.

Its format is published as ``reports/run-record.schema.json``.
"""

from __future__ import annotations

import json
import os
import platform
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from harness import machine
from harness.candidates import Candidate
from harness.deviations import Deviation, Ending
from harness.requirements import Requirement
from harness.run import Run
from harness.verdicts import Verdict, fails_run, worst

FORMAT = "socketserver-conformance run record"
VERSION = 1
BENCHMARK_FORMAT = "socketserver-benchmark-record"
BENCHMARK_VERSION = 1
DISTRIBUTION = "socketserver-conformance"
PLUGINS = ("pytest", "pytest-xdist", "hypothesis", "pytest-timeout", "pytest-benchmark")


@dataclass
class Checks:
    """The checks of one run, as they come in from wherever they were made."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    made: list[dict[str, Any]] = field(default_factory=list, init=False)
    _by_subject: dict[tuple[str, str], list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list), init=False
    )

    def add(self, check: dict[str, Any]) -> None:
        """Take in one check."""
        self.made.append(check)
        self._by_subject[check["candidate"], check["requirement"]].append(check)

    def of(self, candidate: str, requirement: str) -> list[dict[str, Any]]:
        """Return the checks of one requirement on one candidate, in the order of their names."""
        return sorted(self._by_subject.get((candidate, requirement), ()), key=lambda each: str(each["test"]))


def build(run: Run, checks: Checks, *, command: list[str], seed: int, workers: int, partial: bool) -> dict[str, Any]:
    """Return the run record; *partial* says that the user had asked for some checks only."""
    columns = [_candidate(run, each, checks, partial) for each in run.candidates]
    deciding = {each.id for each in run.catalogue.values() if run.counts(each)}
    verdicts = {row["verdict"] for column in columns for row in column["requirements"] if row["id"] in deciding}
    failed = any(fails_run(Verdict(verdict)) for verdict in verdicts)
    return {
        **head(FORMAT, VERSION, checks.started, command, _environment(workers), seed),
        "level": run.lowest_level,
        "deciding_level": run.lowest_that_counts,
        "catalogue": [_requirement(each) for each in run.catalogue.values()],
        "candidates": columns,
        "result": {"exit": int(failed), "line": result_line(columns)},
        "footer": {
            "candidates": len(columns),
            "requirements": len(run.catalogue),
            "checks": sum(len(row["checks"]) for column in columns for row in column["requirements"]),
        },
    }


def head(
    name: str, version: int, started: datetime, command: list[str], environment: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Return what every record begins with: its format, and the run that it is about."""
    return {
        "format": name,
        "version": version,
        "suite": {"name": DISTRIBUTION, "version": metadata.version(DISTRIBUTION)},
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - started).total_seconds(), 3),
        "command": command,
        "environment": environment,
        "seed": seed,
    }


def write(record: dict[str, Any], path: Path) -> None:
    """Write *record* to *path*, whole or not at all."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(draft, path)


def result_line(columns: list[dict[str, Any]]) -> str:
    """State the result of all candidates in one line."""
    return "; ".join(f"{column['name']}: {_in_words(column['counts'])}" for column in columns)


def _in_words(counts: dict[str, int]) -> str:
    order = sorted(counts, key=lambda verdict: list(Verdict).index(Verdict(verdict)))
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in order)


def _environment(workers: int) -> dict[str, Any]:
    return {
        **_interpreter_and_cores(),
        "workers": workers,
        "ipv6": machine.has_ipv6(),
        "plugins": {name: metadata.version(name) for name in PLUGINS},
    }


def machine_environment() -> dict[str, Any]:
    """Describe the interpreter that measures, and the machine; *busy* is the share of it that others had just now."""
    found = _interpreter_and_cores()
    busy = round(min(os.getloadavg()[0] / found["cores"], 1.0), 2)
    return {**found, "machine": platform.machine(), "busy": busy}


def _interpreter_and_cores() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "cores": os.cpu_count() or 1,
    }


def _requirement(requirement: Requirement) -> dict[str, Any]:
    return {
        **asdict(requirement),
        "sources": list(requirement.sources),
        "programs": list(requirement.programs),
        "promises": list(requirement.promises),
    }


def _candidate(run: Run, candidate: Candidate, checks: Checks, partial: bool) -> dict[str, Any]:
    rows = [_row(run, candidate, each, checks, partial) for each in run.catalogue.values()]
    facts = candidate.facts
    return {
        "name": candidate.name,
        "module": candidate.target,
        "start": run.start_of(candidate),
        "interpreter": {
            "version": facts.version,
            "implementation": facts.implementation,
            "platform": facts.platform,
            "gil": facts.gil,
        },
        "contract": run.contracts[candidate.name],
        "requirements": rows,
        "counts": dict(Counter(row["verdict"] for row in rows)),
    }


def _row(run: Run, candidate: Candidate, requirement: Requirement, checks: Checks, partial: bool) -> dict[str, Any]:
    made = checks.of(candidate.name, requirement.id)
    concerned = [each for each in run.known(candidate.name, requirement.id) if not each.unmet]
    verdict = run.left_out(candidate, requirement) or Verdict.NOT_SELECTED
    if made:
        verdict = worst(Verdict(each["verdict"]) for each in made)
        if verdict is Verdict.PASS and not partial and any(each.must_happen for each in concerned):
            verdict = Verdict.UNEXPECTED_PASS
    return {
        "id": requirement.id,
        "verdict": str(verdict),
        "deviations": [_deviation(each, made, partial) for each in concerned],
        "checks": [
            {key: each[key] for key in ("test", "verdict", "declared", "seconds", "repeat", "evidence")}
            for each in made
        ],
    }


def _deviation(deviation: Deviation, made: list[dict[str, Any]], partial: bool) -> dict[str, Any]:
    happened = any(deviation.describes(ending_of(check)) for check in made)
    return {
        "entry": deviation.source,
        "verdicts": list(deviation.verdicts),
        "reason": deviation.reason,
        "link": deviation.link,
        "because": deviation.because,
        "expires": deviation.expires and deviation.expires.isoformat(),
        "flaky": deviation.flaky and asdict(deviation.flaky),
        "happened": happened or (None if partial or not made else False),
    }


def ending_of(check: dict[str, Any]) -> Ending:
    """Return how *check* ended, before known deviations were taken into account."""
    return Ending(check["found"], check["evidence"] and check["evidence"]["fingerprint"])


def by_area_and_level(
    record_column: dict[str, Any], catalogue: Iterable[dict[str, Any]]
) -> dict[str, dict[str, Counter[str]]]:
    """Count one candidate's verdicts by area and level."""
    verdicts = {row["id"]: row["verdict"] for row in record_column["requirements"]}
    counted: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for requirement in catalogue:
        counted[requirement["area"]][requirement["level"]][verdicts[requirement["id"]]] += 1
    return counted
