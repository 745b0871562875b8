"""What other machines are like is imitated, and a verdict that depends on it is found."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from harness import conditions
from harness.conditions import CONDITIONS, Comparison, Condition, Ran, compare

Page = Callable[..., tuple[int, list[str]]]

A, B, C = (("mine", test) for test in "abc")
PLAIN = {A: "pass", B: "known deviation", C: "pass"}


def test_the_same_verdicts_are_the_same() -> None:
    assert compare(PLAIN, PLAIN) == Comparison(same=3, unsupported=0, others=())


def test_unsupported_may_take_the_place_of_any_verdict() -> None:
    seen = {**PLAIN, B: "unsupported", C: "unsupported"}

    assert compare(PLAIN, seen) == Comparison(same=1, unsupported=2, others=())


@pytest.mark.parametrize("verdict", ["fail", "inconclusive", "hang", "harness error"])
def test_another_verdict_is_named_with_both(verdict: str) -> None:
    compared = compare(PLAIN, {**PLAIN, A: verdict})

    assert compared == Comparison(same=2, unsupported=0, others=(f"a: pass, here {verdict}",))


def test_a_check_that_was_not_made_is_named() -> None:
    assert compare(PLAIN, {A: "pass", B: "known deviation"}).others == ("c: pass, here no verdict",)


def test_verdicts_are_read_from_the_record(tmp_path: Path) -> None:
    row = {"checks": [{"test": "a", "verdict": "pass"}, {"test": "c", "verdict": "fail"}]}
    (tmp_path / "record.json").write_text(json.dumps({"candidates": [{"name": "mine", "requirements": [row]}]}))

    assert conditions.read(tmp_path / "record.json") == {A: "pass", C: "fail"}
    assert conditions.read(tmp_path / "none.json") == {}


def test_what_a_condition_says_holds_for_the_run_and_its_children(tmp_path: Path) -> None:
    condition = Condition("few files, strict mask", "umask 027\nulimit -n 99\nexport WORD=spoken")
    ask = "import os, resource; print(os.umask(0), resource.getrlimit(resource.RLIMIT_NOFILE), os.environ['WORD'])"

    done = subprocess.run(condition.command([sys.executable, "-c", ask]), capture_output=True, text=True, check=True)

    assert done.stdout == f"{0o27} (99, 99) spoken\n"


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (Condition("a script that fails", "echo first >&2\necho no rights >&2\nfalse"), "no rights"),
        (Condition("no such namespace", namespaces=("nothing",)), "unshare"),
        (Condition("no such locale", "export LC_ALL=none"), "locale.Error: unsupported locale setting"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_condition_that_cannot_be_made_says_why(tmp_path: Path, condition: Condition, reason: str) -> None:
    found = conditions.run(condition, ["--version"], tmp_path)

    assert isinstance(found, str)
    assert reason in found


def test_a_condition_that_a_missing_program_would_make_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert conditions.run(Condition("any", namespaces=("net",)), [], tmp_path) == "there is no unshare"


def test_no_two_conditions_have_the_same_name() -> None:
    assert len({each.name for each in CONDITIONS}) == len(CONDITIONS)


GOOD, BAD, SPOILT = Condition("good"), Condition("bad"), Condition("spoilt", exit_status=3)
IMPOSSIBLE = Condition("impossible")
ENDS: Mapping[Condition, Ran | str] = {
    GOOD: Ran(0, 2.0, {**PLAIN, A: "unsupported"}, ""),
    BAD: Ran(1, 2.0, {**PLAIN, A: "fail"}, "1 failed"),
    SPOILT: Ran(0, 2.0, PLAIN, "3 passed"),
    IMPOSSIBLE: "no rights",
}


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Page:
    """Make the page about some conditions with the ends above; return it with the exit status."""

    def run(condition: Condition, arguments: Sequence[str], folder: Path) -> Ran | str:
        return Ran(0, 1.0, PLAIN, "") if condition.name == "none" else ENDS[condition]

    def make(*chosen: Condition) -> tuple[int, list[str]]:
        monkeypatch.setattr(conditions, "run", run)
        monkeypatch.setattr(conditions, "CONDITIONS", chosen)
        status = conditions.main([])
        return status, capsys.readouterr().out.splitlines()[2:]

    return make


def test_a_page_without_other_verdicts_is_right(page: Page) -> None:
    assert page(GOOD, IMPOSSIBLE) == (
        0,
        [
            "| none | 0 | 1 | 3 | | |",
            "| good | 0 | 2 | 2 | 1 | 0 |",
            "| impossible | | | | | cannot be made here: no rights |",
        ],
    )


def test_a_page_with_another_verdict_names_it(page: Page) -> None:
    status, lines = page(BAD, GOOD)

    assert status == 1
    assert lines[1] == "| bad | 1 | 2 | 2 | 0 | 1 |"
    assert lines[3:] == ["", "bad: a: pass, here fail", "bad: exit status 1: 1 failed"]


def test_a_page_with_another_exit_status_than_the_condition_asks_for_names_it(page: Page) -> None:
    status, lines = page(SPOILT)

    assert (status, lines[-1]) == (1, "spoilt: exit status 0: 3 passed")


def test_a_plain_run_that_fails_compares_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(conditions, "run", lambda *whatever: ENDS[BAD])

    assert conditions.main([]) == 1
    assert capsys.readouterr().err == "the plain run failed: 1 failed\n"
