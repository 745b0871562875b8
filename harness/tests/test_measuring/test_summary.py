"""What the terminal says of a run of benchmarks."""

from __future__ import annotations

from typing import Any

import pytest

from harness.measuring import summary


def comparison(row: str, verdict: str, ratio: float, baseline: dict[str, str] | None = None) -> dict[str, Any]:
    against = row if baseline else "stdlib"
    ends = {"low": ratio * 0.98, "high": ratio * 1.02}
    return {"row": row, "against": against, "baseline": baseline, "ratio": ratio, **ends, "verdict": verdict}


def record(*comparisons: dict[str, Any], unit: str = "s") -> dict[str, Any]:
    rows = ["stdlib", "mine", "floor"]
    return {
        "rows": [{"name": name, "kind": "floor" if name == "floor" else "candidate"} for name in rows],
        "measurements": [
            {
                "scenario": "waving",
                "server_class": "TCPServer",
                "load": "8 clients",
                "unit": unit,
                "series": [{"row": "stdlib", "samples": [0.00006]}, {"row": "mine", "samples": [0.00007]}],
                "comparisons": list(comparisons),
                "control": {"verdict": "same", "false_alarms": 0.005},
                "discarded": None,
            }
        ],
    }


def test_each_row_has_its_figure_and_its_ratio() -> None:
    head, line, *_ = summary.lines(record(comparison("mine", "slightly worse", 1.03)))

    assert head.split() == ["stdlib", "mine", "floor"]
    assert line.split() == ["waving", "TCPServer", "8", "clients", "60", "µs", "70", "µs", "×1.03", "–"]


@pytest.mark.parametrize(("unit", "word"), [("s", "slower"), ("bytes", "worse")])
def test_what_is_decided_is_said_in_words(unit: str, word: str) -> None:
    lines = list(summary.lines(record(comparison("mine", "worse", 1.2), unit=unit)))

    assert f"    mine is {word} than stdlib: ×1.200 (1.176–1.224)" in lines


def test_what_the_baseline_shows_is_said_whatever_it_is() -> None:
    lines = list(summary.lines(record(comparison("mine", "too noisy to tell", 1.0, {"path": "old.json"}))))

    assert "    mine against the baseline: too noisy to tell, ×1.000 (0.980–1.020)" in lines


def test_the_end_counts_verdicts_and_says_what_the_controls_showed() -> None:
    *_, mine, controls = summary.lines(record(comparison("mine", "better", 0.8)))

    assert mine == "mine against stdlib: 1 better"
    assert controls == (
        "controls: stdlib against itself was called worse in 0 of 1 measurements; highest rate of false alarms 0.5%"
    )


def test_the_end_counts_comparisons_with_the_baseline_apart() -> None:
    *_, inside, stored, _ = summary.lines(record(comparison("mine", "worse", 1.2, {"path": "old.json"})))

    assert (inside, stored) == ("mine against stdlib: nothing was compared", "mine against the baseline: 1 worse")


def test_a_gate_says_what_it_could_not_decide() -> None:
    undecided, stored = comparison("mine", "too noisy to tell", 1.1), comparison("mine", "worse", 1.2, {"path": "old"})
    found = record(comparison("mine", "worse", 1.2), undecided, stored, comparison("floor", "worse", 1.2))

    assert summary.gate(found, 0.025) == "--fail-if-slower=2.5%: 1 of 2 comparisons fail, 1 are too noisy to tell"


def test_the_end_says_how_much_was_measured_anew() -> None:
    found = record()
    found["measurements"][0]["discarded"] = {"ratio": 1.1, "low": 1.06, "high": 1.2, "verdict": "worse"}

    *_, controls = summary.lines(found)

    assert controls.endswith("highest rate of false alarms 0.5%; 1 discarded and measured anew")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.5, "s", "1.5 s"),
        (0.0123, "s", "12.3 ms"),
        (0.0000612, "s", "61.2 µs"),
        (0.0, "s", "0 ns"),
        (730_000, "bytes", "730 kB"),
        (7_300_000, "bytes", "7.3 MB"),
        (0.26, "share", "26%"),
        (2.0, "wake-ups/s", "2 wake-ups/s"),
    ],
)
def test_figures_have_units_that_fit(value: float, unit: str, text: str) -> None:
    assert summary.amount(value, unit) == text
