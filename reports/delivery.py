"""Deliver what a command of this package makes, or say in one line why it cannot."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from reports.printable import printable
from reports.whole import RecordError

STANDARD_OUTPUT = "-"
USAGE_ERROR = 2

Table = TypeVar("Table")


def report(
    program: str,
    reading: tuple[str, str],
    tabulate: Callable[[Sequence[Path]], Table],
    renderers: Mapping[str, Callable[[Table], str]],
    arguments: Sequence[str] | None,
) -> int:
    """Render the records that *arguments* name; return 0, or 2 after one line on stderr about what is wrong.

    *reading* says what *program* does, and what a record is; the first of *renderers* is the usual one.
    """
    options = _options(program, reading, list(renderers), arguments)

    def texts() -> Iterator[tuple[str, str]]:
        table = tabulate(options.records)
        for name, render in renderers.items():
            place = getattr(options, name)
            if place is not None:
                yield place, render(table)

    return _deliver(program, texts)


def _options(
    program: str, reading: tuple[str, str], formats: Sequence[str], arguments: Sequence[str] | None
) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=program, description=reading[0])
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help=reading[1])
    for name in formats:
        parser.add_argument(f"--{name}", metavar="PATH", help=f"write {name} to PATH, '-' for standard output")
    options = parser.parse_args(arguments)
    _choose_places(parser, options, formats)
    return options


def _choose_places(parser: argparse.ArgumentParser, options: argparse.Namespace, formats: Sequence[str]) -> None:
    """Send the first of *formats* to standard output if none was asked for; refuse two of them there."""
    asked = [name for name in formats if getattr(options, name) is not None]
    shown = [f"--{name}" for name in asked if getattr(options, name) == STANDARD_OUTPUT]
    if len(shown) > 1:
        listed = f"{', '.join(shown[:-1])} and {shown[-1]}"
        parser.error(f"only one of {listed} can go to standard output")
    if not asked:
        setattr(options, formats[0], STANDARD_OUTPUT)


def _deliver(program: str, make: Callable[[], Iterable[tuple[str, str]]]) -> int:
    """Write each text that *make* returns, after its place, to that place."""
    try:
        for place, text in make():
            _write(text, place)
    except RecordError as error:
        return _refuse(program, str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or exit would try again
    except OSError as error:
        return _refuse(program, f"{error.filename or 'standard output'}: cannot write: {error.strerror}")
    return 0


def _refuse(program: str, reason: str) -> int:
    line = " ".join(printable(reason).split())
    sys.stderr.write(f"{program}: {line}\n")
    return USAGE_ERROR


def _write(text: str, place: str) -> None:
    if place == STANDARD_OUTPUT:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    else:
        Path(place).write_text(text, encoding="utf-8")
