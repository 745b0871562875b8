"""Deliberately wrong implementations: find them, and tell which requirement noticed which."""

from __future__ import annotations

import importlib
import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from harness.host import twisting
from harness.verdicts import Verdict

SEEN = (Verdict.FAIL, Verdict.LEAK, Verdict.CRASH)


@dataclass(frozen=True)
class Defect:
    """A function that breaks a candidate. reference: how the host finds it. breaks: the requirement it is meant for."""

    name: str
    reference: str
    breaks: str
    says: str


def find(conformance: Path) -> tuple[Defect, ...]:
    """Return the defects of all areas, in the order in which they are written.

    An area has them in its module defects, or in the modules of its package defects.  Raises ValueError when two of an
    area have the same name.
    """
    found: dict[str, Defect] = {}
    for file in sorted([*conformance.glob("*/defects.py"), *conformance.glob("*/defects/*.py")]):
        module = ".".join([conformance.name, *file.relative_to(conformance).with_suffix("").parts])
        for defect in _of_module(module.removesuffix(".__init__")):
            other = found.setdefault(defect.name, defect)
            if other is not defect:
                raise ValueError(f"two defects are named {defect.name}: {other.reference} and {defect.reference}")
    return tuple(found.values())


def twists() -> tuple[Defect, ...]:
    """Return the twists of `harness.host.twisting`, as defects that break no requirement in particular."""
    return tuple(
        Defect(name, f"{twisting.__name__}:TWISTS.{name}", breaks="", says=name.replace(".", " "))
        for name in twisting.names()
    )


def named(found: Iterable[Defect], patterns: Sequence[str]) -> tuple[Defect, ...]:
    """Return the defects of *found* whose names match any of the shell-style *patterns*."""
    return tuple(each for each in found if any(fnmatchcase(each.name, pattern) for pattern in patterns))


def _of_module(name: str) -> Iterator[Defect]:
    """Yield the defects that are written in a module, and not those that it imports."""
    area = name.split(".")[1].replace("_", "-")
    for function in vars(importlib.import_module(name)).values():
        requirement = getattr(function, "breaks", None)
        if inspect.isfunction(function) and function.__module__ == name and requirement is not None:
            yield Defect(
                name=f"{area}.{function.__name__}",
                reference=f"{function.__module__}:{function.__qualname__}",
                breaks=requirement,
                says=inspect.getdoc(function) or "",
            )


@dataclass(frozen=True)
class Noticed:
    """How one defect fared on one candidate.

    by: the requirements whose checks saw something wrong.  how: what the quickest check of its own requirement saw,
    or did instead.  seconds: how long that check took.  seen: whether its own requirement saw it, not a clock.
    """

    defect: Defect
    candidate: str
    by: tuple[str, ...]
    how: str
    seconds: float
    seen: bool


def judge(defects: Iterable[Defect], checks: Iterable[dict[str, Any]]) -> list[Noticed]:
    """Tell for each defect and candidate, from the checks made with it, who noticed."""
    by_name = {defect.name: defect for defect in defects}
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for check in checks:
        groups[check["defect"], check["candidate"]].append(check)
    return [_judge_one(by_name[name], candidate, group) for (name, candidate), group in groups.items()]


def _judge_one(defect: Defect, candidate: str, checks: list[dict[str, Any]]) -> Noticed:
    own = [check for check in checks if check["requirement"] == defect.breaks]
    seen = [check for check in own if Verdict(check["verdict"]) in SEEN]
    quickest = min(seen or own, key=lambda check: float(check["seconds"]))
    return Noticed(
        defect=defect,
        candidate=candidate,
        by=tuple(dict.fromkeys(check["requirement"] for check in checks if Verdict(check["verdict"]) in SEEN)),
        how=f"{quickest['verdict']}: {(quickest['evidence'] or {}).get('summary', 'nothing was noticed')}",
        seconds=quickest["seconds"],
        seen=bool(seen),
    )


def table(noticed: Iterable[Noticed]) -> Iterator[str]:
    """Write, a line a defect, who noticed it, how and how fast; what nobody noticed is marked with ✗."""
    for each in noticed:
        mark = "✓" if each.seen else "✗"
        others = sorted(set(each.by) - {each.defect.breaks})
        also = f"  (also {', '.join(others[:3])}{' …' if len(others) > 3 else ''})" if others else ""
        yield f"{mark} {each.candidate:<16} {each.defect.name}"
        yield f"    {each.defect.breaks} {each.seconds * 1000:.0f} ms  {each.how[:100]}{also}"
