"""The part of pytest that makes checks against one mutant after the other, each until a check does not pass.

Loaded by ``python -m harness.mutation``, a process for each share of the mutants.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness import candidates
from harness.candidates import Candidate, CandidateError
from harness.independence import again
from harness.run import RUN
from harness.verdicts import Verdict

NOTHING_NOTICED = ""
NOTICED = (Verdict.FAIL, Verdict.HANG, Verdict.CRASH, Verdict.LEAK)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options by which the main process says what to do."""
    group = parser.getgroup("mutation")
    group.addoption("--mutants", type=Path, help="the file that lists the folders of the mutants")
    group.addoption("--killed", type=Path, help="where to write, for each mutant, the requirement that noticed it")


def mixed(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return *items* in an order in which a mutant is noticed soon: the first check of each requirement, then the rest.

    The areas are mixed, since the checks of one that has nothing to do with the mutant notice nothing.
    """
    seen: set[object] = set()
    first: list[pytest.Item] = []
    rest: list[pytest.Item] = []
    for item in random.Random(0).sample(items, len(items)):  # noqa: S311 - any order will do
        marker = item.get_closest_marker("requirement")
        requirement = marker.args[0] if marker else None
        (rest if requirement in seen else first).append(item)
        seen.add(requirement)
    return first + rest


@dataclass
class Favourites:
    """The checks in the order in which they are tried: those that have noticed a mutant of the same file come first."""

    items: list[pytest.Item]

    def __post_init__(self) -> None:
        self._by_file: dict[str, list[pytest.Item]] = {}

    def of(self, file: str) -> list[pytest.Item]:
        """Return the checks for a mutant of *file*."""
        first = self._by_file.setdefault(file, [])
        return [*first, *(item for item in self.items if item not in first)]

    def noticed(self, file: str, item: pytest.Item) -> None:
        """Try *item* earlier from now on."""
        first = self._by_file[file]
        if item in first:
            first.remove(item)
        first.insert(0, item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Judge the mutants instead of the candidate."""
    config = session.config
    listed: list[dict[str, str]] = json.loads(config.getoption("mutants").read_text(encoding="utf-8"))
    favourites = Favourites(mixed(session.items))
    killed: dict[str, str] = {}
    for mutant in listed:
        noticed = judge(config, mutant, favourites)
        killed[mutant["id"]] = noticed
        config.getoption("killed").write_text(json.dumps(killed), encoding="utf-8")
    return True


def judge(config: pytest.Config, mutant: dict[str, str], favourites: Favourites) -> str:
    """Return which requirement noticed *mutant*, and how; NOTHING_NOTICED if none did."""
    try:
        candidate = candidates.resolve(mutant["folder"])
    except CandidateError:
        return "it cannot be imported"
    found = config.stash[RUN]
    found.contracts[candidate.name], found.deviations[candidate.name] = candidate.facts.pair, ()
    try:
        return _first_to_notice(candidate, mutant["file"], favourites)
    finally:
        found.nurseries.pop(candidate.name).close()


def _first_to_notice(candidate: Candidate, file: str, favourites: Favourites) -> str:
    for item in favourites.of(file):
        check = _make(item, candidate)
        if check["found"] in NOTICED:
            favourites.noticed(file, item)
            return f"{check['found']}: {check['requirement']}"
    return NOTHING_NOTICED


def _make(item: pytest.Item, candidate: Candidate) -> dict[str, Any]:
    assert isinstance(item, pytest.Function)
    item.callspec.params["candidate"] = candidate
    return again(item, None, None)
