"""How often the comparison cries wolf, and how often it sees a wolf: many runs with candidates that are known.

    python -m harness.measuring.calibration [--runs N] [--slowdown 10%] [--select EXPRESSION] [--keep FOLDER] [-- …]

Each run compares stdlib with two modules that are written for it: one is the same code again, the other spins in every
request for a share of its time that makes it slower by what is asked for, however fast the machine is at that moment.
Counted is how often either was called worse.  What follows -- are options for the runs of pytest, such as --quick.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.measuring.measurements import samples_by_row, title
from harness.options import percentage

TELLING = "at_once and not Unix and not Forking and (connections or not Threading)"
CORRECTIONS = 15  # runs, of which the median counts: what disturbs some of them makes no difference
SAME = "from socketserver import *\nfrom socketserver import BaseServer\n"
SLOWED = '''\
"""The standard library's servers, which spin in each request for a share of what the one before has taken."""

import socketserver
from socketserver import *
from time import perf_counter

SHARES = {shares!r}
USUAL = {usual!r}  # seconds for a request


class Slowed:
    at_work_since = 0.0

    def process_request(self, request, client_address):
        begin = perf_counter()
        took = begin - self.at_work_since
        if took > 4 * self.usual:  # nobody has asked for a while
            took = self.usual
        end = begin + self.share * took
        while perf_counter() < end:
            pass
        self.at_work_since = end
        super().process_request(request, client_address)


for name in SHARES:
    globals()[name] = type(
        name, (Slowed, getattr(socketserver, name)), {{"share": SHARES[name], "usual": USUAL[name]}}
    )
'''


@dataclass
class Tally:
    """What became of one kind of measurement in all runs."""

    verdicts: dict[str, Counter[str]] = field(default_factory=dict)
    ratios: dict[str, list[float]] = field(default_factory=dict)

    def add(self, comparison: Mapping[str, Any]) -> None:
        """Count a comparison."""
        row = comparison["row"]
        self.verdicts.setdefault(row, Counter())[comparison["verdict"]] += 1
        self.ratios.setdefault(row, []).append(comparison["ratio"])


@dataclass(frozen=True)
class Runs:
    """Runs of pytest that write their records into *folder*: benchmarks by *select*, as for -k, and more options."""

    folder: Path
    select: str
    options: tuple[str, ...] = ()

    def record(self, name: str, *options: str) -> dict[str, Any]:
        """Run pytest, and return the record, which stays under *name*; SystemExit if there is none."""
        path = self.folder / f"{name}.json"
        path.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "--benchmark-only", "-q", "-p", "no:cacheprovider"]
        command += ["-k", self.select, *self.options, *options, f"--benchmark-record={path}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not path.exists():
            [*_, last] = (done.stdout + done.stderr).splitlines() or ["it said nothing"]
            raise SystemExit(f"pytest ended with {done.returncode} and measured nothing: {last}")
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of rates; return 0."""
    options = _options(arguments)
    tallies: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory(prefix="calibration-") as place:
        folder = options.keep or Path(place)
        runs = Runs(folder, options.select, tuple(options.pytest))
        (folder / "same.py").write_text(SAME, encoding="utf-8")
        _write_slowed(runs, options.slowdown)
        impls = ["--impl=stdlib", f"--impl={folder / 'same.py'}", f"--impl={folder / 'slowed.py'}"]
        for number in range(options.runs):
            for each in runs.record(f"run-{number}", *impls, f"--seed={number}")["measurements"]:
                for comparison in each["comparisons"]:
                    tallies.setdefault(title(each), Tally()).add(comparison)
            sys.stderr.write(f"{number + 1} of {options.runs} runs\n")
    sys.stdout.write("".join(f"{line}\n" for line in page(tallies, options.slowdown)))
    return 0


def _write_slowed(runs: Runs, slowdown: float) -> None:
    """Write the module that is slower, and correct it: it is not the spinning alone that makes it so."""
    pilot = runs.record("pilot", "--impl=stdlib")["measurements"]
    usual = {each["server_class"]: statistics.median(samples_by_row(each)["stdlib"]) for each in pilot}
    if len(usual) < len(pilot):
        raise SystemExit("--select: one benchmark for each server class was expected, since a class has one slowdown")
    enough: dict[str, list[float]] = {name: [] for name in usual}
    shares = dict.fromkeys(usual, slowdown)
    path = runs.folder / "slowed.py"
    path.write_text(SLOWED.format(shares=shares, usual=usual), encoding="utf-8")
    for number in range(CORRECTIONS):
        for each in runs.record(f"correction-{number}", "--impl=stdlib", f"--impl={path}")["measurements"]:
            name = each["server_class"]
            enough[name] += [shares[name] + slowdown - (ratio - 1) for ratio in _ratios(each)]
            shares[name] = statistics.median(enough[name])
        path.write_text(SLOWED.format(shares=shares, usual=usual), encoding="utf-8")
        sys.stderr.write(f"correction {number + 1} of {CORRECTIONS}\n")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m harness.measuring.calibration", description=__doc__)
    parser.add_argument("--runs", type=_count, default=100, help="how many (default: 100)")
    parser.add_argument("--slowdown", type=percentage, default=0.1, metavar="PERCENT", help="default: 10%%")
    parser.add_argument("--select", default=TELLING, metavar="EXPRESSION", help="benchmarks, as for pytest -k")
    parser.add_argument("--keep", type=_folder, metavar="FOLDER", help="where to keep the modules and all records")
    parser.add_argument("pytest", nargs="*", metavar="OPTION", help="for pytest; put -- before the first one")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number from 1 on was expected")
    return int(text)


def _folder(text: str) -> Path:
    try:
        Path(text).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text}: a folder was expected: {error.strerror}") from None
    return Path(text)


def _ratios(measurement: Mapping[str, Any]) -> list[float]:
    """Return how much slower the module that spins was found, and again in fresh processes if it was measured again."""
    [found] = [each for each in measurement["comparisons"] if each["row"].endswith("slowed.py")]
    return [each["ratio"] for each in (found, found["repeated"]) if each]


def page(tallies: Mapping[str, Tally], slowdown: float) -> Iterator[str]:
    """Write the table of rates, as Markdown."""
    yield "| measurement | module | runs | called worse | other verdicts | median ratio |"
    yield "| --- | --- | ---: | ---: | --- | ---: |"
    for name, tally in tallies.items():
        for row, verdicts in tally.verdicts.items():
            if not row.endswith(".py"):
                continue
            kind = "the same" if row.endswith("same.py") else f"{slowdown:.0%} slower"
            others = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items() if verdict != "worse")
            ratio = statistics.median(tally.ratios[row])
            yield f"| {name} | {kind} | {verdicts.total()} | {verdicts['worse']} | {others} | {ratio:.3f} |"


if __name__ == "__main__":
    sys.exit(main())
