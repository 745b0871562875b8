"""Write what a run found into a file of deviations, and keep what people wrote there.

What is new is added as *not yet explained*; what does not happen is removed, if the run was whole.  Comments stay, and
so do flaky entries, those that do not concern the candidate, and requirements that were not judged.  An entry that
somebody has explained stays until its requirement passes.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import tomlkit

from harness.candidates import Facts
from harness.deviation_files import DeviationError, DeviationFile, read
from harness.deviations import UNEXPLAINED, VERDICTS, Deviation, Ending, excuse
from harness.verdicts import Verdict, fails_run

_HEADING = "# Known deviations; see docs/known-deviations.md of socketserver-conformance for the format.\n"
_ENTRY = re.compile(r"^[ \t]*\[\[\s*(deviation|not-inherited)\s*\]\]", re.MULTILINE)
_AFTER_ENTRY = re.compile(r"(\n[ \t]*(#[^\n]*)?)*\Z")  # lines that are empty, or comments
_ONE_VERSION = re.compile(r"python(_full)?_version ==")
_JUDGED = (Verdict.PASS, *(each for each in VERDICTS if each != Verdict.INCONCLUSIVE))


@dataclass(frozen=True)
class Finding:
    """What a run found of one requirement."""

    requirement: str
    endings: tuple[Ending, ...]


@dataclass
class Changes:
    """The requirements whose entries were added, refreshed (their fingerprints) or removed.

    refused: those of which entries were inherited that do not happen here.
    undeclared: how many checks of a requirement remain without an entry, and why.
    """

    added: list[str] = field(default_factory=list)
    refreshed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    undeclared: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        """Return whether the file has to be written."""
        return bool(self.added or self.refreshed or self.removed or self.refused)

    def lines(self) -> list[str]:
        """Return what is to be said of them: what was changed, and a line for each reason not to."""
        counts = f"{len(self.added)} added, {len(self.refreshed)} refreshed, {len(self.removed)} removed"
        return [
            counts + (f", {len(self.refused)} not inherited" if self.refused else ""),
            *(
                f"  not declared: {times} {'check' if times == 1 else 'checks'} of {requirement}: {why}"
                for (requirement, why), times in self.undeclared.items()
            ),
        ]


def update(
    path: Path,
    findings: Iterable[Finding],
    facts: Facts,
    known_requirements: Collection[str],
    *,
    whole: bool,
    today: date,
) -> Changes:
    """Make the file at *path* declare what was found of a candidate with these *facts*.

    New entries concern only what was observed: this version of this implementation. Only a run that was *whole* says
    that something does not happen.  A file that does not exist is written if there is anything to declare.
    Raises DeviationError when the present file is wrong: then nothing is written.
    """
    present = read(path, known_requirements) if path.exists() else DeviationFile(path, ())
    text = path.read_text("utf-8") if path.exists() else _HEADING
    revision = _Revision(_Document(text, present), present, facts, whole, today)
    for finding in findings:
        revision.revise(finding)
    if revision.changes:
        _write(path, revision.document.text())
    return revision.changes


class _Revision:
    """One file on its way from what it says to what a run has found."""

    def __init__(self, document: _Document, present: DeviationFile, facts: Facts, whole: bool, today: date) -> None:
        settled = list(present.of(facts))
        self.document = document
        self.changes = Changes()
        self._own = list(enumerate(settled[: len(present.own)]))
        self._inherited = settled[len(present.own) :]
        self._facts = facts
        self._whole = whole
        self._today = today

    def revise(self, finding: Finding) -> None:
        """Make the file say what was found of one requirement."""
        inherited = [each for each in self._inherited if each.requirement == finding.requirement]
        own = [(index, each) for index, each in self._own if each.requirement == finding.requirement]
        unstated = [(index, each) for index, each in own if not any(each.describes(end) for end in finding.endings)]
        new = self._new_endings([*(each for _, each in own), *inherited], finding)
        new = self._renew(unstated, new)
        if new:
            self.document.add(_new_entry(finding.requirement, new, self._facts))
            self.changes.added.append(finding.requirement)
        verdicts = {ending.verdict for ending in finding.endings} - {Verdict.MISSING}
        if self._whole and verdicts and verdicts <= set(_JUDGED):
            self._remove(unstated, passes=verdicts == {Verdict.PASS})
        if self._whole and verdicts == {Verdict.PASS} and any(each.must_happen for each in inherited):
            self.document.add(_refusal(finding.requirement, self._facts))
            self.changes.refused.append(finding.requirement)

    def _new_endings(self, entries: list[Deviation], finding: Finding) -> list[Ending]:
        """Return in which ways checks failed that no entry excuses, and keep in mind those that none can."""
        new = []
        for ending in finding.endings:
            if not fails_run(Verdict(ending.verdict)) or excuse(entries, ending, self._today)[0]:
                continue
            obstacle = _obstacle(entries, ending)
            if obstacle:
                self.changes.undeclared[finding.requirement, obstacle] += 1
            elif ending not in new:
                new.append(ending)
        return new

    def _renew(self, unstated: list[tuple[int, Deviation]], new: list[Ending]) -> list[Ending]:
        """Give entries, none of whose fingerprints was found, the new ones; return what is left of these.

        A check that was written anew fails with another fingerprint, for the same reason.
        """
        for index, entry in list(unstated):
            taken = [each for each in new if each.verdict in entry.verdicts]
            if not taken or not entry.must_happen or entry.has_expired(self._today):
                continue
            is_for_one = _ONE_VERSION.search(str(entry.scope.when)) is not None
            outdated = entry.fingerprints if is_for_one and self._whole else ()
            self.document.refresh(index, [str(each.fingerprint) for each in taken], outdated)
            self.changes.refreshed.append(entry.requirement)
            unstated.remove((index, entry))
            new = [each for each in new if each not in taken]
        return new

    def _remove(self, unstated: list[tuple[int, Deviation]], *, passes: bool) -> None:
        for index, entry in unstated:
            if entry.must_happen and (passes or not entry.explained):
                self.document.remove(index)
                self.changes.removed.append(entry.requirement)


def _obstacle(entries: list[Deviation], ending: Ending) -> str:
    """Return why a check that ended so cannot be declared; "" if it can."""
    if ending.verdict not in VERDICTS:
        return f"{ending.verdict}: that says nothing of the candidate"
    for each in entries:
        if each.describes(ending):
            return f"{each.source} expired on {each.expires}"
        if each.flaky and not each.unmet and ending.verdict in each.verdicts:
            return f"{each.source} is flaky and has other fingerprints; who measured it may add to them"
    return ""


class _Document:
    """The text of a file: what stands before the first entry, and each entry with what follows it."""

    def __init__(self, text: str, present: DeviationFile) -> None:
        heads = list(_ENTRY.finditer(text))
        kinds = Counter(head[1] for head in heads)
        if kinds != Counter({"deviation": len(present.own), "not-inherited": len(present.refusals)}):
            raise DeviationError(f"{present.path}: to be updated, each entry must begin with a line [[deviation]]")
        bounds = [0, *(head.start() for head in heads), len(text)]
        self._preamble, *self._blocks = (text[start:end] for start, end in pairwise(bounds))
        self._added: list[str] = []
        self._places = [place for place, head in enumerate(heads) if head[1] == "deviation"]

    def refresh(self, index: int, fingerprints: Iterable[str], outdated: Iterable[str]) -> None:
        """Add *fingerprints* to an entry and remove those that are *outdated*."""
        document = tomlkit.parse(self._blocks[self._places[index]])
        declared: Any = document["deviation"]
        listed = declared[0]["fingerprints"]
        for each in fingerprints:
            listed.append(each)
        for each in outdated:
            listed.remove(each)
        self._blocks[self._places[index]] = tomlkit.dumps(document)

    def remove(self, index: int) -> None:
        """Remove an entry, but not the comments behind it: they may belong to the next one."""
        block = self._blocks[self._places[index]]
        after = _AFTER_ENTRY.search(block)
        assert after is not None  # it matches nothing, if need be
        self._blocks[self._places[index]] = after[0].lstrip("\n")

    def add(self, entry: str) -> None:
        """Add an entry at the end."""
        self._added.append(entry)

    def text(self) -> str:
        """Return the whole text."""
        present = "".join([self._preamble, *self._blocks]).rstrip("\n") + "\n"
        return "\n".join([present, *self._added])


def _new_entry(requirement: str, endings: list[Ending], facts: Facts) -> str:
    found = {each.verdict for each in endings}
    entry = {
        "requirement": requirement,
        "verdicts": [each for each in VERDICTS if each in found],
        **_only(facts),
        "reason": UNEXPLAINED,
        "link": "",
        "fingerprints": sorted(each.fingerprint for each in endings if each.fingerprint),
    }
    return "[[deviation]]\n" + tomlkit.dumps(entry)


def _refusal(requirement: str, facts: Facts) -> str:
    return "[[not-inherited]]\n" + tomlkit.dumps({"requirement": requirement, **_only(facts), "reason": UNEXPLAINED})


def _only(facts: Facts) -> dict[str, Any]:
    """Return the conditions of an entry that is for nothing but what was observed."""
    implementation = facts.implementation.lower()
    when = f"python_version == '{facts.pair}' and implementation_name == '{implementation}'"
    return {"when": when} if facts.gil else {"when": when, "where": ["free-threaded"]}


def _write(path: Path, text: str) -> None:
    """Replace the file as a whole, so that a run that is interrupted cannot leave half of it."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, "utf-8")
    os.replace(draft, path)
