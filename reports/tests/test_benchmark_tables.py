"""Benchmark records become a table of plain values."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.benchmark_tables import Table
from reports.benchmark_verdicts import MEANING, ORDER, Better, Unit, Verdict, tally, word

Sample = Callable[[str], Path]
Altered = Callable[[Callable[[dict[str, Any]], object]], Path]
Tables = Callable[..., Table]


@pytest.fixture
def table(benchmark_sample: Sample, benchmark_table: Tables) -> Table:
    """Return the table of both samples."""
    return benchmark_table(benchmark_sample("every-verdict"), benchmark_sample("older"))


def test_columns_of_all_records_can_be_told_apart(table: Table) -> None:
    titles = [column.title for column in table.columns]

    assert titles == ["stdlib (every-verdict)", "reference_impl", "floor", "asyncio", "stdlib (older)", "gevent"]
    assert [column.is_first for column in table.columns] == [True, False, False, False, True, False]


def test_the_same_record_twice_is_told_apart(benchmark_sample: Sample, benchmark_table: Tables) -> None:
    twice = benchmark_table(benchmark_sample("older"), benchmark_sample("older"))

    assert len({column.title for column in twice.columns}) == 4


def test_measurements_of_all_records_are_lines_and_the_same_one_is_one_line(table: Table) -> None:
    assert len(table.lines) == 8
    assert [len(line.panels) for line in table.lines] == [2, 1, 1, 1, 1, 1, 1, 1]
    assert [panel.number for panel in table.panels] == list(range(1, 10))
    assert all(len(line.cells) == len(table.columns) for line in table.lines)


def test_lines_of_a_scenario_stand_together(table: Table) -> None:
    assert [len(scenario.lines) for scenario in table.scenarios] == [2, 1, 1, 1, 1, 1, 1]


def test_comparisons_stay_within_their_record(table: Table) -> None:
    assert [(pair.column.title, pair.against) for pair in table.pairings] == [
        ("reference_impl", "stdlib (every-verdict)"),
        ("stdlib (every-verdict)", "stdlib in benchmarks/old.json of 2026-11-01"),
        ("floor", "stdlib (every-verdict)"),
        ("asyncio", "stdlib (every-verdict)"),
        ("gevent", "stdlib (older)"),
    ]


def test_a_headline_counts_every_verdict_and_says_of_how_many(table: Table) -> None:
    assert table.pairings[0].conclusion == (
        "faster in 1 of 7 measurements, slightly faster in 1, same in 2, too noisy to tell in 1, "
        "slightly worse in 1, slower in 1; 1 not confirmed when measured again"
    )


def test_too_noisy_to_tell_is_never_counted_as_same(table: Table) -> None:
    directions = table.pairings[0].tally.directions

    assert directions == {"good": 2, "even": 2, "open": 1, "bad": 2}


def test_controls_that_claim_a_difference_however_slight_have_fired(table: Table) -> None:
    assert [controls.conclusion for controls in table.controls] == [
        "1 of 7 fired; highest rate of false alarms 1.4 %; 1 discarded and measured anew",
        "0 of 1 fired; highest rate of false alarms 0 %",
    ]


def test_a_record_without_control_says_so(altered_benchmark: Altered, benchmark_table: Tables) -> None:
    path = altered_benchmark(lambda record: [m.update(control=None) for m in record["measurements"]])

    assert benchmark_table(path).controls[0].conclusion.startswith("there is none: ")


@pytest.mark.parametrize(("generator", "expected"), [(80e-6, False), (80.1e-6, True)])
def test_a_median_less_than_a_quarter_above_the_generator_is_limited(
    altered_benchmark: Altered, benchmark_table: Tables, generator: float, expected: bool
) -> None:
    def alter(record: dict[str, Any]) -> None:
        record["measurements"][0]["series"][0]["samples"] = [100e-6] * 7
        record["measurements"][0]["ceiling"]["generator"] = generator

    assert benchmark_table(altered_benchmark(alter)).lines[0].cells[0].is_limited is expected


def test_what_is_not_time_is_not_limited_by_the_load(altered_benchmark: Altered, benchmark_table: Tables) -> None:
    path = altered_benchmark(lambda r: r["measurements"][5].update(ceiling={"minimal": 9, "generator": 9}))

    assert not any(cell.is_limited for cell in benchmark_table(path).lines[5].cells)


def test_a_repetition_that_leans_elsewhere_does_not_confirm(table: Table) -> None:
    [said] = table.lines[1].cells[1].side_by_side
    [confirmed] = table.lines[0].cells[3].side_by_side

    assert (said.word, said.is_unconfirmed) == ("slower", True)
    assert said.again == "1.02 (0.96–1.07) too noisy to tell"
    assert not confirmed.is_unconfirmed


def test_what_is_missing_for_the_same_reason_is_said_once(table: Table) -> None:
    assert [(gap.row, gap.scenarios) for gap in table.gaps] == [
        ("asyncio", ("datagram-burst",)),
        ("gevent", ("connect-request-reply-close", "hold-open")),
    ]
    assert table.lines[5].cells[3].reason == "asyncio has no server for datagrams"


def test_records_that_differ_in_their_making_are_noticed(table: Table) -> None:
    assert [notice.partition(" ")[0] for notice in table.notices] == ["Few", "The", "The", "The"]
    assert "cannot be compared" in table.notices[3]


def test_a_comparison_with_another_than_the_first_candidate_says_with_what(
    altered_benchmark: Altered, benchmark_table: Tables
) -> None:
    path = altered_benchmark(lambda r: r["measurements"][0]["comparisons"][2].update(against="floor"))

    [said] = benchmark_table(path).lines[0].cells[3].side_by_side
    assert said.aside == "against floor"


@pytest.mark.parametrize(
    ("verdict", "unit", "better", "expected"),
    [
        ("better", "s", "less", "faster"),
        ("slightly better", "s", "less", "slightly faster"),
        ("slightly worse", "s", "less", "slightly slower"),
        ("worse", "s", "less", "slower"),
        ("worse", "s", "more", "worse"),
        ("worse", "bytes", "less", "worse"),
        ("better", "share", "more", "better"),
        ("same", "s", "less", "same"),
        ("too noisy to tell", "s", "less", "too noisy to tell"),
    ],
)
def test_only_less_time_is_faster(verdict: Verdict, unit: Unit, better: Better, expected: str) -> None:
    assert word(verdict, unit, better) == expected


def test_every_verdict_has_a_meaning() -> None:
    assert tuple(MEANING) == ORDER


def test_an_empty_tally_counts_nothing() -> None:
    assert tally([]).total == 0
