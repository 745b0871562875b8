"""Who noticed a defect, and how."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import defects
from harness.defects import Defect

LATE = Defect("order.is_late", "conformance.order.defects:is_late", "order.in-time", "It is late.")
LOST = Defect("order.is_lost", "conformance.order.defects:is_lost", "order.all-of-it", "It is lost.")
SOURCE = '''
from harness.host.breaking import breaks

@breaks("two-words.first-thing")
def first(impl):
    """The first goes wrong."""

def helper(impl):
    """Is no defect."""

@breaks("two-words.second-thing")
def second(impl):
    pass
'''


def a_check(
    requirement: str, verdict: str, seconds: float = 0.1, defect: Defect = LATE, candidate: str = "one"
) -> dict[str, Any]:
    evidence = None if verdict == "pass" else {"summary": f"{requirement} went wrong"}
    return {
        "defect": defect.name,
        "candidate": candidate,
        "requirement": requirement,
        "verdict": verdict,
        "seconds": seconds,
        "evidence": evidence,
    }


@pytest.mark.parametrize("verdict", ["fail", "leak", "crash"])
def test_what_its_own_requirement_sees_is_seen(verdict: str) -> None:
    [noticed] = defects.judge([LATE], [a_check("order.in-time", "pass"), a_check("order.in-time", verdict, 0.5)])

    assert noticed.seen
    assert noticed.how == f"{verdict}: order.in-time went wrong"
    assert noticed.seconds == 0.5
    assert noticed.by == ("order.in-time",)


@pytest.mark.parametrize("verdict", ["pass", "hang", "inconclusive", "unsupported", "harness error"])
def test_what_only_a_clock_or_nobody_sees_is_not_seen(verdict: str) -> None:
    [noticed] = defects.judge([LATE], [a_check("order.in-time", verdict)])

    assert not noticed.seen
    assert noticed.how.startswith(f"{verdict}: ")
    assert noticed.by == ()


def test_what_another_requirement_sees_is_told_and_not_enough() -> None:
    checks = [a_check("order.in-time", "pass"), a_check("order.all-of-it", "fail"), a_check("order.all-of-it", "leak")]
    [noticed] = defects.judge([LATE], checks)

    assert not noticed.seen
    assert noticed.by == ("order.all-of-it",)


def test_the_quickest_check_that_saw_it_counts() -> None:
    checks = [
        a_check("order.in-time", "pass", 0.001),
        a_check("order.in-time", "fail", 3.0),
        a_check("order.in-time", "crash", 0.2),
    ]
    [noticed] = defects.judge([LATE], checks)

    assert (noticed.how, noticed.seconds) == ("crash: order.in-time went wrong", 0.2)


def test_each_defect_is_judged_for_each_candidate() -> None:
    checks = [
        a_check("order.in-time", "fail"),
        a_check("order.in-time", "pass", candidate="two"),
        a_check("order.all-of-it", "leak", defect=LOST),
    ]
    noticed = defects.judge([LATE, LOST], checks)

    found = [(each.defect.name, each.candidate, each.seen) for each in noticed]
    assert found == [("order.is_late", "one", True), ("order.is_late", "two", False), ("order.is_lost", "one", True)]


def test_a_table_marks_what_nobody_noticed_and_names_who_else_did() -> None:
    checks = [
        a_check("order.in-time", "fail", 0.0123),
        *(a_check(f"order.other-{number}", "fail") for number in range(5)),
        a_check("order.all-of-it", "pass", defect=LOST),
    ]

    assert list(defects.table(defects.judge([LATE, LOST], checks))) == [
        "✓ one              order.is_late",
        "    order.in-time 12 ms  fail: order.in-time went wrong  (also order.other-0, order.other-1, order.other-2 …)",
        "✗ one              order.is_lost",
        "    order.all-of-it 100 ms  pass: nothing was noticed",
    ]


@pytest.fixture
def area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The empty folder of an area "two-words" that can be imported."""
    folder = tmp_path / "tiny_areas" / "two_words"
    folder.mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("tiny_areas")]:
        del sys.modules[name]


def test_defects_are_found_in_the_order_in_which_they_are_written(area: Path) -> None:
    (area / "defects.py").write_text(SOURCE)

    found = defects.find(area.parent)

    assert [(each.name, each.breaks, each.says) for each in found] == [
        ("two-words.first", "two-words.first-thing", "The first goes wrong."),
        ("two-words.second", "two-words.second-thing", ""),
    ]
    assert found[0].reference == "tiny_areas.two_words.defects:first"


def write_package(area: Path, **modules: str) -> None:
    (area / "defects").mkdir()
    for name, text in {"__init__": "", **modules}.items():
        (area / "defects" / f"{name}.py").write_text(text)


def test_defects_are_found_once_in_each_module_of_a_package(area: Path) -> None:
    of_import = "from tiny_areas.two_words.defects.late import first\n" + SOURCE.replace("first", "third")
    write_package(area, late=SOURCE, early=of_import.replace("second", "fourth"))

    found = {each.name: each.reference.rpartition(".")[2] for each in defects.find(area.parent)}

    assert found == {
        "two-words.third": "early:third",
        "two-words.fourth": "early:fourth",
        "two-words.first": "late:first",
        "two-words.second": "late:second",
    }


def test_two_defects_of_an_area_cannot_have_the_same_name(area: Path) -> None:
    write_package(area, early=SOURCE, late=SOURCE)

    with pytest.raises(ValueError, match=r"^two defects are named two-words\.first: \S+early:first and \S+late:first$"):
        defects.find(area.parent)
