"""Render run records side by side.

    python -m reports RECORD… [--markdown PATH] [--html PATH]

A path of `-` is standard output, where Markdown goes if no format is asked for.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from reports.conformance import tabulate
from reports.printable import printable
from reports.records import RecordError, read_record
from reports.renderers import html, markdown

STANDARD_OUTPUT = "-"
USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Render what *arguments* name; return 0, or 2 after one line on stderr about what is wrong."""
    options = _options(arguments)
    wanted = [(markdown.render, options.markdown), (html.render, options.html)]
    try:
        table = tabulate([(path, read_record(path)) for path in options.records])
        for render, place in wanted:
            if place is not None:
                _write(render(table), place)
    except RecordError as error:
        return _refuse(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or exit would try again
    except OSError as error:
        return _refuse(f"{error.filename or 'standard output'}: cannot write: {error.strerror}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m reports",
        description="Render run records side by side, each of their candidates as one column.",
    )
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help="a run record, written by the suite")
    for name in ("markdown", "html"):
        parser.add_argument(f"--{name}", metavar="PATH", help=f"write {name} to PATH, '-' for standard output")
    options = parser.parse_args(arguments)
    if options.markdown == options.html == STANDARD_OUTPUT:
        parser.error("only one of --markdown and --html can go to standard output")
    if options.markdown is None and options.html is None:
        options.markdown = STANDARD_OUTPUT
    return options


def _write(text: str, place: str) -> None:
    if place == STANDARD_OUTPUT:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    else:
        Path(place).write_text(text, encoding="utf-8")


def _refuse(reason: str) -> int:
    line = " ".join(printable(reason).split())
    sys.stderr.write(f"python -m reports: {line}\n")
    return USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())
