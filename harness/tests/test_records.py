"""A run record counts what there was, follows its schema, and is written whole or not at all."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reports
from harness import records
from harness.candidates import Candidate
from harness.deviations import Deviation, Flaky
from harness.interpreters import Interpreter
from harness.judging import Evidence
from harness.records import Checks
from harness.requirements import Catalogue, Requirement
from harness.run import Run
from harness.tests.arranging import stdlib_of
from harness.verdicts import Verdict

SCHEMA = json.loads((Path(reports.__file__).parent / "run-record.schema.json").read_text(encoding="utf-8"))
WORDS = ("first-thing", "second-thing", "optional-thing", "new-thing", "old-thing")
FLAKY = Deviation(
    "area.first-thing",
    "at times it is lost",
    "https://example.org",
    verdicts=("inconclusive", "hang"),
    because="area.second-thing",
    expires=date(2030, 1, 31),
    flaky=Flaky("a race", "race.py", "1 of 9"),
    source="one.toml, entry 2",
)


def a_requirement(words: str) -> Requirement:
    return Requirement(
        id=f"area.{words}",
        area="area",
        level="may" if words == "optional-thing" else "must",
        basis="documented",
        says="It is so.",
        sources=("https://example.org",),
        since="9.9" if words == "new-thing" else None,
        until="3.0" if words == "old-thing" else None,
    )


def a_check(words: str, verdict: str = "pass", test: str = "test_it", candidate: str = "one") -> dict[str, Any]:
    evidence = Evidence(summary="it was not so", fingerprint="0123456789ab").as_json()
    return {
        "requirement": f"area.{words}",
        "candidate": candidate,
        "test": test,
        "verdict": verdict,
        "found": "fail" if verdict == "known deviation" else verdict,
        "declared": None,
        "seconds": 0.1,
        "repeat": "pytest test_it",
        "evidence": None if verdict == "pass" else evidence,
        "defect": None,
    }


@pytest.fixture
def a_run(this_python: Interpreter) -> Run:
    found = tuple(_named(stdlib_of(this_python), name) for name in ("one", "two"))
    return Run(
        candidates=found,
        catalogue=Catalogue(map(a_requirement, WORDS)),
        contracts={each.name: "3.11" for each in found},
        deviations={
            "one": (
                Deviation("area.first-thing", "nobody is perfect", "https://example.org", source="one.toml, entry 1"),
                FLAKY,
                Deviation("area.first-thing", "it is for others", "https://example.org", unmet="it is for others"),
                Deviation(
                    "area.optional-thing", "it is for another", "https://example.org", source="one.toml, entry 4"
                ),
            ),
            "two": (),
        },
        lowest_level="should",
        lowest_that_counts="should",
        fresh=False,
    )


def _named(candidate: Candidate, name: str) -> Candidate:
    return Candidate(**{**vars(candidate), "name": name})


def built(run: Run, *made: dict[str, Any], partial: bool = False) -> dict[str, Any]:
    checks = Checks()
    for check in made:
        checks.add(check)
    return records.build(run, checks, command=["pytest"], seed=1, workers=2, partial=partial)


def verdicts(record: dict[str, Any], column: int = 0) -> list[str]:
    return [row["verdict"] for row in record["candidates"][column]["requirements"]]


def test_a_record_follows_the_published_schema(a_run: Run) -> None:
    made = [
        a_check(words, verdict, f"test_{number}")
        for words in WORDS[:2]
        for number, verdict in enumerate(("pass", "fail", "leak", "hang", "crash", "known deviation", "harness error"))
    ]

    jsonschema.Draft202012Validator(SCHEMA).validate(built(a_run, *made))
    jsonschema.Draft202012Validator(SCHEMA).validate(built(a_run))


def test_the_counts_add_up(a_run: Run) -> None:
    record = built(a_run, a_check("first-thing"), a_check("second-thing", "fail"), a_check("second-thing"))

    for column in record["candidates"]:
        assert sum(column["counts"].values()) == len(column["requirements"]) == len(record["catalogue"])
        assert column["counts"] == {verdict: verdicts_of(column).count(verdict) for verdict in verdicts_of(column)}
    assert record["footer"] == {"candidates": 2, "requirements": 5, "checks": 3}
    assert list(record)[-1] == "footer"


def verdicts_of(column: dict[str, Any]) -> list[str]:
    return [row["verdict"] for row in column["requirements"]]


def test_the_worst_check_decides(a_run: Run) -> None:
    record = built(a_run, *(a_check("second-thing", verdict, verdict) for verdict in ("fail", "pass", "crash")))

    assert verdicts(record)[1] == "crash"
    assert record["result"]["exit"] == 1


def test_what_was_not_checked_says_why(a_run: Run) -> None:
    record = built(a_run)

    assert verdicts(record) == [
        "not selected",
        "not selected",
        "not selected",
        "not in contract",
        "not in contract",
    ]
    assert record["result"]["exit"] == 0


def test_each_candidate_has_its_own_checks(a_run: Run) -> None:
    record = built(a_run, a_check("second-thing", candidate="two"))

    assert [verdicts(record, column)[1] for column in (0, 1)] == ["not selected", "pass"]


def test_a_declared_deviation_that_passes_is_unexpected_unless_the_user_chose_checks(a_run: Run) -> None:
    passed = a_check("first-thing")

    assert verdicts(built(a_run, passed))[0] == "unexpected pass"
    assert verdicts(built(a_run, passed, partial=True))[0] == "pass"
    assert verdicts(built(a_run, passed, a_check("first-thing", "known deviation", "other")))[0] == "known deviation"


def test_a_flaky_deviation_and_one_of_others_may_pass(a_run: Run) -> None:
    a_run.deviations["one"] = a_run.deviations["one"][1:]

    assert verdicts(built(a_run, a_check("first-thing")))[0] == "pass"


def test_each_deviation_that_concerns_the_candidate_says_whether_it_happened(a_run: Run) -> None:
    deviations = deviations_of(built(a_run, a_check("first-thing", "known deviation"), a_check("first-thing")))

    assert deviations == [
        {
            "entry": "one.toml, entry 1",
            "verdicts": ["fail"],
            "reason": "nobody is perfect",
            "link": "https://example.org",
            "because": None,
            "expires": None,
            "flaky": None,
            "happened": True,
        },
        {
            "entry": "one.toml, entry 2",
            "verdicts": ["inconclusive", "hang"],
            "reason": "at times it is lost",
            "link": "https://example.org",
            "because": "area.second-thing",
            "expires": "2030-01-31",
            "flaky": {"cause": "a race", "script": "race.py", "rate": "1 of 9"},
            "happened": False,
        },
    ]


def test_whether_it_happened_is_unknown_where_not_all_was_checked(a_run: Run) -> None:
    failed = a_check("first-thing", "known deviation")

    assert [each["happened"] for each in deviations_of(built(a_run))] == [None, None]
    assert [each["happened"] for each in deviations_of(built(a_run, failed, partial=True))] == [True, None]


def deviations_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is declared of the first requirement for the first candidate."""
    declared: list[dict[str, Any]] = record["candidates"][0]["requirements"][0]["deviations"]
    return declared


@pytest.mark.parametrize("verdict", [each for each in Verdict if each not in ("not selected", "not in contract")])
def test_the_exit_status_follows_from_the_verdicts(a_run: Run, verdict: str) -> None:
    harmless = ("pass", "missing", "unsupported", "known deviation")

    assert built(a_run, a_check("second-thing", verdict))["result"]["exit"] == (verdict not in harmless)


def test_checks_stand_in_the_order_of_their_names_however_they_came(a_run: Run) -> None:
    record = built(a_run, *(a_check("second-thing", test=test) for test in ("test_b", "test_c", "test_a")))

    checks = record["candidates"][0]["requirements"][1]["checks"]
    assert [check["test"] for check in checks] == ["test_a", "test_b", "test_c"]
    assert list(checks[0]) == ["test", "verdict", "declared", "seconds", "repeat", "evidence"]


def test_the_result_in_one_line_names_all_candidates_and_the_worst_last(a_run: Run) -> None:
    record = built(a_run, a_check("first-thing", "crash"), a_check("second-thing", candidate="two"))

    assert record["result"]["line"] == (
        "one: 1 crash, 2 not in contract, 2 not selected; two: 1 pass, 2 not in contract, 2 not selected"
    )


def test_verdicts_are_counted_by_area_and_level(a_run: Run) -> None:
    record = built(a_run, a_check("first-thing", "fail"))
    counted = records.by_area_and_level(record["candidates"][0], record["catalogue"])

    assert counted["area"]["must"] == {"fail": 1, "not selected": 1, "not in contract": 2}
    assert counted["area"]["may"] == {"not selected": 1}


# -- writing -----------------------------------------------------------------------------------------------------------


def test_what_is_written_can_be_read(a_run: Run, tmp_path: Path) -> None:
    record, path = built(a_run, a_check("first-thing")), tmp_path / "record.json"
    records.write(record, path)

    assert json.loads(path.read_text(encoding="utf-8")) == record
    assert os.listdir(tmp_path) == ["record.json"]


def test_a_record_replaces_another_at_once_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "record.json"
    records.write({"old": True}, path)
    before = path.stat().st_ino
    seen: list[str] = []
    real = os.replace

    def replace(draft: Path, target: Path) -> None:
        seen.append(path.read_text())
        json.loads(Path(draft).read_text())  # whole before it takes the place
        real(draft, target)

    monkeypatch.setattr(os, "replace", replace)
    records.write({"new": True}, path)

    assert json.loads(seen[0]) == {"old": True}
    assert path.stat().st_ino != before
    with pytest.raises(TypeError):
        records.write({"no JSON": object()}, path)
    assert json.loads(path.read_text()) == {"new": True}
