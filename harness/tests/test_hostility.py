"""No check errs itself, whatever the methods of a candidate do."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from harness import defects
from harness.host.twisting import METHODS, TWISTS, WAYS

ROOT = Path(__file__).resolve().parent.parent.parent
DRAWN_SHARE = 0.005  # of the pairs of a twist and a check


def a_module() -> ModuleType:
    class Server:
        def fileno(self) -> int:
            print("three")  # noqa: T201 - it is what a twist must keep silent
            return 3

    module = ModuleType("a_module")
    module.TCPServer = Server  # type: ignore[attr-defined]
    return module


def test_every_method_has_every_twist() -> None:
    names = [each.name for each in defects.twists()]

    assert len(names) == len(set(names)) == sum(map(len, METHODS.values())) * len(WAYS)


@pytest.mark.parametrize(("way", "outcome"), [("is_emptied", "None"), ("raises", "Nonsense"), ("is_silent", "3")])
def test_a_twist_changes_one_method(way: str, outcome: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = a_module()

    getattr(TWISTS.TCPServer.fileno, way)(module)

    try:
        seen = repr(module.TCPServer().fileno())
    except Exception as error:  # noqa: BLE001 - which one it is, is the question
        seen = type(error).__name__
    assert seen == outcome
    assert capsys.readouterr().out == ""


def test_nonsense_comes_after_the_work_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    module = a_module()

    TWISTS.TCPServer.fileno.returns_nonsense(module)

    assert isinstance(module.TCPServer().fileno(), dict)
    assert capsys.readouterr().out == "three\n"


def test_a_candidate_without_the_method_stays_as_it_is() -> None:
    module = SimpleNamespace(TCPServer=object)

    TWISTS.TCPServer.get_request.raises(module)
    TWISTS.UDPServer.get_request.raises(module)

    assert vars(module) == {"TCPServer": object}


@pytest.mark.timeout(600)  # it is hundreds of checks, each with its own deadline
def test_no_check_errs_with_one_drawn_twist_of_each_method(tmp_path: Path) -> None:
    draw = random.Random(1)
    chosen = [
        f"--defect={owner}.{method}.{draw.choice(list(WAYS))}"
        for owner, methods in METHODS.items()
        for method in methods
    ]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-n", "2", "--defects=hostile", *chosen]
    command += ["--impl=reference_impl", f"--sample={DRAWN_SHARE}", f"--run-record={tmp_path / 'record.json'}"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 harness errors" in done.stdout
