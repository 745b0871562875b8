"""Calibration: the module that is slower, and what is counted."""

from __future__ import annotations

import importlib.util
import json
import socketserver
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.measuring import calibration
from harness.measuring.calibration import SLOWED, Tally, page
from harness.measuring.measurements import title

ROOT = Path(__file__).parents[3]
DATAGRAMS = "many_datagrams_at_once and UDPServer and not Threading and not Forking"


class Clock:
    """A clock on which a second passes at each look."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        self.now += 1
        return self.now


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("since", "spun"),
    [(20.0, 10.0), (8.0, 4.0), (1000.0, 5.0)],
    ids=["half of it", "less for a shorter one", "half of the usual after a pause"],
)
def test_the_slowed_module_spins_for_a_share_of_what_a_request_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, since: float, spun: float
) -> None:
    path = tmp_path / "slowed.py"
    path.write_text(SLOWED.format(shares={"TCPServer": 0.5}, usual={"TCPServer": 10.0}))
    slowed = load(path)
    monkeypatch.setattr(socketserver.TCPServer, "process_request", lambda *_: None)
    clock = Clock(5000.0)
    monkeypatch.setattr(slowed, "perf_counter", clock)
    server = slowed.TCPServer.__new__(slowed.TCPServer)
    server.at_work_since = 5001 - since

    server.process_request(None, None)

    assert clock.now == server.at_work_since == 5001 + spun


def tally(**verdicts: str) -> Tally:
    found = Tally()
    for row, words in verdicts.items():
        for number, word in enumerate(words.split(",")):
            found.add({"row": f"/some/where/{row}.py", "verdict": word, "ratio": 1.0 + number / 10})
    found.add({"row": "floor", "verdict": "better", "ratio": 0.5})
    return found


def test_the_page_counts_what_was_called_worse_and_says_what_else_was_said() -> None:
    lines = list(page({"waving TCPServer": tally(same="same,worse,same", slowed="worse,worse,slightly worse")}, 0.1))

    assert lines[2:] == [
        "| waving TCPServer | the same | 3 | 1 | 2 same | 1.100 |",
        "| waving TCPServer | 10% slower | 3 | 2 | 1 slightly worse | 1.100 |",
    ]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where a user would, and not as a worker of xdist, which benchmarks must not take themselves for."""
    monkeypatch.chdir(ROOT)
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)


def measured(ratio: float) -> dict[str, Any]:
    found = {"row": "slowed.py", "verdict": "worse", "ratio": ratio, "repeated": {"ratio": ratio}}
    subject = {"scenario": "waving", "server_class": "TCPServer", "load": ""}
    return {**subject, "series": [{"row": "stdlib", "samples": [1.0]}], "comparisons": [found]}


def test_a_slowdown_is_corrected_until_it_is_as_large_as_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def record(self: calibration.Runs, name: str, *options: str) -> dict[str, Any]:
        spinning = name == "pilot" or load(self.folder / "slowed.py").SHARES["TCPServer"]
        return {"measurements": [measured(1.0 + spinning + 0.04)]}  # being called at all costs something, too

    monkeypatch.setattr(calibration.Runs, "record", record)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # else an earlier slowed.py, as long and as old, is loaded

    assert calibration.main(["--runs=3", "--slowdown=10%", f"--keep={tmp_path}"]) == 0

    *_, line = capsys.readouterr().out.splitlines()
    assert line == "| waving TCPServer | 10% slower | 3 | 3 |  | 1.100 |"


@pytest.mark.usefixtures("alone")
def test_what_real_runs_say_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calibration, "CORRECTIONS", 1)
    options = ["--runs=1", "--slowdown=300%", f"--select={DATAGRAMS}", f"--keep={tmp_path}", "--", "--quick"]

    assert calibration.main(options) == 0

    kept: dict[str, Any] = json.loads((tmp_path / "run-0.json").read_text())
    assert kept["quick"]
    [found] = kept["measurements"]
    said = Tally()
    for each in found["comparisons"]:
        said.add(each)
    assert capsys.readouterr().out.splitlines() == list(page({title(found): said}, 3.0))
    assert {Path(row).name for row in said.verdicts} >= {"same.py", "slowed.py"}
    assert sorted(path.name for path in tmp_path.glob("*.py")) == ["same.py", "slowed.py"]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--select=nothing_of_the_kind"], "pytest ended with 4 and measured nothing: "),
        (["--runs=none"], "'none': a whole number from 1 on was expected"),
        (["--slowdown=soon"], "'soon' is no percentage"),
        (["--keep=pyproject.toml"], "pyproject.toml: a folder was expected: File exists"),
    ],
)
def test_bad_use_ends_with_one_line(capsys: pytest.CaptureFixture[str], options: list[str], line: str) -> None:
    with pytest.raises(SystemExit) as caught:
        calibration.main(options)

    said = f"{caught.value}\n{capsys.readouterr().err}".splitlines()
    assert [each for each in said if line in each]


def test_benchmarks_that_share_a_class_cannot_be_calibrated_together(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = {"server_class": "TCPServer", "series": [{"row": "stdlib", "samples": [1.0]}]}
    runs = calibration.Runs(Path("nowhere"), "")
    monkeypatch.setattr(calibration.Runs, "record", lambda *_: {"measurements": [measured, measured]})

    with pytest.raises(SystemExit, match="one benchmark for each server class was expected"):
        calibration._write_slowed(runs, 0.1)
