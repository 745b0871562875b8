"""Records become one table of requirements and candidates."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.conformance import Row, Table, tabulate
from reports.records import read_record
from reports.verdicts import ORDER, UNKNOWN, standing_of

Tables = Callable[..., Table]


def row(table: Table, identifier: str) -> Row:
    """Return the row of one requirement."""
    [found] = [row for row in table.rows if row.requirement.id == identifier]
    return found


def verdicts(table: Table, identifier: str) -> list[str]:
    """Return the verdicts of one requirement, column by column."""
    return [cell.verdict for cell in row(table, identifier).cells]


def test_every_candidate_of_every_record_is_a_column(tables: Tables) -> None:
    table = tables("clean", "every-verdict")

    assert [column.title for column in table.columns] == [
        "reference_impl",
        "stdlib@3.8",
        "acme.server",
    ]


def test_candidates_of_one_name_are_told_apart_by_their_records(tables: Tables) -> None:
    table = tables("every-verdict", "older")

    assert [column.title for column in table.columns] == [
        "stdlib@3.8 (every-verdict)",
        "acme.server",
        "stdlib@3.8 (older)",
    ]


def test_records_of_one_name_are_told_apart_by_their_folders(sample: Callable[[str], Path], tmp_path: Path) -> None:
    paths = [tmp_path / folder / "deep" / "run.json" for folder in ("new", "old")]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_bytes(sample("clean").read_bytes())

    table = tabulate([(path, read_record(path)) for path in paths])

    assert [column.title for column in table.columns] == [
        "reference_impl (new/deep/run)",
        "reference_impl (old/deep/run)",
    ]


def test_a_record_given_twice_is_two_columns(tables: Tables) -> None:
    table = tables("clean", "clean")

    assert [column.title for column in table.columns] == [
        "reference_impl (record 1)",
        "reference_impl (record 2)",
    ]


def test_candidates_of_one_name_in_one_record_are_numbered(sample: Callable[[str], Path], tmp_path: Path) -> None:
    record = json.loads(sample("clean").read_text(encoding="utf-8"))
    record["candidates"] *= 2
    record["footer"]["candidates"] *= 2
    record["footer"]["checks"] *= 2
    path = tmp_path / "twins.json"
    path.write_text(json.dumps(record), encoding="utf-8")

    table = tabulate([(path, read_record(path))])

    assert [column.title for column in table.columns] == [
        "reference_impl (twins)",
        "reference_impl (twins) #2",
    ]


def test_a_requirement_that_a_record_does_not_know_is_unknown_there(tables: Tables) -> None:
    table = tables("older", "clean")

    assert verdicts(table, "stress.rude-clients") == [UNKNOWN, "pass"]


def test_requirements_stay_with_their_area_when_catalogues_are_merged(tables: Tables) -> None:
    table = tables("older", "clean")

    assert [area.name for area in table.areas] == [
        "hierarchy",
        "lifecycle",
        "waiting",
        "request-handlers",
        "datagrams",
        "isolation",
        "stress",
    ]
    assert all(row.requirement.area == area.name for area in table.areas for row in area.rows)


def test_the_first_record_words_a_requirement_and_a_notice_says_so(tables: Tables) -> None:
    table = tables("older", "clean")

    requirement = row(table, "waiting.server-close-joins-threads").requirement
    assert requirement.says == "server_close joins the threads."
    assert table.notices == (
        ("The records were written by different suites: socketserver-conformance 0.9, socketserver-conformance 1.0."),
        (
            "clean describes these requirements differently from a record before it, "
            "whose description is shown: waiting.server-close-joins-threads."
        ),
    )


def test_records_of_one_suite_need_no_notice(tables: Tables) -> None:
    assert tables("clean").notices == ()


def test_the_summary_counts_by_area_and_level(tables: Tables) -> None:
    table = tables("every-verdict")

    [lifecycle] = [summary for summary in table.summaries if summary.area == "lifecycle"]
    assert [(row.level, row.tallies[0].counts) for row in lifecycle.rows] == [
        ("must", {"unexpected pass": 1, "fail": 1}),
        ("may", {"known deviation": 1}),
    ]


def test_what_was_not_judged_stays_in_the_denominator(tables: Tables) -> None:
    table = tables("every-verdict")

    should = table.level_tallies(table.columns[1])["should"]
    assert should.counts == {"pass": 2, "not selected": 1, "not in contract": 1}
    assert (should.kept, should.in_contract) == (2, 3)


@pytest.mark.parametrize("names", [["clean"], ["every-verdict", "older"], ["older", "clean"]])
def test_every_column_adds_up_to_the_merged_catalogue(tables: Tables, names: list[str]) -> None:
    table = tables(*names)

    assert {total.total for total in table.totals} == {len(table.rows)}


def test_the_conclusion_says_where_a_candidate_stands(tables: Tables) -> None:
    table = tables("clean", "every-verdict")

    assert [table.conclusion(column) for column in table.columns] == [
        "keeps all 14 requirements",
        "breaks 4 must, 1 should, 1 may; 4 unproven",
        "keeps 12 of 12 judged; 1 unproven",
    ]


def test_a_run_that_selected_nothing_is_no_success(sample: Callable[[str], Path], tmp_path: Path) -> None:
    record = json.loads(sample("clean").read_text(encoding="utf-8"))
    [candidate] = record["candidates"]
    for outcome in candidate["requirements"]:
        outcome.update(verdict="not selected", checks=[])
    candidate["counts"] = {"not selected": 14}
    record["footer"]["checks"] = 0
    path = tmp_path / "empty.json"
    path.write_text(json.dumps(record), encoding="utf-8")

    table = tabulate([(path, read_record(path))])

    assert table.conclusion(table.columns[0]) == "nothing was judged"


def test_what_is_not_a_plain_pass_comes_with_must_first_and_the_worst_first(
    tables: Tables,
) -> None:
    table = tables("every-verdict")

    assert [(row.requirement.level, row.cells[0].verdict) for row in table.noteworthy] == [
        ("must", "harness error"),
        ("must", "crash"),
        ("must", "fail"),
        ("must", "fail"),
        ("must", "leak"),
        ("must", "unexpected pass"),
        ("must", "unsupported"),
        ("should", "hang"),
        ("should", "inconclusive"),
        ("may", "known deviation"),
    ]


def test_a_clean_record_has_nothing_noteworthy(tables: Tables) -> None:
    assert tables("clean").noteworthy == ()


def test_candidates_differ_only_where_both_were_judged(tables: Tables) -> None:
    table = tables("every-verdict", "older")

    differing = {row.requirement.id for row in table.differences}
    assert "lifecycle.verify-false-closes-request" in differing
    assert "hierarchy.forking-unix-classes" not in differing  # not in contract, pass
    assert "stress.rude-clients" not in differing  # not selected, not selected, unknown


def test_checks_that_saw_the_same_fault_are_one_finding(tables: Tables) -> None:
    cell = row(tables("every-verdict"), "waiting.server-close-joins-threads").cells[0]

    [finding] = cell.findings
    assert finding.verdict == "fail"
    assert len(finding.checks) == 2
    assert finding.evidence is not None
    assert "41302" in finding.evidence.timeline


def test_anchors_are_unique(tables: Tables) -> None:
    table = tables("every-verdict", "older")

    anchors = [cell.anchor for row in table.rows for cell in row.cells]
    assert len(set(anchors)) == len(anchors)


def test_what_no_check_ran_for_is_listed_by_verdict(tables: Tables) -> None:
    table = tables("every-verdict")

    assert table.unjudged(table.columns[0]) == {
        "not selected": ("stress.rude-clients",),
        "not in contract": ("hierarchy.forking-unix-classes",),
    }


def test_absence_of_skipped_requirements_is_shown_as_zeros(tables: Tables) -> None:
    assert tables("clean").verdicts == (
        "pass",
        "unsupported",
        "fail",
        "not selected",
        "not in contract",
    )


def test_every_verdict_has_a_standing() -> None:
    assert {verdict: standing_of(verdict) for verdict in ORDER}.keys() == set(ORDER)
