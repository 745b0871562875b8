"""The options that the suite adds to pytest's own.

A mistake in one is told in one line, before anything else happens; argparse, and with it pytest, would add its usage.
"""

from __future__ import annotations

import argparse
import math
import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from harness.requirements import LEVELS, LOWEST_THAT_COUNTS
from harness.versions import VERSION

SEED = 1  # of a run that nobody asked to be different
DEADLINE = 15.0  # seconds for a check
RECORD = "run-record.json"
PYTEST = "pytest"  # what a user types in a checkout

Value = TypeVar("Value")


def add(parser: pytest.Parser) -> None:
    """Add all options of the suite, in groups of their own."""
    checks = parser.getgroup("socketserver", "conformance of socketserver implementations")
    _add_candidates(checks)
    _add_choice(checks)
    _add_runs(checks)
    _add_defects(checks)
    _add_benchmarks(parser.getgroup("socketserver benchmarks", "comparison of socketserver implementations"))


def _add_candidates(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--impl",
        action="append",
        metavar="CANDIDATE",
        help="a known name, a dotted module, or a path to a .py file or package folder; with @INTERPRETER at the end"
        " (a command, a version such as @3.8, @pypy3) it runs there; may be repeated (default: stdlib)",
    )
    group.addoption("--before", metavar="MODULE:CALLABLE", help="what to call before a candidate is imported")
    group.addoption(
        "--contract",
        type=_read("--contract", _version),
        metavar="VERSION",
        help="judge by the requirements of this Python version (default: the candidate's interpreter's)",
    )


def _add_choice(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--level",
        type=_read("--level", _one_of(LEVELS)),
        metavar=f"{{{','.join(LEVELS)}}}",
        help="check only requirements of this level or stricter, which then all decide the result"
        f" (default: check all, those down to {LOWEST_THAT_COUNTS} decide)",
    )
    group.addoption(
        "--requirement",
        action="append",
        metavar="ID",
        help="check this requirement only, as in waiting.server-close-joins-threads or waiting.*; may be repeated",
    )


def _add_runs(group: pytest.OptionGroup) -> None:
    group.addoption("--fresh", action="store_true", help="start each host as a fresh interpreter, never by fork")
    group.addoption(
        "--deadline",
        type=_read("--deadline", _seconds),
        default=DEADLINE,
        metavar="SECONDS",
        help=f"for each check (default: {DEADLINE:.0f})",
    )
    group.addoption(
        "--seed",
        type=_read("--seed", _whole_number),
        metavar="N",
        help=f"of everything that is drawn (default: {SEED})",
    )
    group.addoption(
        "--explore",
        action="store_true",
        help="draw other inputs than those of every run: with a new seed, which is printed, or with --seed",
    )
    group.addoption(
        "--run-record",
        default=RECORD,
        metavar="PATH",
        help=f"where to write the run record (default: {RECORD})",
    )
    group.addoption(
        "--deviations",
        metavar="PATH",
        help="file of known deviations (default: the one beside the candidate)",
    )
    group.addoption(
        "--update-deviations",
        action="store_true",
        help="write the failures of this run into the candidates' files of known deviations",
    )
    group.addoption(
        "--called-as",
        default=PYTEST,
        metavar="COMMAND",
        help="the command by which the user started all this, and which repeats a check (default: pytest)",
    )


def _add_defects(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--defects",
        nargs="?",
        const="own",
        type=_read("--defects", _one_of(("own", "others", "hostile"))),
        metavar="{own,others,hostile}",
        help="break the candidates on purpose, defect by defect, and see which requirement notices: the tests of the"
        " one that the defect is meant for (own, the default), or one test of each of the others (others); or empty the"
        " methods, let them raise, return nonsense or print nothing, and see whether any check errs (hostile)",
    )
    group.addoption(
        "--defect",
        action="append",
        metavar="PATTERN",
        help="with --defects: only those with such a name, as in ordering.* or *bpo_21491*; may be repeated",
    )
    group.addoption(
        "--sample",
        type=_read("--sample", _share),
        metavar="SHARE",
        help="with --defects=others and --defects=hostile: of the pairs of a defect and a check, try this share"
        " (default: 1)",
    )


def _add_benchmarks(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--quick", action="store_true", help="only the most telling benchmarks, and fewer samples: about a minute"
    )
    group.addoption(
        "--fail-if-slower",
        type=_read("--fail-if-slower", percentage),
        metavar="PERCENT",
        help="fail if a candidate is worse than the first by more than so much, as in 5%%, twice in a row",
    )
    group.addoption("--baseline", metavar="PATH", help="a benchmark record of an earlier run to compare with")
    group.addoption(
        "--sampling-time",
        type=_read("--sampling-time", _seconds),
        metavar="SECONDS",
        help="how long to go on with a measurement that is undecided (default: 10, or less in a run that is late; with"
        " --quick 1.5)",
    )
    group.addoption(
        "--benchmark-record",
        default="benchmark-record.json",
        metavar="PATH",
        help="where to write the benchmark record (default: benchmark-record.json)",
    )


def settle_seed(config: pytest.Config) -> None:
    """Decide the seed, also Hypothesis's; in xdist the controller decides, and its workers are told."""
    handed_over: int | None = getattr(config, "workerinput", {}).get("seed")
    if handed_over is not None:
        config.option.seed = handed_over
    if config.option.seed is None:
        config.option.seed = secrets.randbits(32) if config.option.explore else SEED
    if config.option.explore:
        config.option.hypothesis_seed = str(config.option.seed)


def is_about_checks(config: pytest.Config) -> bool:
    """Return whether an option was given that means nothing without checks of requirements."""
    names = ("impl", "before", "contract", "requirement", "deviations", "update_deviations")
    given = any(config.getoption(name) for name in (*names, "defects", "defect", "sample"))
    return given or config.getoption("run_record") != RECORD


def _read(name: str, read: Callable[[str], Value]) -> Callable[[str], Value]:
    def reader(text: str) -> Value:
        try:
            return read(text)
        except argparse.ArgumentTypeError as error:
            raise pytest.UsageError(f"{name}={text}: {error}") from None

    return reader


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise argparse.ArgumentTypeError(f"expected one of {', '.join(choices)}")
        return text

    return read


def _version(text: str) -> str:
    if not VERSION.fullmatch(text):
        raise argparse.ArgumentTypeError("not a Python version; expected one like 3.12")
    return text


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError("no whole number") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError("no time; expected seconds, more than 0")
    return seconds


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError("no share; expected a number from 0 to 1, and more than 0")
    return share


def percentage(text: str) -> float:
    """Read "5%" as 0.05; argparse.ArgumentTypeError, one line, for anything else."""
    try:
        percentage = float(text.removesuffix("%"))
    except ValueError:
        percentage = 0.0
    if not 0 < percentage < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage; expected one like 5%, more than 0")
    return percentage / 100
