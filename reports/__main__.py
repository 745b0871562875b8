"""Render run records side by side.

    python -m reports RECORD… [--markdown PATH] [--html PATH]

A path of `-` is standard output, where Markdown goes if no format is asked for.
"""

import sys
from collections.abc import Sequence

from reports import delivery
from reports.conformance import tabulate
from reports.records import read_record
from reports.renderers import html, markdown

RENDERERS = {"markdown": markdown.render, "html": html.render}
READING = (
    "Render run records side by side, each of their candidates as one column.",
    "a run record, written by the suite",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Render what *arguments* name; return 0, or 2 after one line on stderr about what is wrong."""
    return delivery.report(
        "python -m reports",
        READING,
        lambda paths: tabulate([(path, read_record(path)) for path in paths]),
        RENDERERS,
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
