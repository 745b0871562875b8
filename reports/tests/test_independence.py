"""The matrix of a defects run as a page, and matrices that are refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.independence import main

MATRIX: dict[str, Any] = {
    "format": "socketserver-conformance defect matrix",
    "version": 1,
    "started": "2024-05-06T07:08:09+00:00",
    "checks": [
        {"candidate": "one", "requirement": "order.in-time", "test": "t1", "sound": "pass"},
        {"candidate": "one", "requirement": "order.all", "test": "t2", "sound": "pass"},
        {"candidate": "one", "requirement": "place.here", "test": "t3", "sound": "fail"},
    ],
    "spreads": [
        {
            "candidate": "one",
            "defect": "order.is_late",
            "breaks": "order.in-time",
            "says": "It is late.",
            "judged": {"order": 1},
            "disturbed": {"order.all": "hang"},
        },
        {
            "candidate": "one",
            "defect": "place.is_away",
            "breaks": "place.here",
            "says": "It is away.",
            "judged": {"order": 2},
            "disturbed": {},
        },
    ],
    "footer": {"checks": 3, "spreads": 2},
}


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """Write a matrix and return the path."""

    def write(matrix: object, name: str = "matrix.json") -> str:
        path = tmp_path / name
        path.write_text(matrix if isinstance(matrix, str) else json.dumps(matrix), encoding="utf-8")
        return str(path)

    return write


def test_the_page_counts_defects_pairs_and_areas(
    written: Callable[[object], str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([written(MATRIX)]) == 0

    page = capsys.readouterr().out
    assert (
        "2 defects, 3 requirements of which 2 hold without a defect: 3 of 3 pairs were tried,"
        " 1 of these are disturbed." in page
    )
    assert "| none | 1 |" in page
    assert "| 10% or more | 1 |" in page
    assert "| defects of | order |\n| --- | ---: |\n| order | 100.0% |\n| place | 0.0% |" in page
    assert "* 100.0% `order.is_late`: `order.all`" in page
    assert "place.is_away" not in page


def test_parts_are_joined_and_of_a_defect_the_last_try_counts(
    written: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    again = {**MATRIX["spreads"][0], "disturbed": {}}
    other = {**MATRIX["spreads"][1], "defect": "place.is_nowhere", "judged": {"order": 1}}
    part = {**MATRIX, "spreads": [again, other]}

    assert main([written(MATRIX), written(part, "part.json")]) == 0

    page = capsys.readouterr().out
    assert "3 defects, 3 requirements of which 2 hold without a defect: 4 of 5 pairs were tried, 0 of these" in page
    assert "| none | 3 |" in page


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        ("{", "is no JSON"),
        ({"format": "socketserver-conformance run record"}, "is no socketserver-conformance defect matrix"),
        ({**MATRIX, "footer": {"checks": 9, "spreads": 2}}, "than its footer counts"),
        ({**MATRIX, "checks": [{}]}, "checks[0].candidate is missing"),
    ],
)
def test_what_is_no_whole_matrix_is_refused_with_one_line(
    written: Callable[[object], str], capsys: pytest.CaptureFixture[str], matrix: object, reason: str
) -> None:
    assert main([written(matrix)]) == 2

    [line] = capsys.readouterr().err.splitlines()
    assert reason in line


def test_a_file_that_is_not_there_is_refused_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere.json"]) == 2

    assert capsys.readouterr().err == (
        "python -m reports.independence: nowhere.json: cannot be read: No such file or directory\n"
    )
