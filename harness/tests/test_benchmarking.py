"""A run of benchmarks as a user sees it: options, items, records, exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
AT_ONCE = "test_many_datagrams_at_once and not Threading"
ONE = "test_constructing_and_closing and TCPServer"
SLOW = """
import time
import socketserver
from socketserver import *


class TCPServer(socketserver.TCPServer):
    def __init__(self, *arguments):
        end = time.perf_counter() + 0.0005
        while time.perf_counter() < end:
            pass
        super().__init__(*arguments)
"""
BROKEN = """
from socketserver import BaseRequestHandler, BaseServer, StreamRequestHandler


class TCPServer(BaseServer):
    def __init__(self, *arguments):
        raise LookupError("no servers today")
"""


@dataclass(frozen=True)
class Ran:
    """What a run of pytest left."""

    status: int
    output: str
    folder: Path

    def read(self, name: str) -> dict[str, Any]:
        """Return a file that it wrote."""
        found: dict[str, Any] = json.loads((self.folder / name).read_text(encoding="utf-8"))
        return found


def run(folder: Path, *options: str) -> Ran:
    command = [sys.executable, "-m", "pytest", f"--rootdir={ROOT}", "-c", str(ROOT / "pytest.toml"), "-q"]
    # These tests may run in a worker of xdist, which the benchmarks must not take themselves for.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST_")}
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout + done.stderr, folder)


def measure(folder: Path, *options: str, chosen: str = ONE) -> Ran:
    options = ("--benchmark-only", "--quick", "-k", chosen, *options)
    return run(folder, str(ROOT / "conformance"), *options)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A comparison with a module that is much slower, as pytest-benchmark stores it, too."""
    folder = tmp_path_factory.mktemp("compared")
    (folder / "slow.py").write_text(SLOW)
    return measure(folder, "--impl=stdlib", "--impl=./slow.py", "--fail-if-slower=20%", "--benchmark-json=theirs.json")


def test_a_candidate_that_is_slower_than_allowed_fails_the_run_in_one_line(compared: Ran) -> None:
    [line] = [
        line for line in compared.output.splitlines() if line.startswith("./slow.py is worse than stdlib by more")
    ]

    assert "20%: time for a server" in line
    assert "--fail-if-slower=20%: 1 of 1 comparisons fail, 0 are too noisy to tell" in compared.output
    assert compared.status == 1
    assert "Traceback" not in compared.output


def test_the_record_has_a_row_for_each_candidate_and_the_floor(compared: Ran) -> None:
    record = compared.read("benchmark-record.json")
    [measurement] = record["measurements"]

    assert [(row["name"], row["kind"]) for row in record["rows"]] == [
        ("stdlib", "candidate"),
        ("./slow.py", "candidate"),
        ("floor", "floor"),
    ]
    assert [each["row"] for each in measurement["series"]] == ["stdlib", "./slow.py", "floor"]
    assert {len(each["samples"]) for each in measurement["series"]} == {measurement["rounds"]}
    assert (record["margin"], record["quick"]) == (0.2, True)


def test_the_record_is_what_its_schema_says_and_what_reports_read(compared: Ran) -> None:
    schema = json.loads((ROOT / "reports" / "benchmark-record.schema.json").read_text(encoding="utf-8"))
    report = subprocess.run(
        [sys.executable, "-m", "reports.benchmarks", str(compared.folder / "benchmark-record.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    jsonschema.validate(compared.read("benchmark-record.json"), schema)
    assert report.returncode == 0, report.stderr
    assert "slower" in report.stdout


def test_worse_was_found_again_before_it_was_said(compared: Ran) -> None:
    [measurement] = compared.read("benchmark-record.json")["measurements"]
    [comparison] = [each for each in measurement["comparisons"] if each["row"] == "./slow.py"]

    assert (comparison["verdict"], comparison["repeated"]["verdict"]) == ("worse", "worse")
    assert comparison["low"] > 2


def test_pytest_benchmark_stores_our_samples_and_what_they_show(compared: Ran) -> None:
    ours = {
        each["row"]: each["samples"] for each in compared.read("benchmark-record.json")["measurements"][0]["series"]
    }
    theirs = {each["name"]: each for each in compared.read("theirs.json")["benchmarks"]}

    slow = theirs["test_constructing_and_closing[./slow.py-TCPServer]"]
    assert slow["stats"]["data"] == pytest.approx(ours["./slow.py"])
    assert slow["extra_info"]["verdict"] == "worse"
    assert slow["group"] == "construct-bind-close TCPServer"


def test_the_terminal_shows_the_comparison(compared: Ran) -> None:
    assert "./slow.py is slower than stdlib: ×" in compared.output
    assert "controls: stdlib against itself was called worse in" in compared.output
    assert "benchmark record: benchmark-record.json" in compared.output


def test_a_run_is_compared_with_an_earlier_one(compared: Ran) -> None:
    baseline = compared.folder / "benchmark-record.json"

    later = measure(compared.folder, f"--baseline={baseline}", "--benchmark-record=later.json")

    [measurement] = later.read("later.json")["measurements"]
    [against] = [each for each in measurement["comparisons"] if each["baseline"]]
    assert (against["row"], against["baseline"]["path"]) == ("stdlib", str(baseline))
    assert later.status == 0


def test_an_earlier_record_of_something_else_is_no_green_that_means_nothing(compared: Ran) -> None:
    baseline = compared.folder / "benchmark-record.json"

    other = measure(compared.folder, f"--baseline={baseline}", "--benchmark-record=other.json", chosen="test_importing")

    assert f"--baseline={baseline}: it has nothing of what was measured now" in other.output


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        (ONE, "Raised: in the host: LookupError: no servers today"),
        (AT_ONCE, "Missing: the candidate has no UDPServer"),
    ],
)
def test_a_candidate_that_cannot_be_measured_fails_with_the_reason(tmp_path: Path, chosen: str, reason: str) -> None:
    (tmp_path / "broken.py").write_text(BROKEN)

    ran = measure(tmp_path, "--impl=stdlib", "--impl=./broken.py", chosen=chosen)

    assert ran.status == 1
    assert f"./broken.py could not be measured: {reason}" in ran.output
    [missing] = ran.read("benchmark-record.json")["missing"]
    assert (missing["row"], missing["reason"]) == ("./broken.py", reason)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--benchmark-only", "-n", "2"], "benchmarks do not run in parallel: leave out -n 2"),
        (["--quick"], "--quick is for benchmarks: give --benchmark-only, too"),
        (["--fail-if-slower=5%"], "--fail-if-slower is for benchmarks: give --benchmark-only, too"),
        (
            ["--benchmark-only", "--fail-if-slower=5%"],
            "--fail-if-slower compares with the first candidate: give --impl",
        ),
        (["--sampling-time=4"], "--sampling-time is for benchmarks: give --benchmark-only, too"),
        (["--benchmark-only", "--sampling-time=0"], "--sampling-time=0: no time; expected seconds, more than 0"),
        (
            ["--benchmark-only", "--fail-if-slower=soon"],
            "--fail-if-slower=soon: 'soon' is no percentage; expected one like 5%, more than 0",
        ),
        (["--benchmark-only", "--baseline=nowhere.json"], "--baseline=nowhere.json: cannot be read: No such file"),
        (["--benchmark-only", "--benchmark-record=no/where"], "--benchmark-record=no/where: a file in a folder that"),
        (["--benchmark-only", "--defects"], "--defects is for checks: leave out --benchmark-only"),
        ([str(ROOT / "conformance" / "benchmarks")], "benchmarks run with --benchmark-only"),
    ],
)
def test_a_mistaken_option_ends_the_run_early_with_one_line(
    pytester: pytest.Pytester, options: list[str], line: str
) -> None:
    result = pytester.runpytest_inprocess("-p", "harness.plugin", *options)

    output = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [each for each in output.splitlines() if line in each]
    assert "Traceback" not in output


def test_a_run_of_checks_has_no_benchmarks(tmp_path: Path) -> None:
    ran = run(tmp_path, str(ROOT / "conformance"), "--impl=stdlib", "--collect-only", "-k", "closing")

    assert "benchmarks" not in ran.output
    assert ran.status == 0
