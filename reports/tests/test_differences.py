"""Where the candidates of some records differ."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.conformance import Table
from reports.differences import lines, main

Altered = Callable[[Callable[[dict[str, Any]], object]], Path]

DEVIATION = {
    "entry": "stdlib.toml, entry 1",
    "verdicts": ["fail"],
    "because": None,
    "expires": None,
    "flaky": None,
}


def test_a_requirement_on_which_all_agree_is_left_out(tables: Callable[..., Table]) -> None:
    assert len(list(lines(tables("clean")))) == 2


def test_each_difference_is_a_line_with_a_mark_for_each_candidate(tables: Callable[..., Table]) -> None:
    table = tables("every-verdict")
    differing = [row.requirement.id for row in table.rows if len({cell.standing for cell in row.cells}) > 1]

    _, _, *rows = lines(table)

    assert [row.split("`")[1] for row in rows] == differing
    assert all(row.count(" | ") == len(table.columns) + 1 for row in rows)


def test_a_line_says_why(altered: Altered, capsys: pytest.CaptureFixture[str]) -> None:
    def declare(record: dict[str, Any]) -> None:
        first, second = (candidate["requirements"][0] for candidate in record["candidates"])
        first["verdict"], first["checks"] = "known deviation", []
        declared = {"reason": "it was [so]", "link": "https://example.org/1", "happened": True}
        past = {"reason": "it was not so", "link": "https://example.org/2", "happened": False}
        first["deviations"] = [{**DEVIATION, **each} for each in (declared, past)]
        for candidate, row in zip(record["candidates"], (first, second), strict=True):
            verdicts = [each["verdict"] for each in candidate["requirements"]]
            candidate["counts"] = {verdict: verdicts.count(verdict) for verdict in verdicts}
            assert row
        record["catalogue"][0]["since"] = "3.7"
        record["footer"]["checks"] = sum(
            len(row["checks"]) for candidate in record["candidates"] for row in candidate["requirements"]
        )

    assert main([str(altered(declare))]) == 0

    identifier = capsys.readouterr().out.splitlines()[2]
    assert "promised since 3.7; [it was \\[so\\]](https://example.org/1) |" in identifier


def test_what_is_no_record_is_refused_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nothing.json")]) == 2

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("python -m reports.differences: ")
