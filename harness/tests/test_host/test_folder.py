"""A test's folder is where temporary files belong, as long as Unix sockets can be bound there."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

import pytest

from harness.hosts import Host
from harness.interpreters import Interpreter
from harness.tests.conftest import StartHost


def folder_with_temporary_files_in(place: Path, start: StartHost, python: Interpreter) -> Path:
    place.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(place))
        host: Host = start(python)
    return host.folder


def test_it_is_among_the_temporary_files(start_host: StartHost, this_python: Interpreter) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        place = Path(short) / "here"

        assert folder_with_temporary_files_in(place, start_host, this_python).parent == place


def test_it_is_elsewhere_if_its_path_were_too_long_for_a_socket(
    tmp_path: Path, start_host: StartHost, this_python: Interpreter
) -> None:
    place = tmp_path / ("long" * 25)

    folder = folder_with_temporary_files_in(place, start_host, this_python)

    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / "client-123456"))
