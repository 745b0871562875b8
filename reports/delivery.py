"""Deliver what a command of this package makes, or say in one line why it cannot."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from reports.printable import printable
from reports.whole import RecordError

STANDARD_OUTPUT = "-"
USAGE_ERROR = 2

Wanted = tuple[str, str]  # the place, the text


def add_places(parser: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    """Let *parser* know one option a format that names the place to write it to."""
    for name in formats:
        parser.add_argument(f"--{name}", metavar="PATH", help=f"write {name} to PATH, '-' for standard output")


def choose_places(parser: argparse.ArgumentParser, options: argparse.Namespace, formats: Sequence[str]) -> None:
    """Send the first of *formats* to standard output if none was asked for; refuse two of them there."""
    asked = [name for name in formats if getattr(options, name) is not None]
    shown = [f"--{name}" for name in asked if getattr(options, name) == STANDARD_OUTPUT]
    if len(shown) > 1:
        listed = f"{', '.join(shown[:-1])} and {shown[-1]}"
        parser.error(f"only one of {listed} can go to standard output")
    if not asked:
        setattr(options, formats[0], STANDARD_OUTPUT)


def deliver(program: str, make: Callable[[], Iterable[Wanted]]) -> int:
    """Write each text that *make* returns to its place; return the exit status of *program*.

    That is 0, or 2 after one line on stderr about a record that is not whole or a place that cannot
    be written.
    """
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
