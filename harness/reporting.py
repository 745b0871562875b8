"""The end of a run, in the process that sees all of it: collect the checks, write the record, say what came out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harness import commands, declaring, defects, hostility, independence, records, run, summary
from harness.candidates import Candidate
from harness.declaring import Finding
from harness.deviation_files import DeviationError
from harness.records import Checks
from harness.run import RUN

_TO_THE_END = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)  # how a run ends that nobody has interrupted


class Reporting:
    """Takes in every check, wherever it was made."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._checks = Checks()
        self._rows: list[dict[str, Any]] = []
        self._hostile: list[dict[str, Any]] = []
        self._lines: list[str] = []
        self._is_partial = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the check that a report carries."""
        check = getattr(report, "conformance", None)
        if check is not None:
            self._checks.add(check)
        row = getattr(report, "independence", None)
        if row is not None:
            self._rows.append(row)
        hostility_row = getattr(report, "hostility", None)
        if hostility_row is not None:
            self._hostile.append(hostility_row)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the record or the table of defects, and let the exit status say what they say."""
        if RUN not in self._config.stash or not (self._checks.made or self._rows or self._hostile):
            return
        self._is_partial = is_partial(self._config) or session.exitstatus not in _TO_THE_END
        finish = {
            None: self._finish_checks,
            "own": self._finish_defects,
            "others": self._finish_matrix,
            "hostile": self._finish_hostility,
        }
        if finish[self._config.getoption("defects")]() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _finish_checks(self) -> int:
        record = records.build(
            self._config.stash[RUN],
            self._checks,
            command=commands.typed(self._config),
            seed=self._config.getoption("seed"),
            workers=self._config.getoption("numprocesses", None) or 1,
            partial=self._is_partial,
        )
        if not self._write(record):
            return 1
        self._lines += [
            *summary.lines(record),
            f"run record: {self._config.getoption('run_record')}",
            record["result"]["line"],
        ]
        exit_status: int = record["result"]["exit"]
        if self._config.getoption("update_deviations") and not self._update_deviations():
            return 1
        return exit_status

    def _finish_defects(self) -> int:
        noticed = defects.judge(self._config.stash[RUN].defects, self._checks.made)
        seen = sum(each.seen for each in noticed)
        slowest = max(each.seconds for each in noticed)
        self._lines += [
            *defects.table(noticed),
            f"{seen} of {len(noticed)} defects noticed by their own requirement, the slowest in {slowest:.2f} s",
        ]
        return int(seen < len(noticed))

    def _finish_matrix(self) -> int:
        found = independence.spreads(self._config.stash[RUN].defects, self._rows)
        started = self._checks.started.isoformat(timespec="seconds")
        if not self._write(independence.record(found, self._rows, started)):
            return 1
        self._lines += independence.table(found)
        return int(not all(each.is_narrow for each in found))

    def _finish_hostility(self) -> int:
        self._lines += hostility.lines(self._hostile)
        return int(any(row["errors"] for row in self._hostile))

    def _write(self, record: dict[str, Any]) -> bool:
        path = Path(self._config.getoption("run_record"))
        try:
            records.write(record, path)
        except OSError as error:
            self._lines.append(f"the run record was not written: {error}")
            return False
        return True

    def _update_deviations(self) -> bool:
        """Write what failed into the candidates' files; return whether that could be done."""
        done = [self._update_deviations_of(each) for each in self._config.stash[RUN].candidates]
        return all(done)

    def _update_deviations_of(self, candidate: Candidate) -> bool:
        found = self._config.stash[RUN]
        path = run.deviations_path(candidate, self._config)
        if path is None:
            self._lines.append(f"{candidate.name} has no file of known deviations: name one with --deviations")
            return False
        try:
            changes = declaring.update(
                path,
                self._findings(candidate),
                candidate.facts,
                set(found.catalogue),
                whole=not self._is_partial,
                today=date.today(),
            )
        except (OSError, DeviationError) as error:
            self._lines.append(f"the known deviations of {candidate.name} were not updated: {error}")
            return False
        heading, *obstacles = changes.lines()
        self._lines += [f"{path.name}: {heading}", *obstacles]
        return True

    def _findings(self, candidate: Candidate) -> Iterator[Finding]:
        found = self._config.stash[RUN]
        for requirement in filter(found.counts, found.catalogue.values()):
            made = self._checks.of(candidate.name, requirement.id)
            if made:
                yield Finding(requirement.id, tuple(map(records.ending_of, made)))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print what the end of the run has to say."""
        if self._lines:
            terminalreporter.section("socketserver conformance")
            for line in self._lines:
                terminalreporter.write_line(line)


def is_partial(config: pytest.Config) -> bool:
    """Return whether the user asked for some checks only, so that what is missing means nothing."""
    narrowing = ("requirement", "keyword", "markexpr", "lf", "stepwise", "deselect", "ignore", "ignore_glob", "maxfail")
    if any(config.getoption(name, None) for name in narrowing):
        return True
    return not any(run.CONFORMANCE.is_relative_to(path) for path in run.named_paths(config))
