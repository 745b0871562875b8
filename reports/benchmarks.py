"""Render benchmark records side by side.

    python -m reports.benchmarks RECORD… [--markdown PATH] [--html PATH] [--json PATH]

A path of `-` is standard output, where Markdown goes if no format is asked for.  The JSON is a
compact summary: the median of each row of each measurement, and its ratio to the row that it is
compared with, with interval and verdict; `benchmark_summary.py` names its keys.
"""

import sys
from collections.abc import Sequence

from reports import benchmark_summary, delivery
from reports.benchmark_records import read_benchmark_record
from reports.benchmark_tables import tabulate
from reports.renderers import benchmark_html, benchmark_markdown

RENDERERS = {
    "markdown": benchmark_markdown.render,
    "html": benchmark_html.render,
    "json": benchmark_summary.render,
}
READING = ("Render benchmark records side by side, each of their rows as one column.", "a benchmark record")


def main(arguments: Sequence[str] | None = None) -> int:
    """Render what *arguments* name; return 0, or 2 after one line on stderr about what is wrong."""
    return delivery.report(
        "python -m reports.benchmarks",
        READING,
        lambda paths: tabulate([(path, read_benchmark_record(path)) for path in paths]),
        RENDERERS,
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
