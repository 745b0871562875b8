"""A tiny suite comes out right: verdicts, run record, exit status, terminal, with workers and without."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import run
from harness.tests import tiny_suite
from harness.tests.tiny_suite import DEVIATIONS, REQUIREMENTS, VERDICTS, Ran

HARMLESS = ("it-passes", "it-lacks-something", "it-deviates")
DECLARABLE = "it_fails or it_violates or it_crashes or it_leaks or it_passes"


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The suite's run on the bad candidate."""
    folder = tmp_path_factory.mktemp("bad")
    tiny_suite.write(folder)
    (folder / "bad.deviations.toml").write_text(DEVIATIONS)
    return tiny_suite.run(folder, "--impl=bad.py")


# -- every verdict -----------------------------------------------------------------------------------------------------


def test_each_requirement_has_its_verdict(bad: Ran) -> None:
    assert bad.verdicts() == VERDICTS
    assert bad.status == 1
    assert bad.record["result"]["exit"] == 1


def test_the_terminal_counts_them_in_one_line(bad: Ran) -> None:
    line = (
        "bad.py: 2 pass, 1 missing, 1 unsupported, 1 known deviation, 1 inconclusive, 1 unexpected pass, 1 leak,"
        " 3 fail, 1 hang, 1 crash, 1 harness error, 1 not in contract, 1 not selected"
    )

    assert line in bad.output.splitlines()
    assert bad.record["result"]["line"] == line
    assert "7 failed, 4 passed, 3 skipped, 1 deselected, 2 xfailed in" in bad.output


def test_a_good_candidate_passes_with_exit_status_0(inside: Callable[..., Ran]) -> None:
    ran = inside("--impl=good.py")

    assert set(ran.verdicts().values()) == {"pass", "not selected", "not in contract"}
    assert ran.status == 0


@pytest.mark.parametrize("words", ["it-lacks-something", "it-deviates", "it-has-no-class", "it-differs-inside"])
def test_what_excuses_the_candidate_keeps_the_exit_status_0(
    inside: Callable[..., Ran], suite: Path, words: str
) -> None:
    (suite / "bad.deviations.toml").write_text(DEVIATIONS)
    ran = inside("--impl=bad.py", "-k", words.replace("-", "_"))

    assert ran.verdicts()[words] == VERDICTS[words]
    assert ran.status == 0


@pytest.mark.parametrize("words", ["it-is-unclear", "it-errs"])
def test_what_says_nothing_of_the_candidate_is_no_success(inside: Callable[..., Ran], words: str) -> None:
    ran = inside("--impl=bad.py", "-k", words.replace("-", "_"))

    assert ran.verdicts()[words] == VERDICTS[words]
    assert ran.status == 1


def test_a_declared_deviation_that_does_not_happen_alone_fails_the_run(inside: Callable[..., Ran], suite: Path) -> None:
    (suite / "good.deviations.toml").write_text(DEVIATIONS)
    ran = inside("--impl=good.py")

    assert ran.verdicts()["it-recovers"] == "unexpected pass"
    assert ran.verdicts()["it-deviates"] == "unexpected pass"
    assert ran.status == 1


def test_workers_come_to_the_same_record(bad: Ran, inside: Callable[..., Ran], suite: Path) -> None:
    (suite / "bad.deviations.toml").write_text(DEVIATIONS)
    with_workers = inside("--impl=bad.py", "-n", "2")

    assert with_workers.record["environment"]["workers"] == 2
    assert steady(with_workers.record) == steady(bad.record)
    assert with_workers.status == bad.status


def steady(record: dict[str, Any]) -> dict[str, Any]:
    """Return *record* without what differs from run to run: times, numbers of processes, where it is."""
    for column in record["candidates"]:
        column["module"] = Path(column["module"]).name
        for row in column["requirements"]:
            for check in row["checks"]:
                del check["seconds"]
                for key in ("timeline", "stacks", "stderr", "summary", "left_behind", "violations"):
                    if check["evidence"]:
                        check["evidence"][key] = _without_numbers(check["evidence"][key])
    record["environment"]["workers"] = 0
    return {key: value for key, value in record.items() if key not in ("started", "seconds", "command")}


def _without_numbers(value: Any) -> str:
    text = re.sub(r"(0x)?[0-9a-f]*\d[0-9a-f]*", "#", re.sub(r"/tmp/\S*/", "", str(value)))
    return re.sub(r"[ .-]+", " ", text)


# -- what a failure shows ----------------------------------------------------------------------------------------------


def section_of(ran: Ran, words: str) -> str:
    """Return what the terminal shows of one failed check."""
    name = "test_" + words.replace("-", "_")
    return re.split(r"\n_+ test_|\n=+ socketserver conformance =", ran.output.split(f" {name}[bad.py] ", 1)[1])[0]


@pytest.mark.parametrize(
    "words",
    [
        words
        for words, verdict in VERDICTS.items()
        if verdict in ("fail", "crash", "leak") and REQUIREMENTS[words] != "compatibility"
    ],
)
def test_a_failure_shows_all_that_is_known(bad: Ran, words: str) -> None:
    shown = section_of(bad, words)

    assert f" {VERDICTS[words]}: tiny.{words} ({REQUIREMENTS[words]}) " in shown
    assert f"What is tested says that {words}.\nneeded by a program\nhttps://example.org/{words}\n" in shown
    assert "ms CLIENTS" in shown
    assert "call.enter" in bad.evidence(words)["timeline"]
    assert bad.check(words)["repeat"] in shown


def test_a_comparison_shows_both_sides_and_what_the_host_printed(bad: Ran) -> None:
    shown, evidence = section_of(bad, "it-fails"), bad.evidence("it-fails")

    assert "expected: 42\nactual:   41\n" in shown
    assert (evidence["expected"], evidence["actual"]) == ("42", "41")
    assert "thinking about it\n" in shown
    assert evidence["stderr"] == "thinking about it\n"
    assert "stacks in the host" not in shown


def test_violations_show_as_sentences_and_mark_their_events(bad: Ran) -> None:
    shown, evidence = section_of(bad, "it-violates"), bad.evidence("it-violates")

    assert evidence["summary"] == "the answer was given too soon"
    [violation] = evidence["violations"]
    assert violation["events"][0].startswith("call.enter call=#4 name=answer")
    assert [line for line in shown.splitlines() if line.startswith("> ") and "call.enter" in line]


def test_a_hang_shows_the_stacks_once(bad: Ran) -> None:
    shown = section_of(bad, "it-hangs")

    assert "in deadlocks" in bad.evidence("it-hangs")["stacks"]
    assert shown.count(" in deadlocks") == 1


def test_a_leak_shows_what_was_left_and_not_the_inside_of_pytest(bad: Ran) -> None:
    shown = section_of(bad, "it-leaks")

    [left] = bad.evidence("it-leaks")["left_behind"]
    assert left in shown
    assert "_pytest" not in shown


def test_a_declared_deviation_is_shown_with_its_reason(bad: Ran) -> None:
    assert "    declared: nobody is perfect https://example.org/1" in bad.output
    told = "declared, but it did not happen: it was ill https://example.org/2 (bad.deviations.toml, entry 2)"
    assert f"    {told}" in bad.output


@pytest.mark.parametrize(
    "options", [(), ("--seed=7", "--fresh", "--contract=3.9", "--deadline=9")], ids=["plain", "with options"]
)
def test_the_repeat_command_repeats_that_check(inside: Callable[..., Ran], options: tuple[str, ...]) -> None:
    first = inside("--impl=bad.py", "-k", "it_fails or it_violates", *options)
    check, record = first.check("it-fails"), first.record
    pytest_itself, *words = shlex.split(check["repeat"])
    again = inside(*words)

    assert pytest_itself == "pytest"
    assert again.record["footer"]["checks"] == 1
    assert again.check("it-fails")["test"] == check["test"]
    assert again.evidence("it-fails")["fingerprint"] == check["evidence"]["fingerprint"]
    for key in ("seed", "level"):
        assert again.record[key] == record[key]
    for key in ("contract", "start"):
        assert again.record["candidates"][0][key] == record["candidates"][0][key]


def test_the_repeat_command_is_for_where_the_run_was_called(suite: Path, inside: Callable[..., Ran]) -> None:
    elsewhere = suite / "suite" / "tiny"
    (elsewhere / "bad.py").write_text((suite / "bad.py").read_text())
    os.chdir(elsewhere)
    inside("--impl=bad.py", "-k", "it_fails")
    ran = Ran(1, "", elsewhere)

    assert ran.check("it-fails")["repeat"] == "pytest 'test_tiny.py::test_it_fails[bad.py]' --impl=bad.py"


def test_what_calls_pytest_for_a_user_says_how_it_was_called(inside: Callable[..., Ran]) -> None:
    ran = inside("--called-as=judge it", "--impl=bad.py", "-k", "it_fails")

    assert ran.check("it-fails")["repeat"] == "judge it 'suite/tiny/test_tiny.py::test_it_fails[bad.py]' --impl=bad.py"
    assert ran.record["command"] == ["judge", "it", "--impl=bad.py", "-k", "it_fails"]


def test_a_record_that_cannot_be_written_is_refused_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    with pytest.raises(pytest.UsageError, match=f"^--run-record={tmp_path}/new: no file can be written in {tmp_path}$"):
        run._check_record(tmp_path / "new")


# -- choosing ----------------------------------------------------------------------------------------------------------


def test_two_candidates_are_judged_side_by_side(inside: Callable[..., Ran]) -> None:
    ran = inside("--impl=good.py", "--impl=bad.py", "-k", "it_fails or it_passes")

    assert [column["name"] for column in ran.record["candidates"]] == ["good.py", "bad.py"]
    assert [ran.verdicts(number)["it-fails"] for number in (0, 1)] == ["pass", "fail"]
    assert ran.record["footer"]["checks"] == 4
    assert "candidate: good.py (CPython" in ran.output
    assert "candidate: bad.py (CPython" in ran.output
    assert ran.status == 1


def test_compatibility_decides_when_it_is_asked_for(inside: Callable[..., Ran]) -> None:
    ran = inside("--impl=bad.py", "-k", "it_differs_inside", "--level=compatibility")

    assert ran.verdicts()["it-differs-inside"] == "fail"
    assert ran.status == 1


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (("--requirement=tiny.it-passes",), {"it-passes"}),
        (("--requirement=tiny.it-p*", "--requirement=*-deviates"), {"it-passes", "it-deviates"}),
        (("-k", "tiny.it-passes"), {"it-passes"}),
        (("-k", "tiny.it-passes or tiny.it-deviates"), {"it-passes", "it-deviates"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_checks_are_chosen_by_the_id_of_their_requirement(
    inside: Callable[..., Ran], options: tuple[str, ...], chosen: set[str]
) -> None:
    ran = inside("--impl=good.py", *options)

    assert {words for words, verdict in ran.verdicts().items() if verdict == "pass"} == chosen
    assert ran.status == 0


@pytest.mark.parametrize(("level", "left_out"), [("must", 3), ("should", 2), ("may", 1), ("compatibility", 0)])
def test_a_level_leaves_out_what_is_below_and_counts_it(inside: Callable[..., Ran], level: str, left_out: int) -> None:
    ran = inside("--impl=good.py", f"--level={level}")

    untested = [words for words, verdict in ran.verdicts().items() if verdict == "not selected"]
    assert len(untested) == left_out + 1
    assert ran.record["level"] == level
    assert ran.status == 0


def test_a_contract_decides_what_is_in_force(inside: Callable[..., Ran]) -> None:
    ran = inside("--impl=good.py", "--contract=9.9", "-k", "tomorrow")

    assert ran.verdicts()["it-is-of-tomorrow"] == "fail"
    assert ran.record["candidates"][0]["contract"] == "9.9"


def test_fresh_hosts_come_to_the_same_verdicts(inside: Callable[..., Ran]) -> None:
    ran = inside("--impl=bad.py", "--fresh", "-k", "it_fails or it_passes or it_crashes")

    assert [ran.verdicts()[words] for words in ("it-passes", "it-fails", "it-crashes")] == ["pass", "fail", "crash"]
    assert ran.record["candidates"][0]["start"] == "exec"


def test_tests_that_name_no_requirement_are_not_judged(inside: Callable[..., Ran], suite: Path) -> None:
    (suite / "test_else.py").write_text("def test_nothing():\n    pass\n")
    ran = inside("--impl=good.py", "test_else.py", "suite")

    assert ran.status == 0
    assert re.search(r"^test_else.py \.", ran.output, re.MULTILINE)
    assert "test_nothing" not in (suite / "run-record.json").read_text()


# -- known deviations --------------------------------------------------------------------------------------------------


def test_updated_deviations_make_the_next_run_green(inside: Callable[..., Ran], suite: Path) -> None:
    first = inside("--impl=bad.py", "-k", DECLARABLE, "--update-deviations")
    declared = (suite / "bad.deviations.toml").read_text()
    second = inside("--impl=bad.py", "-k", DECLARABLE, "--update-deviations")

    assert first.status == 1
    assert "bad.deviations.toml: 4 added, 0 refreshed, 0 removed" in first.output
    assert second.status == 0
    assert "bad.deviations.toml: 0 added, 0 refreshed, 0 removed" in second.output
    assert (suite / "bad.deviations.toml").read_text() == declared
    found = second.verdicts()
    assert [found[words] for words in ("it-fails", "it-violates", "it-crashes", "it-leaks")] == ["known deviation"] * 4
    assert found["it-passes"] == "pass"


def test_a_deviation_that_fails_in_another_way_is_no_excuse(inside: Callable[..., Ran], suite: Path) -> None:
    inside("--impl=bad.py", "-k", "it_fails", "--update-deviations")
    file = suite / "suite" / "tiny" / "test_tiny.py"
    file.write_text(file.read_text().replace('server.call("answer") == 42', 'server.call("answer") == "forty-two"'))
    ran = inside("--impl=bad.py", "-k", "it_fails")

    assert ran.verdicts()["it-fails"] == "fail"
    assert "bad.deviations.toml, entry 1 does not count: it declares another fail: " in ran.output


def test_another_file_of_deviations_can_be_named(inside: Callable[..., Ran], suite: Path) -> None:
    (suite / "mine.toml").write_text(DEVIATIONS)
    ran = inside("--impl=bad.py", "-k", "it_deviates", "--deviations=mine.toml")

    assert ran.verdicts()["it-deviates"] == "known deviation"
    assert ran.status == 0


def test_an_exploration_draws_a_new_seed_and_says_how_to_repeat_it(suite: Path) -> None:
    ran = tiny_suite.run(suite, "--impl=bad.py", "--explore", "-k", "it_fails")

    seed = ran.record["seed"]
    assert seed != tiny_suite.run(suite, "--impl=bad.py", "--explore", "-k", "it_fails").record["seed"]
    assert f"seed {seed})" in ran.output
    assert f"--seed={seed} --explore" in ran.output


def test_workers_explore_with_the_seed_that_the_record_names(suite: Path) -> None:
    ran = tiny_suite.run(suite, "--impl=bad.py", "--explore", "-n", "2", "-k", "it_fails")

    assert f"--seed={ran.record['seed']} --explore" in ran.check("it-fails")["repeat"]


def test_an_exploration_with_a_seed_repeats_another(suite: Path) -> None:
    assert tiny_suite.run(suite, "--impl=good.py", "--explore", "--seed=5", "-k", "it_passes").record["seed"] == 5
