"""Versions of Python as numbers, so that 3.10 comes after 3.9."""

from __future__ import annotations

import re

VERSION = re.compile(r"\d+(\.\d+)+")  # a Python version that decides anything has a minor number
_NUMBERS = re.compile(r"\d+(\.\d+)*")


def numbers(version: str) -> tuple[int, ...]:
    """Return "3.12" as (3, 12); ValueError, one line, when *version* is none."""
    if not _NUMBERS.fullmatch(version):
        raise ValueError(f"{version!r} is no Python version; expected one like '3.12'")
    return tuple(int(number) for number in version.split("."))
