"""The host runs on each interpreter of this machine, and brings nothing but the standard library."""

from __future__ import annotations

import os
from typing import Any

import pytest

from harness.hosts import Host
from harness.interpreters import OLDEST, Interpreter, installed
from harness.outcomes import Raised
from harness.tests.conftest import StartHost
from harness.tests.test_host import acts

INTERPRETERS = [each for each in installed() if each.version >= OLDEST]
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**80,
    0.1,
    "text \ud800 ☃",
    b"\x00\xff",
    (1, (b"2", [3])),
    [],
    {"key": {1: b"one", (2, "two"): None}},
)


@pytest.fixture(params=INTERPRETERS, ids=str)
def interpreter(request: pytest.FixtureRequest) -> Interpreter:
    found: Interpreter = request.param
    return found


@pytest.fixture(params=["fork", "exec"])
def any_host(request: pytest.FixtureRequest, start_host: StartHost, interpreter: Interpreter) -> Host:
    return start_host(interpreter, fresh=request.param == "exec")


def test_the_running_interpreter_is_among_those_found(this_python: Interpreter) -> None:
    assert str(this_python) in map(str, INTERPRETERS)


def test_a_host_calls_records_and_waits_at_gates(any_host: Host, interpreter: Interpreter) -> None:
    assert any_host.call(acts.python) == interpreter.version

    waiting = any_host.start(acts.pass_gate, "one")
    any_host.wait_for("gate.wait", gate="one")
    any_host.record("test.opens")
    any_host.release("one", count=1)

    assert waiting.wait() is True
    kinds = [event.kind for event in any_host.history() if event.kind != "call.enter"]
    assert kinds[-4:] == ["gate.wait", "test.opens", "gate.pass", "call.return"]


def test_values_and_exceptions_of_every_kind_cross_the_wire(any_host: Host) -> None:
    assert any_host.call(acts.give_back, *VALUES) == VALUES
    assert [any_host.call(acts.say_type, value) for value in (acts.fail, (1,), b"")] == ["function", "tuple", "bytes"]

    for expression, message in [
        ("ValueError('bad')", "bad"),
        ("SystemExit(3)", "3"),
        ("KeyboardInterrupt()", ""),
        ("UnspeakableError()", "without words"),
    ]:
        with pytest.raises(Raised) as caught:
            any_host.call(acts.fail, expression)
        assert (caught.value.type, caught.value.message) == (expression.partition("(")[0], message)
        assert "BaseException" in caught.value.bases
        assert "in fail" in caught.value.traceback


@pytest.mark.parametrize("thread", [True, False])
def test_a_value_that_cannot_travel_has_an_answer_all_the_same(host: Host, thread: bool) -> None:
    assert host.start(acts.make, "Shy()", thread=thread).wait() == "Shy without a repr"
    assert host.start(acts.make, "object", thread=thread).wait() == "builtins:object"
    assert host.start(acts.make, "1j", thread=thread).wait() == "complex 1j"

    with pytest.raises(Raised, match="RecursionError"):
        host.start(acts.make, "[each.append(each) or each for each in [[]]]", thread=thread).wait()


def test_a_host_loads_the_standard_library_and_its_own_packages_only(any_host: Host) -> None:
    path, library = any_host.call(acts.import_path)
    foreign = {
        name: file
        for name, file in any_host.call(acts.modules).items()
        if file and name.partition(".")[0] not in {"harness", "conformance"} and not _is_inside(file, library)
    }

    assert foreign == {}
    assert [entry for entry in path if "-packages" in entry or entry in ("", os.getcwd())] == []


def _is_inside(file: str, library: str) -> bool:
    return os.path.realpath(file).startswith(os.path.realpath(library) + os.sep)
