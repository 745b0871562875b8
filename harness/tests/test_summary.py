"""The end of a run on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness import summary

REPEAT = "pytest test_x.py --impl=one"


def a_row(
    words: str, verdict: str, *verdicts: str, declared: str | None = None, deviations: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    checks = [
        {
            "verdict": each,
            "evidence": {"summary": f"seen by {number}"} if each != "pass" else None,
            "repeat": REPEAT,
            "declared": declared,
        }
        for number, each in enumerate(verdicts or (verdict,))
    ]
    return {"id": words, "verdict": verdict, "deviations": deviations, "checks": checks}


def a_record(*rows: dict[str, Any], levels: dict[str, str] | None = None) -> dict[str, Any]:
    catalogue = [
        {
            "id": row["id"],
            "area": row["id"].partition(".")[0],
            "level": (levels or {}).get(row["id"], "must"),
            "basis": "quality",
            "says": f"{row['id']} is so.",
            "sources": [],
            "programs": [],
            "promises": [],
        }
        for row in rows
    ]
    column = {
        "name": "one",
        "interpreter": {"implementation": "CPython", "version": "3.8.18"},
        "contract": "3.8",
        "start": "fork",
        "requirements": list(rows),
    }
    return {"catalogue": catalogue, "candidates": [column], "deciding_level": "may"}


def test_a_table_counts_passes_by_area_and_level_and_names_everything_else() -> None:
    record = a_record(
        a_row("order.a-b", "pass"),
        a_row("order.c-d", "fail"),
        a_row("order.e-f", "not selected"),
        a_row("order.g-h", "pass"),
        a_row("waiting.a-b", "not in contract"),
        a_row("order.i-j", "pass"),
        levels={"order.g-h": "may", "order.i-j": "compatibility"},
    )

    assert list(summary.lines(record))[:8] == [
        "one: CPython 3.8.18, contract 3.8, hosts by fork",
        "  area                         must         should            may   not passed",
        "  order                      1 of 2              –         1 of 1   1 fail, 1 not selected",
        "  waiting                         –              –              –   1 not in contract",
        "",
        "  area                compatibility   not passed",
        "  order                      1 of 1",
        "",
    ]


def test_what_the_machine_lacks_is_told_with_the_number_of_checks() -> None:
    checked = [a_row("order.a-b", "unsupported", "unsupported", "pass"), a_row("order.c-d", "unsupported")]

    assert list(summary.lines(a_record(*checked)))[-3:] == [
        "one could not be asked everything on this machine:",
        "    2 checks: seen by 0",
        "",
    ]


def test_several_candidates_are_told_side_by_side() -> None:
    record = a_record(a_row("order.a-b", "pass"), a_row("order.c-d", "fail"), levels={"order.c-d": "may"})
    [column] = record["candidates"]
    record["candidates"] = [column, {**column, "name": "another"}]

    assert list(summary.lines(record))[-4:] == [
        "  candidate           must         should            may  compatibility   not passed",
        "  one               1 of 1              –         0 of 1              –   1 fail",
        "  another           1 of 1              –         0 of 1              –   1 fail",
        "",
    ]


def test_what_differs_from_the_insides_of_cpython_only_is_a_list_and_no_failure() -> None:
    record = a_record(a_row("order.a-b", "fail"), levels={"order.a-b": "compatibility"})

    assert list(summary.lines(record))[-3:] == [
        "one differs from the insides of CPython, which does not change the result:",
        "    order.a-b: order.a-b is so.",
        "",
    ]
    decides = list(summary.lines({**record, "deciding_level": "compatibility"}))
    assert "FAIL  one  order.a-b (compatibility)" in decides


def test_what_failed_says_what_was_promised_and_seen_and_how_to_repeat_it() -> None:
    lines = list(summary.lines(a_record(a_row("order.a-b", "crash", "pass", "crash", "fail"))))

    assert lines[4:] == [
        "CRASH  one  order.a-b (must)",
        "    order.a-b is so.",
        "    source: quality",
        "    seen: seen by 1",
        f"    repeat: {REPEAT}",
        "",
    ]


def test_the_worst_of_several_checks_is_shown() -> None:
    lines = list(summary.lines(a_record(a_row("order.a-b", "crash", "fail", "crash"))))

    assert "    seen: seen by 1" in lines


def a_deviation(**fields: Any) -> dict[str, Any]:
    return {
        "entry": "one.toml, entry 1",
        "reason": "nobody is perfect",
        "link": "https://example.org/1",
        "because": None,
        "flaky": None,
        "happened": True,
        **fields,
    }


def test_what_is_declared_says_so() -> None:
    deviations = [a_deviation(), a_deviation(reason="nothing to see", because="order.c-d", link="")]
    lines = list(summary.lines(a_record(a_row("order.a-b", "known deviation", deviations=deviations))))

    assert "KNOWN DEVIATION  one  order.a-b (must)" in lines
    assert "    declared: nobody is perfect https://example.org/1" in lines
    assert "    declared: nothing to see (see order.c-d)" in lines
    assert not any("seen:" in line for line in lines)


def test_each_entry_that_did_not_happen_is_told_unless_it_is_flaky_or_not_all_was_checked() -> None:
    deviations = [
        a_deviation(),
        a_deviation(happened=False, reason="it was ill"),
        a_deviation(happened=None, reason="who knows"),
        a_deviation(happened=False, reason="it rains", flaky={"cause": "weather"}),
    ]
    record = a_record(
        a_row("order.a-b", "known deviation", deviations=deviations),
        a_row("order.c-d", "unexpected pass", "pass", deviations=deviations[1:]),
    )
    lines = list(summary.lines(record))

    told = "    declared, but it did not happen: it was ill https://example.org/1 (one.toml, entry 1)"
    assert lines.count(told) == 2
    assert "UNEXPECTED PASS  one  order.c-d (must)" in lines
    assert not any("who knows" in line or "it rains" in line for line in lines)


def test_what_is_not_excused_says_why() -> None:
    declared = "one.toml, entry 1 does not count: it expired\none.toml, entry 2 does not count: it is for others"
    deviations = [a_deviation(happened=False)]
    lines = list(summary.lines(a_record(a_row("order.a-b", "fail", declared=declared, deviations=deviations))))

    assert [line for line in lines if "excused" in line or "declared" in line] == [
        "    not excused: one.toml, entry 1 does not count: it expired",
        "    not excused: one.toml, entry 2 does not count: it is for others",
    ]


def test_what_is_well_is_not_mentioned() -> None:
    assert len(list(summary.lines(a_record(a_row("order.a-b", "pass"), a_row("order.c-d", "missing"))))) == 4
