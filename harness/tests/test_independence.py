"""How far defects reach: which requirements other than their own notice them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness import independence
from harness.defects import Defect
from harness.independence import Spread
from harness.tests import tiny_suite

LATE = Defect("order.is_late", "conformance.order.defects:is_late", "order.in-time", "It is late.")
LOST = Defect("order.is_lost", "conformance.order.defects:is_lost", "order.all-of-it", "It is lost.")
ROWS = [
    {
        "candidate": "one",
        "requirement": "order.in-time",
        "test": "t1",
        "sound": "pass",
        "verdicts": {LOST.name: "pass"},
    },
    {
        "candidate": "one",
        "requirement": "order.all-of-it",
        "test": "t2",
        "sound": "pass",
        "verdicts": {LATE.name: "hang"},
    },
    {"candidate": "one", "requirement": "order.else", "test": "t3", "sound": "fail", "verdicts": {}},
    {
        "candidate": "one",
        "requirement": "order.more",
        "test": "t4",
        "sound": "pass",
        "verdicts": {LATE.name: "pass", LOST.name: "pass"},
    },
]
DEFECTS = """
from harness.host.breaking import breaks

@breaks("tiny.it-passes")
def the_answer_is_wrong(impl):
    impl.Server.answer = lambda self: 41

@breaks("tiny.it-fails")
def nothing_is_wrong(impl):
    pass
"""


def test_each_other_requirement_that_changes_its_verdict_is_disturbed() -> None:
    late, lost = independence.spreads([LATE, LOST], ROWS)

    assert late == Spread("one", LATE, {"order.all-of-it": "hang"}, judged={"order": 2})
    assert lost == Spread("one", LOST, {}, judged={"order": 2})


def test_who_misses_a_class_that_a_defect_has_removed_is_not_disturbed() -> None:
    [late] = independence.spreads([LATE], [{**ROWS[1], "verdicts": {LATE.name: "missing"}}])

    assert late == Spread("one", LATE, {}, judged={"order": 1})


@pytest.mark.parametrize(("disturbed", "is_narrow"), [(0, True), (9, True), (10, False), (100, False)])
def test_a_defect_is_narrow_if_fewer_than_a_tenth_notice_it(disturbed: int, *, is_narrow: bool) -> None:
    spread = Spread("one", LATE, {f"order.{number}": "fail" for number in range(disturbed)}, judged={"order": 100})

    assert spread.is_narrow == is_narrow


def test_a_defect_that_was_never_tried_disturbs_nothing() -> None:
    assert Spread("one", LATE, {}, judged={}).share == 0.0


def test_the_table_names_the_widest_first_and_counts() -> None:
    *lines, total = independence.table(independence.spreads([LOST, LATE], ROWS))

    assert lines == ["✗  50.0% one              order.is_late: order.all-of-it"]
    assert total == "1 of 2 defects disturb fewer than 10% of the other requirements, 1 of them none at all"


def test_a_run_makes_one_check_of_each_requirement_with_the_defects_of_the_others(tmp_path: Path) -> None:
    tiny_suite.write(tmp_path)
    (tmp_path / "suite" / "tiny" / "defects.py").write_text(DEFECTS)

    ran = tiny_suite.run(tmp_path, "--impl=good.py", "--defects=others", "-k", "it_passes or it_fails or it_deviates")

    matrix = json.loads((tmp_path / "run-record.json").read_text(encoding="utf-8"))
    disturbed = {each["defect"]: each["disturbed"] for each in matrix["spreads"]}
    assert disturbed == {"tiny.the_answer_is_wrong": {"tiny.it-fails": "fail"}, "tiny.nothing_is_wrong": {}}
    assert {each["requirement"] for each in matrix["checks"]} == {"tiny.it-passes", "tiny.it-fails", "tiny.it-deviates"}
    assert "1 of 2 defects disturb fewer than 10% of the other requirements" in ran.output
    assert ran.status == 1


def test_a_sample_tries_some_of_the_pairs_and_the_same_ones_again(tmp_path: Path) -> None:
    tiny_suite.write(tmp_path)
    functions = [
        f"""
@breaks("tiny.it-fails")
def number_{number}(impl):
    pass
"""
        for number in range(40)
    ]
    (tmp_path / "suite" / "tiny" / "defects.py").write_text(
        "from harness.host.breaking import breaks\n" + "".join(functions)
    )

    tried = []
    for _ in range(2):
        tiny_suite.run(tmp_path, "--impl=good.py", "--defects=others", "--sample=0.5", "-k", "it_passes")
        matrix = json.loads((tmp_path / "run-record.json").read_text(encoding="utf-8"))
        tried.append([each["defect"] for each in matrix["spreads"] if each["judged"]])

    assert 5 < len(tried[0]) < 35
    assert tried[0] == tried[1]


def test_of_the_defects_those_are_tried_that_are_named(tmp_path: Path) -> None:
    tiny_suite.write(tmp_path)
    (tmp_path / "suite" / "tiny" / "defects.py").write_text(DEFECTS)

    tiny_suite.run(
        tmp_path, "--impl=good.py", "--defects=others", "--defect=*.nothing_*", "-k", "it_passes or it_fails"
    )

    matrix = json.loads((tmp_path / "run-record.json").read_text(encoding="utf-8"))
    assert [each["defect"] for each in matrix["spreads"]] == ["tiny.nothing_is_wrong"]


def test_only_the_named_defects_are_looked_for(tmp_path: Path) -> None:
    tiny_suite.write(tmp_path)
    (tmp_path / "suite" / "tiny" / "defects.py").write_text(DEFECTS)

    ran = tiny_suite.run(tmp_path, "--impl=good.py", "--defects", "--defect=*.the_answer_*")

    assert "of 1 defects noticed by their own requirement" in ran.output
    assert "1 passed" in ran.output
