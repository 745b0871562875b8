"""Hosts for the tests of this folder: of the running interpreter, and of each one that is found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from harness import processes
from harness.candidates import Candidate, Facts
from harness.deadlines import Deadline
from harness.hosts import Host
from harness.interpreters import OLDEST, Interpreter, describe, installed
from harness.nurseries import Nursery

INTERPRETERS = [each for each in installed() if each.version >= OLDEST]
PATIENCE = 20.0  # seconds for all hosts of a test, on a machine that has other things to do
StartHost = Callable[..., Host]


def stdlib_of(interpreter: Interpreter) -> Candidate:
    """Return the standard library's module of *interpreter* as a candidate, without a probe."""
    facts = Facts(
        version=".".join(map(str, interpreter.version)),
        implementation=interpreter.implementation,
        platform="linux",
        gil=True,
        threads=1,
        threads_before=1,
        file=None,
        names=(),
    )
    return Candidate(
        name=f"stdlib@{interpreter}",
        kind="module",
        target="socketserver",
        paths=(),
        before=None,
        site=False,
        interpreter=interpreter.executable,
        deviations=None,
        facts=facts,
    )


@pytest.fixture(scope="package", autouse=True)
def subreaper() -> None:
    """Adopt what hosts leave behind, as a run of the suite does."""
    processes.become_subreaper()


@pytest.fixture(scope="package")
def nurseries() -> Iterator[Callable[[Interpreter, bool], Nursery]]:
    """Return the nursery of an interpreter: one for all tests of this folder."""
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
