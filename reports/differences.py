"""Render where the candidates of some records differ, one line a requirement, with the reason.

    python -m reports.differences RECORD… > TABLE

For interpreters of several versions this is the table of what changed in which version.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reports.conformance import Row, Table, tabulate
from reports.printable import printable
from reports.records import Candidate, Deviation, read_record
from reports.renderers.markdown import code, prose
from reports.verdicts import Standing
from reports.whole import RecordError

MARKS: Mapping[Standing, str] = {"kept": "✓", "broken": "✗", "unproven": "?", "outside": "·"}
USAGE_ERROR = 2


def lines(table: Table) -> Iterator[str]:
    """Write a Markdown table of the requirements for which not all columns of *table* have the same mark."""
    titles = [_title(column.candidate) for column in table.columns]
    yield f"| requirement | {' | '.join(map(prose, titles))} | why |"
    yield f"| --- |{' --- |' * len(titles)} --- |"
    for row in table.rows:
        marks = [MARKS[cell.standing] for cell in row.cells]
        if len(set(marks)) > 1:
            yield f"| {code(row.requirement.id)} | {' | '.join(marks)} | {_why(row)} |"


def _title(candidate: Candidate) -> str:
    """Return the version of the interpreter, unless the candidate is another module than its own."""
    name, _, interpreter = candidate.name.partition("@")
    if name != "stdlib":
        return f"{name} on {interpreter or candidate.interpreter.version}"
    implementation = candidate.interpreter.implementation
    return ("" if implementation == "CPython" else f"{implementation} ") + candidate.interpreter.version


def _why(row: Row) -> str:
    reasons = [_reason(each) for cell in row.cells for each in cell.deviations if each.happened is not False]
    since, until = row.requirement.since, row.requirement.until
    return "; ".join(
        [
            *([f"promised since {since}"] if since else []),
            *([f"promised before {until}"] if until else []),
            *dict.fromkeys(reasons),
        ]
    )


def _reason(deviation: Deviation) -> str:
    reason = prose(deviation.reason)
    return f"[{reason}]({deviation.link})" if deviation.link else reason


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 0, or 2 after one line about what is wrong with a record."""
    parser = argparse.ArgumentParser(
        prog="python -m reports.differences", description="Render where candidates differ."
    )
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help="a run record, written by the suite")
    options = parser.parse_args(arguments)
    try:
        table = tabulate([(path, read_record(path)) for path in options.records])
    except RecordError as error:
        sys.stderr.write(f"python -m reports.differences: {' '.join(printable(str(error)).split())}\n")
        return USAGE_ERROR
    sys.stdout.write("\n".join(lines(table)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
