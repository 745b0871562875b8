"""What a process holds is seen from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness import vitals


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """Close at the end what a test opens."""
    with ExitStack() as stack:
        yield stack


def test_files_of_the_folder_are_seen(tmp_path: Path) -> None:
    (tmp_path / "left").touch()

    assert vitals.examine(os.getpid(), tmp_path).files == ("left",)


def test_descriptors_are_seen(tmp_path: Path, opened: ExitStack) -> None:
    reader, writer = os.pipe()
    opened.callback(os.close, reader)
    opened.callback(os.close, writer)

    held = vitals.examine(os.getpid(), tmp_path).descriptors

    assert held[reader] == held[writer]
    assert held[reader].startswith("pipe:")


def test_what_has_come_is_growth_and_what_has_gone_is_not() -> None:
    before = vitals.Vitals(threads=1, descriptors={0: "pipe", 1: "pipe"}, children=(7,), zombies=(), files=())
    now = vitals.Vitals(threads=3, descriptors={0: "pipe"}, children=(), zombies=(7, 8), files=("new",))

    assert vitals.growth(before, now) == {"threads": 2, "descriptors": 0, "children": 1}
