"""The end of a run on the terminal: a table by area and level, what failed and why, and the result in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from harness.records import by_area_and_level
from harness.requirements import LEVELS, LOWEST_THAT_COUNTS
from harness.verdicts import Verdict, fails_run

_NOT_CHECKED = (Verdict.NOT_IN_CONTRACT, Verdict.NOT_SELECTED)
_NOTHING = "–"
_WIDTH = 15
_LAST = LEVELS.index(LOWEST_THAT_COUNTS) + 1
_COUNTING, _OTHERS = LEVELS[:_LAST], LEVELS[_LAST:]


def lines(record: dict[str, Any]) -> Iterator[str]:
    """Write the whole summary of *record*."""
    for column in record["candidates"]:
        yield from _heading(column)
        yield from _table(column, record["catalogue"], _COUNTING)
        yield from _table(column, record["catalogue"], _OTHERS)
    says = {requirement["id"]: requirement for requirement in record["catalogue"]}
    for column in record["candidates"]:
        for row in column["requirements"]:
            requirement = says[row["id"]]
            if not _counts(record, requirement["level"]):
                continue
            if fails_run(Verdict(row["verdict"])) or row["verdict"] == Verdict.KNOWN_DEVIATION:
                yield from _failed(column["name"], row, requirement)
        yield from _only_compatibility(record, column, says)
        yield from _unsupported(column)
    if len(record["candidates"]) > 1:
        yield from _overview(record)


def _counts(record: dict[str, Any], level: str) -> bool:
    return LEVELS.index(level) <= LEVELS.index(record["deciding_level"])


def _heading(column: dict[str, Any]) -> Iterator[str]:
    interpreter = column["interpreter"]
    yield (
        f"{column['name']}: {interpreter['implementation']} {interpreter['version']},"
        f" contract {column['contract']}, hosts by {column['start']}"
    )


def _table(column: dict[str, Any], catalogue: list[dict[str, Any]], shown: tuple[str, ...]) -> Iterator[str]:
    """Write a line for each area that has requirements of these levels, if any of them was checked."""
    rows = {
        area: {level: levels[level] for level in shown}
        for area, levels in by_area_and_level(column, catalogue).items()
        if any(levels[level] for level in shown)
    }
    if not any(_cell(counts) != _NOTHING for levels in rows.values() for counts in levels.values()):
        return
    yield f"  {'area':<18}" + "".join(f"{level:>{_WIDTH}}" for level in shown) + "   not passed"
    for area, levels in rows.items():
        whole: Counter[str] = sum(levels.values(), Counter())
        cells = "".join(f"{_cell(counts):>{_WIDTH}}" for counts in levels.values())
        yield f"  {area:<18}{cells}   {_others(whole)}".rstrip()
    yield ""


def _overview(record: dict[str, Any]) -> Iterator[str]:
    """Write a line for each of several candidates: what it keeps, level by level, and everything else."""
    width = max(len(name) for name in ("candidate", *(column["name"] for column in record["candidates"])))
    yield f"  {'candidate':<{width}}" + "".join(f"{level:>{_WIDTH}}" for level in LEVELS) + "   not passed"
    for column in record["candidates"]:
        levels: dict[str, Counter[str]] = {level: Counter() for level in LEVELS}
        for counted in by_area_and_level(column, record["catalogue"]).values():
            for level, counts in counted.items():
                levels[level] += counts
        cells = "".join(f"{_cell(counts):>{_WIDTH}}" for counts in levels.values())
        yield f"  {column['name']:<{width}}{cells}   {_others(sum(levels.values(), Counter()))}".rstrip()
    yield ""


def _only_compatibility(
    record: dict[str, Any], column: dict[str, Any], says: dict[str, dict[str, Any]]
) -> Iterator[str]:
    """List what differs from the insides of CPython only, where that does not decide the result."""
    found = [
        row["id"]
        for row in column["requirements"]
        if fails_run(Verdict(row["verdict"])) and not _counts(record, says[row["id"]]["level"])
    ]
    if found:
        yield f"{column['name']} differs from the insides of CPython, which does not change the result:"
        yield from (f"    {identifier}: {says[identifier]['says']}" for identifier in found)
        yield ""


def _unsupported(column: dict[str, Any]) -> Iterator[str]:
    """Tell what the machine lacks, and how many checks were not made for want of it."""
    reasons = Counter(
        check["evidence"]["summary"]
        for row in column["requirements"]
        for check in row["checks"]
        if check["verdict"] == Verdict.UNSUPPORTED
    )
    if reasons:
        yield f"{column['name']} could not be asked everything on this machine:"
        yield from (f"    {count} checks: {reason}" for reason, count in reasons.most_common())
        yield ""


def _cell(counts: Counter[str]) -> str:
    checked = sum(number for verdict, number in counts.items() if verdict not in _NOT_CHECKED)
    return f"{counts[Verdict.PASS]} of {checked}" if checked else _NOTHING


def _others(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[each]} {each}" for each in Verdict if counts[each] and each != Verdict.PASS)


def _failed(candidate: str, row: dict[str, Any], requirement: dict[str, Any]) -> Iterator[str]:
    yield f"{row['verdict'].upper()}  {candidate}  {row['id']} ({requirement['level']})"
    yield f"    {requirement['says']}"
    yield from (f"    promised: {promise}" for promise in requirement["promises"] if requirement["level"] == "must")
    yield from (f"    needed by {program}" for program in requirement["programs"])
    yield f"    source: {' '.join(requirement['sources']) or requirement['basis']}"
    yield from _declared(row)
    for check in row["checks"]:
        if check["evidence"] and check["verdict"] == row["verdict"] and fails_run(Verdict(row["verdict"])):
            yield f"    seen: {check['evidence']['summary']}"
            yield from (f"    not excused: {line}" for line in (check["declared"] or "").splitlines())
            yield f"    repeat: {check['repeat']}"
            break
    yield ""


def _declared(row: dict[str, Any]) -> Iterator[str]:
    """Tell what is declared, and what of it did not happen though nothing else keeps the run from being as declared."""
    as_declared = row["verdict"] in (Verdict.KNOWN_DEVIATION, Verdict.UNEXPECTED_PASS)
    for each in row["deviations"]:
        text = " ".join(filter(None, (each["reason"], each["because"] and f"(see {each['because']})", each["link"])))
        if each["happened"]:
            yield f"    declared: {text}"
        elif each["happened"] is False and as_declared and not each["flaky"]:
            yield f"    declared, but it did not happen: {text} ({each['entry']})"
