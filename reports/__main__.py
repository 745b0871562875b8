"""Render run records side by side.

    python -m reports RECORD… [--markdown PATH] [--html PATH]

A path of `-` is standard output, where Markdown goes if no format is asked for.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from reports.conformance import tabulate
from reports.delivery import Wanted, add_places, choose_places, deliver
from reports.records import read_record
from reports.renderers import html, markdown

RENDERERS = {"markdown": markdown.render, "html": html.render}


def main(arguments: Sequence[str] | None = None) -> int:
    """Render what *arguments* name; return 0, or 2 after one line on stderr about what is wrong."""
    options = _options(arguments)
    return deliver("python -m reports", lambda: _wanted(options))


def _wanted(options: argparse.Namespace) -> Iterator[Wanted]:
    table = tabulate([(path, read_record(path)) for path in options.records])
    for name, render in RENDERERS.items():
        place = getattr(options, name)
        if place is not None:
            yield place, render(table)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m reports",
        description="Render run records side by side, each of their candidates as one column.",
    )
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help="a run record, written by the suite")
    add_places(parser, list(RENDERERS))
    options = parser.parse_args(arguments)
    choose_places(parser, options, list(RENDERERS))
    return options


if __name__ == "__main__":
    sys.exit(main())
