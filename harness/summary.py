"""The end of a run on the terminal: a table by area and level, what failed and why, and the result in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from harness.records import by_area_and_level
from harness.requirements import LEVELS
from harness.verdicts import Verdict, fails_run

_NOT_CHECKED = (Verdict.NOT_IN_CONTRACT, Verdict.NOT_SELECTED)


def lines(record: dict[str, Any]) -> Iterator[str]:
    """Write the whole summary of *record*."""
    for column in record["candidates"]:
        yield from _table(column, record["catalogue"])
    says = {requirement["id"]: requirement for requirement in record["catalogue"]}
    for column in record["candidates"]:
        for row in column["requirements"]:
            if fails_run(Verdict(row["verdict"])) or row["verdict"] == Verdict.KNOWN_DEVIATION:
                yield from _failed(column["name"], row, says[row["id"]])


def _table(column: dict[str, Any], catalogue: list[dict[str, Any]]) -> Iterator[str]:
    interpreter = column["interpreter"]
    yield (
        f"{column['name']}: {interpreter['implementation']} {interpreter['version']},"
        f" contract {column['contract']}, hosts by {column['start']}"
    )
    yield f"  {'area':<18}" + "".join(f"{level:>12}" for level in LEVELS) + "   other than pass"
    for area, levels in by_area_and_level(column, catalogue).items():
        whole: Counter[str] = sum((levels[level] for level in LEVELS), Counter())
        cells = "".join(f"{_cell(levels[level]):>12}" for level in LEVELS)
        yield f"  {area:<18}{cells}   {_others(whole)}".rstrip()
    yield ""


def _cell(counts: Counter[str]) -> str:
    checked = sum(number for verdict, number in counts.items() if verdict not in _NOT_CHECKED)
    return f"{counts[Verdict.PASS]} of {checked}" if checked else "–"


def _others(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[each]} {each}" for each in Verdict if counts[each] and each != Verdict.PASS)


def _failed(candidate: str, row: dict[str, Any], requirement: dict[str, Any]) -> Iterator[str]:
    yield f"{row['verdict'].upper()}  {candidate}  {row['id']} ({requirement['level']})"
    yield f"    {requirement['says']}"
    yield f"    source: {' '.join(requirement['sources']) or requirement['basis']}"
    if row["deviation"]:
        yield f"    declared: {row['deviation']['reason']} {row['deviation']['link']}"
    for check in row["checks"]:
        if check["evidence"] and check["verdict"] == row["verdict"] and fails_run(Verdict(row["verdict"])):
            yield f"    seen: {check['evidence']['summary']}"
            yield f"    repeat: {check['repeat']}"
            break
    yield ""
