"""How far requirements are independent: which of them notice a defect that was meant for another.

``--defects=others`` makes one check of each requirement, again and again, each time with another defect.  A check
that does not pass with a sound candidate has nothing to say about broken ones.
"""

from __future__ import annotations

import faulthandler
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from _pytest.runner import runtestprotocol  # there is no public way to make a test run twice

from harness.defects import Defect
from harness.run import RUN
from harness.verdicts import Verdict

BROKEN = pytest.StashKey[Defect | None]()
FORMAT = "socketserver-conformance defect matrix"
VERSION = 1
UNDISTURBED = (Verdict.PASS, Verdict.MISSING)  # who misses a class that a defect has removed blames nobody
MOST_OTHERS = 0.1  # the share of the other requirements that may notice a defect


def again(item: pytest.Item, nextitem: pytest.Item | None, defect: Defect | None) -> dict[str, Any]:
    """Make the check *item* once more, with *defect*, and return what came of it."""
    item.stash = pytest.Stash()
    item.config.stash[BROKEN] = defect
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    checks = [report.conformance for report in reports if hasattr(report, "conformance")]
    check: dict[str, Any] = checks[0]
    return check


class Matrix:
    """Runs one check of each requirement with the defects that are meant for other requirements.

    share: of these pairs, how many are tried; which, the seed decides.
    """

    def __init__(self, defects: Sequence[Defect], share: float, seed: int) -> None:
        self._defects, self._share, self._seed = defects, share, seed

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the first check of each requirement and candidate."""
        first: dict[object, pytest.Item] = {}
        for item in items:
            first.setdefault(_subject(item), item)
        kept = set(first.values())
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = [item for item in items if item in kept]
        for item in items:
            item.add_marker(pytest.mark.timeout(0))  # it is hundreds of checks, each with its own deadline

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Make the check without a defect and, if it passes, with each; report all of it as one test."""
        faulthandler.cancel_dump_traceback_later()
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        item.ihook.pytest_runtest_logreport(report=self._report(item, nextitem))
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _report(self, item: pytest.Item, nextitem: pytest.Item | None) -> pytest.TestReport:
        sound = again(item, nextitem, None)
        verdicts = {}
        if sound["found"] == Verdict.PASS:
            others = (defect for defect in self._defects if self._is_tried(defect, sound["requirement"]))
            verdicts = {defect.name: again(item, nextitem, defect)["found"] for defect in others}
        report = pytest.TestReport(
            nodeid=item.nodeid, location=item.location, keywords={}, outcome="passed", longrepr=None, when="call"
        )
        report.independence = {  # type: ignore[attr-defined]  # reports carry what plugins hang on them
            "candidate": sound["candidate"],
            "requirement": sound["requirement"],
            "test": item.nodeid,
            "sound": sound["found"],
            "verdicts": verdicts,
        }
        return report

    def _is_tried(self, defect: Defect, requirement: str) -> bool:
        draw = random.Random(f"{self._seed} {defect.name} {requirement}")  # noqa: S311 - it has to be repeatable
        return defect.breaks != requirement and draw.random() < self._share


def _subject(item: pytest.Item) -> object:
    marker = item.get_closest_marker("requirement")
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return (marker.args[0], parameters.get("candidate")) if marker else item


@dataclass(frozen=True)
class Spread:
    """Which other requirements a defect disturbs in one candidate.

    disturbed: their ids, with the verdict of each.  judged: how many others were tried, by area.
    """

    candidate: str
    defect: Defect
    disturbed: dict[str, str]
    judged: dict[str, int]

    @property
    def share(self) -> float:
        """The share of the other requirements that the defect disturbs."""
        return len(self.disturbed) / max(1, sum(self.judged.values()))

    @property
    def is_narrow(self) -> bool:
        """Whether it disturbs few enough."""
        return self.share < MOST_OTHERS


def spreads(defects: Iterable[Defect], rows: Sequence[dict[str, Any]]) -> list[Spread]:
    """Tell from the *rows*, one a requirement and candidate, how far each defect reaches."""
    found = []
    for candidate in dict.fromkeys(row["candidate"] for row in rows):
        mine = [row for row in rows if row["candidate"] == candidate]
        for defect in defects:
            judged = {
                row["requirement"]: row["verdicts"][defect.name] for row in mine if defect.name in row["verdicts"]
            }
            disturbed = {identifier: verdict for identifier, verdict in judged.items() if verdict not in UNDISTURBED}
            areas = Counter(identifier.partition(".")[0] for identifier in judged)
            found.append(Spread(candidate, defect, disturbed, dict(areas)))
    return found


def table(found: Sequence[Spread]) -> Iterator[str]:
    """Write how many others notice each defect, the widest first, and the sum of it."""
    for each in sorted(found, key=lambda spread: -spread.share):
        if each.disturbed:
            mark = "✓" if each.is_narrow else "✗"
            names = ", ".join(sorted(each.disturbed)[:4]) + (" …" if len(each.disturbed) > 4 else "")
            yield f"{mark} {each.share:6.1%} {each.candidate:<16} {each.defect.name}: {names}"
    counted = Counter(each.is_narrow for each in found)
    alone = sum(not each.disturbed for each in found)
    yield (
        f"{counted[True]} of {len(found)} defects disturb fewer than {MOST_OTHERS:.0%} of the other requirements,"
        f" {alone} of them none at all"
    )


def record(found: Sequence[Spread], rows: Sequence[dict[str, Any]], started: str) -> dict[str, Any]:
    """Return the matrix as JSON has it; ``python -m reports`` renders it."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "started": started,
        "checks": [{key: row[key] for key in ("candidate", "requirement", "test", "sound")} for row in rows],
        "spreads": [
            {
                "candidate": each.candidate,
                "defect": each.defect.name,
                "breaks": each.defect.breaks,
                "says": each.defect.says,
                "judged": each.judged,
                "disturbed": each.disturbed,
            }
            for each in found
        ],
        "footer": {"checks": len(rows), "spreads": len(found)},
    }


def register(config: pytest.Config) -> None:
    """Let the session of *config* draw up the matrix."""
    matrix = Matrix(config.stash[RUN].defects, config.getoption("sample") or 1.0, config.getoption("seed"))
    config.pluginmanager.register(matrix, "socketserver-independence")
