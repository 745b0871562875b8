"""Every mistake of use is one line and exit status 4, serial and with workers, whatever files are given together."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import records
from harness.tests.tiny_suite import DEVIATIONS, Ran


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--impl=nothing.here",), "--impl=nothing.here: No module named 'nothing'"),
        (("--impl=there_is_none.py",), "--impl=there_is_none.py: there is no such file"),
        (("--impl=good.py", "--impl=good.py"), "--impl=good.py is given 2 times; once was expected"),
        (("--impl=good.py", "--contract=x"), "--contract=x: not a Python version; expected one like 3.12"),
        (("--impl=good.py", "--deviations=none.toml"), "--deviations=none.toml: there is no such file"),
        (("--impl=good.py", "--run-record=no/such.json"), "--run-record=no/such.json: there is no folder no"),
        (("--impl=good.py", "--run-record=."), "--run-record=.: a file was expected, this is a folder"),
        (("--run-record=no/such.json", "good.py"), "--run-record=no/such.json: there is no folder no"),
        (("--contract=x", "good.py"), "--contract=x: not a Python version; expected one like 3.12"),
        (("--deviations=none.toml", "good.py"), "--deviations=none.toml: there is no such file"),
        (("--before=x", "good.py"), "--impl=stdlib: before=x: module:callable was expected"),
        (("--impl=",), "--impl=: no candidate; a known name, a module or a path was expected"),
        (("--impl=good.py", "--level=x"), "--level=x: expected one of must, should, may"),
        (("--impl=good.py", "--deadline=0"), "--deadline=0: no time; expected seconds, more than 0"),
        (("--impl=good.py", "--deadline=soon"), "--deadline=soon: no time; expected seconds"),
        (("--impl=good.py", "--deadline=inf"), "--deadline=inf: no time; expected seconds"),
        (("--impl=good.py", "--seed=x"), "--seed=x: no whole number"),
        (("--impl=good.py", "--defects=x"), "--defects=x: expected one of own, others"),
        (
            ("--impl=good.py", "--defect=tiny.*"),
            "--defect=tiny.*: chooses among the defects of --defects; give that, too",
        ),
        (("--impl=good.py", "--defects", "--defect=x"), "--defect=x: no defect has such a name; expected one like"),
        (("--impl=good.py", "--sample=0.5"), "--sample is for --defects=others and --defects=hostile: give one"),
        (("--impl=good.py", "--defects=others", "--sample=2"), "--sample=2: no share; expected a number from 0 to 1"),
        (
            ("--impl=good.py", "--requirement=tiny.it-was"),
            "--requirement=tiny.it-was: no requirement has such an id; expected one like ordering.*",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_one_line_and_exit_status_4(
    inside: Callable[..., Ran], options: tuple[str, ...], line: str
) -> None:
    ran = inside(*options)

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    [error] = [shown for shown in ran.output.splitlines() if line in shown]
    assert re.match(r"ERROR: |.*: error: ", error)
    assert "Traceback" not in ran.output
    assert not (ran.folder / "run-record.json").exists()


NOTHING_LEFT = "nothing would be checked: none of the {} checks found is chosen and in force"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("-k", "nothing"), NOTHING_LEFT.format(17)),
        (("-k", "nothing", "-n", "2"), NOTHING_LEFT.format(17)),
        (("--requirement=tiny.it-fails", "-k", "passes"), NOTHING_LEFT.format(17)),
        (("--requirement=tiny.it-is-of-tomorrow",), NOTHING_LEFT.format(17)),
        (("test_else.py",), "nothing would be checked: there is no check in test_else.py"),
        (("nowhere",), "file or directory not found: nowhere"),
        (("nowhere", "-n", "2"), "file or directory not found: nowhere"),
        (("test_else.py::test_nowhere",), "not found: "),
        (("--contract=abc", "-n", "2"), "--contract=abc: not a Python version; expected one like 3.12"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_run_that_would_check_nothing_is_one_line_and_exit_status_4(
    inside: Callable[..., Ran], suite: Path, options: tuple[str, ...], line: str
) -> None:
    (suite / "test_else.py").write_text("def test_something():\n    pass\n")
    ran = inside("--impl=good.py", *options)

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert [shown for shown in ran.output.splitlines() if shown.startswith("ERROR: ")] == [
        shown for shown in ran.output.splitlines() if line in shown
    ]
    assert "passed" not in ran.output
    assert not (suite / "run-record.json").exists()


def test_a_list_of_checks_may_be_empty(inside: Callable[..., Ran]) -> None:
    ran = inside("--impl=good.py", "-k", "nothing", "--collect-only")

    assert ran.status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "ERROR" not in ran.output


@pytest.mark.parametrize("option", ["--help", "--markers"])
def test_a_question_about_pytest_asks_no_candidate(inside: Callable[..., Ran], option: str) -> None:
    ran = inside("--impl=nothing.here", option)

    assert ran.status == 0
    assert "requirement" in ran.output


def test_a_requirement_that_is_named_without_an_id_is_one_line(inside: Callable[..., Ran], suite: Path) -> None:
    (suite / "test_else.py").write_text("import pytest\n@pytest.mark.requirement()\ndef test_it():\n    pass\n")
    ran = inside("--impl=good.py", "test_else.py")

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: no requirement of the catalogue: ''" in ran.output


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[deviation]\n", "bad.deviations.toml: "),
        (DEVIATIONS.replace("it-recovers", "it-recover"), "bad.deviations.toml, entry 2: unknown requirement"),
        (DEVIATIONS.replace('link = "https://example.org/1"\n', ""), "bad.deviations.toml, entry 1: no link"),
    ],
    ids=["no TOML", "unknown requirement", "no link"],
)
def test_a_broken_file_of_deviations_is_one_line(inside: Callable[..., Ran], suite: Path, text: str, line: str) -> None:
    (suite / "bad.deviations.toml").write_text(text)
    ran = inside("--impl=bad.py")

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert len([shown for shown in ran.output.splitlines() if line in shown]) == 1
    assert len(ran.output.splitlines()) <= 2


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_test_of_an_unknown_requirement_is_one_line(
    inside: Callable[..., Ran], suite: Path, options: tuple[str, ...]
) -> None:
    file = suite / "suite" / "tiny" / "test_tiny.py"
    file.write_text(file.read_text().replace("tiny.it-fails", "tiny.it-falls"))
    ran = inside("--impl=good.py", *options)

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert len([shown for shown in ran.output.splitlines() if "tiny.it-falls" in shown]) == 1
    assert "Traceback" not in ran.output


def test_a_record_that_cannot_be_written_is_said_and_no_success(
    inside: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(records, "write", refuse)

    ran = inside("--impl=good.py", "-k", "it_passes")

    assert ran.status == 1
    assert "the run record was not written: " in ran.output
