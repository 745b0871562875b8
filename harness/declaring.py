"""Write what a run found into a file of deviations, and keep what people wrote there.

Comments, reasons and links stay.  What no longer happens is removed, what is new is added as *not
yet explained*. Entries that do not concern the candidate, and requirements that the run did not
judge, are left alone.
"""

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT

from harness.candidates import Facts
from harness.deviations import UNEXPLAINED, VERDICTS, Deviation, applies, parse_when, read

_HEADING = "Known deviations; see harness/deviations.py for the format."


@dataclass(frozen=True)
class Finding:
    """What a run found of one requirement.

    verdict: before known deviations are taken into account. fingerprints: of the failed checks.
    """

    requirement: str
    verdict: str
    fingerprints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changes:
    """The requirements whose entries were added, refreshed (their fingerprints) or removed."""

    added: tuple[str, ...]
    refreshed: tuple[str, ...]
    removed: tuple[str, ...]


def update(
    path: Path,
    findings: Iterable[Finding],
    facts: Facts,
    known_requirements: Collection[str],
    when: str | None = None,
) -> Changes:
    """Make the file at *path* declare what was found of a candidate with these *facts*.

    New entries get the condition *when*; by default they concern only what was observed: this
    version of this implementation.  A file that does not exist is written if there is anything to
    declare.  Raises DeviationError when the present file is wrong, and ValueError when *when* is:
    then nothing is written.
    """
    condition = when or f"python == {facts.pair}, implementation == {facts.implementation}"
    parse_when(condition)
    by_requirement = {finding.requirement: finding for finding in findings}
    present = read(path, known_requirements) if path.exists() else ()
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else _new_document()
    entries = document.setdefault("deviation", tomlkit.aot())
    refreshed, removed, declared = _revise(entries, present, by_requirement, facts)
    added = [
        finding
        for finding in by_requirement.values()
        if finding.verdict in VERDICTS and finding.requirement not in declared
    ]
    for finding in added:
        entries.append(_new_entry(finding, condition))
    if added or refreshed or removed:
        _write(path, tomlkit.dumps(document))
    names = tuple(finding.requirement for finding in added)
    return Changes(names, tuple(refreshed), tuple(removed))


def _revise(
    entries: AoT, present: tuple[Deviation, ...], findings: dict[str, Finding], facts: Facts
) -> tuple[list[str], list[str], set[str]]:
    """Refresh and remove entries; return which were, and what is declared by those that stay."""
    refreshed: list[str] = []
    removed: list[str] = []
    declared: set[str] = set()
    for index, deviation in reversed(list(enumerate(present))):
        finding = findings.get(deviation.requirement)
        if finding is None or not applies(deviation, facts):
            continue
        if finding.verdict == deviation.verdict:
            declared.add(deviation.requirement)
            if _refresh(entries[index], deviation, finding):
                refreshed.insert(0, deviation.requirement)
        elif finding.verdict == "pass" or finding.verdict in VERDICTS:
            del entries[index]
            removed.insert(0, deviation.requirement)
    return refreshed, removed, declared


def _refresh(entry: Any, deviation: Deviation, finding: Finding) -> bool:
    """Replace the fingerprints of an entry for one version; add to those for several."""
    if not deviation.fingerprints or not finding.fingerprints:
        return False
    is_for_one = any(one.fact == "python" and one.operator == "==" for one in deviation.when)
    others = () if is_for_one else deviation.fingerprints
    wanted = sorted({*others, *finding.fingerprints})
    if wanted == sorted(deviation.fingerprints):
        return False
    entry["fingerprint"] = _one_or_several(wanted)
    return True


def _new_document() -> tomlkit.TOMLDocument:
    document = tomlkit.document()
    document.add(tomlkit.comment(_HEADING))
    document.add(tomlkit.nl())
    return document


def _new_entry(finding: Finding, when: str) -> Any:
    entry = tomlkit.table()
    entry["requirement"] = finding.requirement
    if finding.verdict != "fail":
        entry["verdict"] = finding.verdict
    entry["when"] = when
    entry["reason"] = UNEXPLAINED
    entry["link"] = ""
    if finding.fingerprints:
        entry["fingerprint"] = _one_or_several(sorted(set(finding.fingerprints)))
    return entry


def _one_or_several(fingerprints: list[str]) -> str | list[str]:
    return fingerprints[0] if len(fingerprints) == 1 else fingerprints


def _write(path: Path, text: str) -> None:
    """Replace the file as a whole, so that a run that is interrupted cannot leave half of it."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, "utf-8")
    os.replace(draft, path)
