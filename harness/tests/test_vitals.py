"""What a process holds is seen from outside."""

from __future__ import annotations

import os
import socket
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


def test_sockets_that_accept_are_seen(tmp_path: Path, opened: ExitStack) -> None:
    inet = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
    unix = opened.enter_context(socket.socket(socket.AF_UNIX))
    path = f"/tmp/{os.getpid()}-vitals"  # short enough for a Unix socket, whatever tmp_path is
    opened.callback(os.unlink, path)
    unix.bind(path)
    unix.listen()
    opened.enter_context(socket.socket(socket.AF_UNIX))  # and one that does not

    listening = vitals.examine(os.getpid(), tmp_path).listening

    assert f"127.0.0.1:{inet.getsockname()[1]}" in listening
    assert path in listening


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


def test_where_the_kernel_lists_no_unix_sockets_none_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "UNIX_SOCKETS", tmp_path / "none")

    assert vitals.examine(os.getpid(), tmp_path).threads >= 1
