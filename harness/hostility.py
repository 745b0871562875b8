"""Whatever a candidate does is a verdict on the candidate: with hostile modules, too, no check errs itself.

``--defects=hostile`` makes each check once for each twist of `harness.host.twisting`, and reports every *harness
error*.  A module that serves no request ends an ordinary run before its checks, so it is left out here, too.
"""

from __future__ import annotations

import faulthandler
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from harness import smoke
from harness.candidates import Candidate
from harness.defects import Defect
from harness.independence import again
from harness.run import RUN, Run
from harness.verdicts import Verdict

SERVING = pytest.StashKey[dict[str, list[str]]]()


def that_serve(found: Run) -> dict[str, list[str]]:
    """Return, by candidate, the names of the twists with which it still serves a request."""
    return {
        each.name: [twist.name for twist in found.defects if _serves(each, twist, found)] for each in found.candidates
    }


def _serves(candidate: Candidate, twist: Defect, found: Run) -> bool:
    return smoke.check(candidate, fresh=found.fresh, defects=(twist.reference,)) is None


class Hostility:
    """Makes each check with the twists that still serve; of these pairs, it tries the given share."""

    def __init__(self, defects: Sequence[Defect], serving: dict[str, list[str]], share: float, seed: int) -> None:
        self._defects, self._serving, self._share, self._seed = defects, serving, share, seed

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Give each check time for all twists."""
        for item in items:
            item.add_marker(pytest.mark.timeout(0))  # it is a hundred checks, each with its own deadline

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Make the check with each twist, and report all of it as one test."""
        faulthandler.cancel_dump_traceback_later()
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        item.ihook.pytest_runtest_logreport(report=self._report(item, nextitem))
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _report(self, item: pytest.Item, nextitem: pytest.Item | None) -> pytest.TestReport:
        assert isinstance(item, pytest.Function)
        candidate = item.callspec.params["candidate"]
        assert isinstance(candidate, Candidate)
        tried = [each for each in self._defects if self._is_tried(each, item.nodeid, candidate)]
        checks = {each.name: again(item, nextitem, each) for each in tried}
        errors = {
            name: f"{check['test']} with {name}: {check['evidence']['summary']}"
            for name, check in checks.items()
            if check["found"] == Verdict.HARNESS_ERROR
        }
        report = pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords={},
            outcome="failed" if errors else "passed",
            longrepr="\n".join(errors.values()) or None,
            when="call",
        )
        report.hostility = {"made": len(checks), "errors": list(errors.values())}  # type: ignore[attr-defined]
        return report

    def _is_tried(self, twist: Defect, test: str, candidate: Candidate) -> bool:
        draw = random.Random(f"{self._seed} {twist.name} {test}")  # noqa: S311 - it has to be repeatable
        return twist.name in self._serving[candidate.name] and draw.random() < self._share


def lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Write how many checks were made, and each that erred."""
    errors = [error for row in rows for error in row["errors"]]
    yield from (f"✗ {error}" for error in errors)
    made = sum(row["made"] for row in rows)
    yield f"{made} checks of hostile modules, {len(errors)} harness errors"


def register(config: pytest.Config) -> None:
    """Let the session of *config* make the checks of hostile modules."""
    found = config.stash[RUN]
    handed_over: dict[str, list[str]] | None = getattr(config, "workerinput", {}).get("twists")
    config.stash[SERVING] = that_serve(found) if handed_over is None else handed_over
    hostility = Hostility(
        found.defects, config.stash[SERVING], config.getoption("sample") or 1.0, config.getoption("seed")
    )
    config.pluginmanager.register(hostility, "socketserver-hostility")
