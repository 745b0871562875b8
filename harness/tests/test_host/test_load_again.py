"""A candidate is loaded once more: it is new as a whole, and just as broken."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.deadlines import Deadline
from harness.host import loading
from harness.hosts import Host
from harness.interpreters import Interpreter
from harness.nurseries import Nursery
from harness.tests.arranging import PATIENCE, stdlib_of
from harness.tests.conftest import StartHost
from harness.tests.test_host import acts


@pytest.mark.parametrize("fresh", [False, True], ids=["fork", "exec"])
def test_a_host_loads_its_candidate_as_if_for_the_first_time(
    start_host: StartHost, this_python: Interpreter, fresh: bool
) -> None:
    host = start_host(this_python, fresh=fresh)

    assert host.call(acts.load_again) == {"name": "socketserver", "same": False, "same class": False, "imported": True}


def test_the_new_copy_has_the_defects_of_the_first(this_python: Interpreter) -> None:
    nursery = Nursery(stdlib_of(this_python))
    host = Host(nursery, Deadline(PATIENCE), (f"{acts.__name__}:spoil",))
    try:
        assert host.call(acts.spoilt_copies) == [True, True]
    finally:
        host.end()
        nursery.close()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Settings of a candidate that has its class from a package of another name."""
    package = tmp_path / "tiny_origin"
    package.mkdir()
    (package / "__init__.py").write_text("from tiny_origin.servers import BaseServer\n")
    (package / "servers.py").write_text("class BaseServer: pass\n")
    (tmp_path / "tiny_front.py").write_text("from tiny_origin import BaseServer\n")
    (tmp_path / "tiny_bystander.py").write_text("")
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield {"kind": "module", "target": "tiny_front", "paths": [str(tmp_path)], "before": None}
    for name in [name for name in sys.modules if name.startswith("tiny_")]:
        del sys.modules[name]


def test_also_the_packages_behind_the_candidate_are_new(settings: dict[str, Any]) -> None:
    first = loading.load(settings)

    again = loading.load_again(settings, first)

    assert again.BaseServer is sys.modules["tiny_origin.servers"].BaseServer
    assert again.BaseServer is not first.BaseServer


def test_modules_that_the_candidate_is_not_made_of_stay(settings: dict[str, Any]) -> None:
    first = loading.load(settings)
    bystander = importlib.import_module("tiny_bystander")

    loading.load_again(settings, first)

    assert sys.modules["tiny_bystander"] is bystander


def test_what_comes_before_the_first_import_is_not_repeated(settings: dict[str, Any]) -> None:
    first = loading.load(settings)

    assert loading.load_again({**settings, "before": "tiny_bystander:is_not_there"}, first) is not first
