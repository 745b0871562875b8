"""Hosts for the tests of what runs in them, and of what watches them; and a tiny suite for those of the plugin."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from harness import processes, run
from harness.deadlines import Deadline
from harness.hosts import Host
from harness.interpreters import Interpreter, describe
from harness.nurseries import Nursery
from harness.tests import tiny_suite
from harness.tests.arranging import PATIENCE, stdlib_of
from harness.tests.tiny_suite import Ran

PLUGINS = ("-p", "harness.plugin", "-p", "no:cacheprovider")


class StartHost(Protocol):
    """Starts a host of an interpreter, by fork or as a fresh interpreter."""

    def __call__(self, interpreter: Interpreter, *, fresh: bool = False) -> Host: ...


@pytest.fixture(scope="module")
def nurseries() -> Iterator[Callable[[Interpreter, bool], Nursery]]:
    """Return the nursery of an interpreter: one for all tests of a module, gone before the next."""
    processes.become_subreaper()
    found: dict[tuple[str, bool], Nursery] = {}

    with ExitStack() as at_end:

        def nursery(interpreter: Interpreter, fresh: bool) -> Nursery:
            key = interpreter.executable, fresh
            if key not in found:
                found[key] = Nursery(stdlib_of(interpreter), fresh=fresh)
                at_end.callback(found[key].close)
            return found[key]

        yield nursery


@pytest.fixture
def start_host(nurseries: Callable[[Interpreter, bool], Nursery]) -> Iterator[StartHost]:
    """Start a host of an interpreter, by fork or fresh; all end with the test, and may leave nothing."""
    with ExitStack() as at_end:

        def start(interpreter: Interpreter, *, fresh: bool = False) -> Host:
            host = Host(nurseries(interpreter, fresh), Deadline(PATIENCE))
            at_end.callback(host.end)
            return host

        yield start


@pytest.fixture
def this_python() -> Interpreter:
    """The interpreter that runs this test."""
    found = describe(sys.executable)
    assert found is not None
    return found


@pytest.fixture
def host(start_host: StartHost, this_python: Interpreter) -> Host:
    """A host of the running interpreter, started by fork."""
    return start_host(this_python)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder with the suite and its candidates."""
    tiny_suite.write(tmp_path)
    return tmp_path


@pytest.fixture
def inside(suite: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run the suite in this process, which is quick."""
    monkeypatch.setattr(run, "CONFORMANCE", run.CONFORMANCE)  # the suite's conftest.py replaces it
    monkeypatch.chdir(suite)
    monkeypatch.setenv("COLUMNS", "150")

    def run_inside(*options: str) -> Ran:
        result = pytester.runpytest_inprocess(f"--rootdir={suite}", *PLUGINS, *options)
        return Ran(int(result.ret), f"{result.stdout.str()}\n{result.stderr.str()}", suite)

    pytester.chdir = lambda: None  # type: ignore[method-assign]
    return run_inside
