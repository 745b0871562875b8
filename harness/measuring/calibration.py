"""How often the comparison cries wolf, and how often it sees a wolf: many runs with candidates that are known.

    python -m harness.measuring.calibration [--runs N] [--slowdown 10%] [--select EXPRESSION] [--keep FOLDER]

Each run compares stdlib with two modules that are written for it: one is the same code again, the other spins in every
request for as long as makes it slower by what is asked for.  Counted is how often either was called worse.
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
CORRECTIONS = 9  # runs; odd, so that what disturbs some of them does not count
SAME = "from socketserver import *\nfrom socketserver import BaseServer\n"
SLOWED = '''\
"""The standard library's servers, each of whose requests takes so many seconds longer."""

import time
import socketserver
from socketserver import *

SECONDS = {seconds!r}


class Slowed:
    def finish_request(self, request, client_address):
        end = time.perf_counter() + SECONDS[self.slowed]
        while time.perf_counter() < end:
            pass
        super().finish_request(request, client_address)


for name in SECONDS:
    globals()[name] = type(name, (Slowed, getattr(socketserver, name)), {{"slowed": name}})
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of rates; return 0, or 1 if a run of pytest failed."""
    options = _options(arguments)
    tallies: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory(prefix="calibration-") as place:
        folder = options.keep or Path(place)
        (folder / "same.py").write_text(SAME, encoding="utf-8")
        _write_slowed(folder, options.select, options.slowdown)
        impls = ["--impl=stdlib", f"--impl={folder / 'same.py'}", f"--impl={folder / 'slowed.py'}"]
        for number in range(options.runs):
            record = _run(folder / f"run-{number}.json", options.select, [*impls, f"--seed={number}"])
            for each in record["measurements"]:
                for comparison in each["comparisons"]:
                    tallies.setdefault(title(each), Tally()).add(comparison)
            sys.stderr.write(f"{number + 1} of {options.runs} runs\r")
    sys.stdout.write("".join(f"{line}\n" for line in _page(tallies, options.slowdown)))
    return 0


def _write_slowed(folder: Path, select: str, slowdown: float) -> None:
    """Write the module that is slower, and correct it: it is not the spinning alone that makes it so."""
    pilot = _run(folder / "pilot.json", select, ["--impl=stdlib"])
    usual = {each["server_class"]: statistics.median(samples_by_row(each)["stdlib"]) for each in pilot["measurements"]}
    seconds = {name: slowdown * value for name, value in usual.items()}
    enough: dict[str, list[float]] = {name: [] for name in usual}
    path = folder / "slowed.py"
    path.write_text(SLOWED.format(seconds=seconds), encoding="utf-8")
    for number in range(CORRECTIONS):
        record = _run(folder / f"correction-{number}.json", select, ["--impl=stdlib", f"--impl={path}"])
        for each in record["measurements"]:
            name = each["server_class"]
            enough[name].append(seconds[name] + (slowdown - (_ratio(each) - 1)) * usual[name])
            seconds[name] = statistics.median(enough[name])
        path.write_text(SLOWED.format(seconds=seconds), encoding="utf-8")
        sys.stderr.write(f"correction {number + 1} of {CORRECTIONS}\r")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m harness.measuring.calibration", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="how many (default: 100)")
    parser.add_argument("--slowdown", type=percentage, default=0.1, metavar="PERCENT", help="default: 10%%")
    parser.add_argument("--select", default=TELLING, metavar="EXPRESSION", help="benchmarks, as for pytest -k")
    parser.add_argument("--keep", type=_folder, metavar="FOLDER", help="where to keep the modules and all records")
    return parser.parse_args(arguments)


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text}: a folder that exists was expected")
    return Path(text)


def _run(path: Path, select: str, options: Sequence[str]) -> dict[str, Any]:
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "--benchmark-only", "-k", select, "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *options, f"--benchmark-record={path}"], capture_output=True, text=True, check=False
    )
    if not path.exists():
        raise SystemExit(f"pytest ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-500:]}")
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def _ratio(measurement: Mapping[str, Any]) -> float:
    """Return how much slower the module that spins was found."""
    [ratio] = [each["ratio"] for each in measurement["comparisons"] if each["row"].endswith("slowed.py")]
    return float(ratio)


def _page(tallies: Mapping[str, Tally], slowdown: float) -> Iterator[str]:
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
