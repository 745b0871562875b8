"""Render benchmark records side by side.

    python -m reports.benchmarks RECORD… [--markdown PATH] [--html PATH] [--json PATH]

A path of `-` is standard output, where Markdown goes if no format is asked for.  The JSON is a
compact summary: the median of each row of each measurement, and its ratio to the row that it is
compared with, with interval and verdict; `benchmark_summary.py` names its keys.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from reports import benchmark_summary
from reports.benchmark_records import read_benchmark_record
from reports.benchmark_tables import tabulate
from reports.delivery import Wanted, add_places, choose_places, deliver
from reports.renderers import benchmark_html, benchmark_markdown

RENDERERS = {
    "markdown": benchmark_markdown.render,
    "html": benchmark_html.render,
    "json": benchmark_summary.render,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Render what *arguments* name; return 0, or 2 after one line on stderr about what is wrong."""
    options = _options(arguments)
    return deliver("python -m reports.benchmarks", lambda: _wanted(options))


def _wanted(options: argparse.Namespace) -> Iterator[Wanted]:
    table = tabulate([(path, read_benchmark_record(path)) for path in options.records])
    for name, render in RENDERERS.items():
        place = getattr(options, name)
        if place is not None:
            yield place, render(table)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m reports.benchmarks",
        description="Render benchmark records side by side, each of their rows as one column.",
    )
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help="a benchmark record")
    add_places(parser, list(RENDERERS))
    options = parser.parse_args(arguments)
    choose_places(parser, options, list(RENDERERS))
    return options


if __name__ == "__main__":
    sys.exit(main())
