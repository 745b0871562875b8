"""Render the matrix of a defects run: which requirements notice defects that were meant for others.

    python -m reports.independence MATRIX… > PAGE

A MATRIX is a file that `pytest --defects=others --run-record=MATRIX` wrote; several are parts of one.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.decoding import DecodingError, decode
from reports.printable import printable
from reports.renderers.markdown import code, prose

FORMAT = "socketserver-conformance defect matrix"
VERSION = 1
USAGE_ERROR = 2
BOUNDS = (0.01, 0.05, 0.1)
WIDEST = 40
NAMED = 12


@dataclass(frozen=True)
class Check:
    """The check that stood for a requirement; only if it was sound could it notice anything."""

    candidate: str
    requirement: str
    test: str
    sound: str


@dataclass(frozen=True)
class Spread:
    """How far one defect reached: the requirements it disturbed, with their verdicts, of how many tried by area."""

    candidate: str
    defect: str
    breaks: str
    says: str
    judged: Mapping[str, int]
    disturbed: Mapping[str, str]

    @property
    def pairs(self) -> int:
        """How many other requirements were tried."""
        return sum(self.judged.values())

    @property
    def share(self) -> float:
        """The share of the other requirements that it disturbed."""
        return len(self.disturbed) / max(1, self.pairs)


@dataclass(frozen=True)
class Footer:
    """What the matrix must hold to be whole."""

    checks: int
    spreads: int


@dataclass(frozen=True)
class Matrix:
    """All of it."""

    started: str
    checks: tuple[Check, ...]
    spreads: tuple[Spread, ...]
    footer: Footer


def read_matrix(path: Path) -> Matrix:
    """Read the matrix in *path*; DecodingError, one line, if it is none or not whole."""
    try:
        parsed = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DecodingError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DecodingError(f"{path}: is no JSON: {error}") from error
    if not isinstance(parsed, dict) or (parsed.get("format"), parsed.get("version")) != (FORMAT, VERSION):
        raise DecodingError(f"{path}: is no {FORMAT}, version {VERSION}")
    matrix = decode(Matrix, parsed)
    if (len(matrix.checks), len(matrix.spreads)) != (matrix.footer.checks, matrix.footer.spreads):
        raise DecodingError(f"{path}: holds another number of checks or spreads than its footer counts")
    return matrix


def joined(parts: Sequence[Matrix]) -> Matrix:
    """Return all *parts* as one; of a defect that was tried in several of them, the last counts."""
    checks = {(each.candidate, each.requirement): each for part in parts for each in part.checks}
    spreads = {(each.candidate, each.defect): each for part in parts for each in part.spreads}
    started = min(part.started for part in parts)
    return Matrix(started, tuple(checks.values()), tuple(spreads.values()), Footer(len(checks), len(spreads)))


def page(matrix: Matrix) -> Iterator[str]:
    """Write the page, line by line."""
    yield "# Which requirements notice which defects"
    yield ""
    yield (
        "One check of each requirement was made with each defect that is meant for another requirement. Made by"
        " `pytest --defects=others --run-record=MATRIX` and `python -m reports.independence MATRIX`."
    )
    for candidate in dict.fromkeys(check.candidate for check in matrix.checks):
        yield from _candidate(candidate, matrix)


def _candidate(candidate: str, matrix: Matrix) -> Iterator[str]:
    spreads = [each for each in matrix.spreads if each.candidate == candidate]
    checks = [each for each in matrix.checks if each.candidate == candidate]
    sound = {each.requirement for each in checks if each.sound == "pass"}
    possible = sum(len(sound - {each.breaks}) for each in spreads)
    yield ""
    yield f"## {prose(candidate)}"
    yield ""
    yield (
        f"{len(spreads)} defects, {len(checks)} requirements of which {len(sound)} hold without a defect:"
        f" {sum(each.pairs for each in spreads)} of {possible} pairs were tried,"
        f" {sum(len(each.disturbed) for each in spreads)} of these are disturbed."
    )
    yield ""
    yield "| a defect disturbs, of the other requirements | defects |"
    yield "| --- | ---: |"
    for label, count in _distribution(spreads):
        yield f"| {label} | {count} |"
    yield ""
    yield "Of the requirements in an area (column), the share that a defect of an area (row) disturbs:"
    yield ""
    yield from _areas(spreads)
    yield ""
    yield "The widest:"
    yield ""
    for each in sorted(spreads, key=lambda spread: -spread.share)[:WIDEST]:
        if each.disturbed:
            names = ", ".join(code(name) for name in sorted(each.disturbed)[:NAMED])
            more = f" and {len(each.disturbed) - NAMED} more" if len(each.disturbed) > NAMED else ""
            yield f"* {each.share:.1%} {code(each.defect)}: {names}{more}"


def _distribution(spreads: Sequence[Spread]) -> Iterator[tuple[str, int]]:
    shares = [each.share for each in spreads]
    yield "none", shares.count(0.0)
    lower = 0.0
    for upper in BOUNDS:
        yield f"fewer than {upper:.0%}", sum(lower <= share < upper and share > 0 for share in shares)
        lower = upper
    yield f"{lower:.0%} or more", sum(share >= lower for share in shares)


def _areas(spreads: Sequence[Spread]) -> Iterator[str]:
    tried: Counter[tuple[str, str]] = Counter()
    for each in spreads:
        tried.update({(_area(each.breaks), area): count for area, count in each.judged.items()})
    disturbed = Counter((_area(each.breaks), _area(name)) for each in spreads for name in each.disturbed)
    columns = sorted({column for _, column in tried})
    yield f"| defects of | {' | '.join(columns)} |"
    yield f"| --- |{' ---: |' * len(columns)}"
    for row in sorted({row for row, _ in tried}):
        cells = (f"{disturbed[row, column] / max(1, tried[row, column]):.1%}" for column in columns)
        yield f"| {row} | {' | '.join(cells)} |"


def _area(requirement: str) -> str:
    return requirement.partition(".")[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page; return 0, or 2 after one line about what is wrong with the file."""
    parser = argparse.ArgumentParser(prog="python -m reports.independence", description="Render a defect matrix.")
    parser.add_argument(
        "matrices", type=Path, nargs="+", metavar="MATRIX", help="what pytest --defects=others has written"
    )
    options = parser.parse_args(arguments)
    try:
        lines = list(page(joined([read_matrix(path) for path in options.matrices])))
    except DecodingError as error:
        sys.stderr.write(f"python -m reports.independence: {' '.join(printable(str(error)).split())}\n")
        return USAGE_ERROR
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
