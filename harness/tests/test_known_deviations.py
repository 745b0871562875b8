"""Known deviations from end to end: a run, its update, and the next run of the same command."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.deviations import UNEXPLAINED
from harness.tests import tiny_suite
from harness.tests.tiny_suite import Ran

REQUIREMENTS = """
[it-has-many-faults]
level = "must"
basis = "documented"
says = "Nothing is wrong with it."
source = "https://example.org/faults"

[it-is-well]
level = "must"
basis = "documented"
says = "It is well."
source = "https://example.org/well"

[it-has-such-names]
level = "compatibility"
basis = "insides"
says = "It has these names."
source = "https://example.org/names"
"""
TESTS = """
import pytest
from harness.checks.verdict import Inconclusive
from harness.marks import requirement

@pytest.fixture
def server(serve):
    return serve("Server", None, loop=False)

@requirement("tiny.it-has-many-faults")
@pytest.mark.parametrize("way", ["passes", "is_bad", "deadlocks", "exits", "leaves_a_child", "nothing"])
def test_it_has_many_faults(server, way):
    is_bad = server.call("is_bad")
    if way == "nothing" and is_bad:
        raise Inconclusive("nobody was served")
    if way == "is_bad":
        assert not is_bad
    elif way != "passes":
        server.call(way)

@requirement("tiny.it-is-well")
def test_it_is_well(server):
    server.call("answer")

@requirement("tiny.it-has-such-names")
def test_it_has_such_names(server):
    assert not server.call("is_bad")
"""
GOOD = tiny_suite.GOOD.replace("leaves_a_child = is_bad", "leaves_a_child = nothing = is_bad")
ENTRY = """
[[deviation]]
requirement = "tiny.it-is-well"
reason = "it was ill"
link = "https://example.org/1"
"""
FAULTY = ENTRY.replace("it-is-well", "it-has-many-faults")
PROBES = """
from harness.platform_probes import PROBES

PROBES["it-rains"] = lambda facts: {rains}
"""
SOME = ("-k", "passes or is_bad")  # those faults that show quickly


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder with the tiny suite, in which one requirement can be broken in many ways."""
    tiny_suite.write(tmp_path)
    area = tmp_path / "suite" / "tiny"
    (area / "requirements.toml").write_text(REQUIREMENTS)
    (area / "test_tiny.py").write_text(TESTS)
    (tmp_path / "good.py").write_text(GOOD)
    return tmp_path


def said(ran: Ran) -> list[str]:
    """Return what the end of the run says of updates."""
    lines = ran.output.splitlines()
    return [line for line in lines if " added, " in line or "not declared: " in line]


# -- the update leads to a run that leaves with 0 ----------------------------------------------------------------------


def test_all_ways_to_fail_are_declared_and_the_next_run_leaves_with_0(suite: Path) -> None:
    first = tiny_suite.run(suite, "--impl=bad.py", "--update-deviations", "-n", "2")
    declared = (suite / "bad.deviations.toml").read_text()
    second = tiny_suite.run(suite, "--impl=bad.py")

    assert (first.status, second.status) == (1, 0)
    assert said(first) == ["bad.deviations.toml: 1 added, 0 refreshed, 0 removed"]
    assert 'verdicts = ["inconclusive", "leak", "fail", "hang", "crash"]' in declared
    assert f'reason = "{UNEXPLAINED}"' in declared
    assert second.verdicts()["it-has-many-faults"] == "known deviation"


def test_what_only_compatibility_asks_for_is_declared_where_it_decides(suite: Path) -> None:
    command = ("--impl=bad.py", "--level=compatibility", "-k", "names")
    without = tiny_suite.run(suite, "--impl=bad.py", "-k", "names", "--update-deviations")
    first = tiny_suite.run(suite, *command, "--update-deviations")

    assert (without.status, first.status, tiny_suite.run(suite, *command).status) == (0, 1, 0)
    assert said(without) == ["bad.deviations.toml: 0 added, 0 refreshed, 0 removed"]
    assert said(first) == ["bad.deviations.toml: 1 added, 0 refreshed, 0 removed"]


def test_what_cannot_be_declared_is_said_with_the_reason(suite: Path) -> None:
    (suite / "bad.deviations.toml").write_text(FAULTY + "expires = 2020-01-01\n")
    ran = tiny_suite.run(suite, "--impl=bad.py", "--update-deviations", *SOME)

    assert ran.status == 1
    assert said(ran) == [
        "bad.deviations.toml: 0 added, 0 refreshed, 0 removed",
        ("  not declared: 1 check of tiny.it-has-many-faults: bad.deviations.toml, entry 1 expired on 2020-01-01"),
    ]


# -- what does not count says why --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("expires = 2020-01-01", "it expired on 2020-01-01"),
        ('verdicts = ["hang", "crash"]', "it declares hang or crash, not fail"),
        ('fingerprints = ["0123456789ab"]', "it declares another fail: 0123456789ab, not "),
        ("when = \"python_version < '3'\"", 'it is for others, where python_version < "3"'),
        ('where = ["free-threaded"]', "it is for others, where free-threaded"),
    ],
)
def test_an_entry_that_does_not_count_says_why_beside_the_failure_and_in_the_summary(
    suite: Path, entry: str, why: str
) -> None:
    (suite / "bad.deviations.toml").write_text(FAULTY + entry + "\n")
    ran = tiny_suite.run(suite, "--impl=bad.py", *SOME)

    told = f"bad.deviations.toml, entry 1 does not count: {why}"
    section, summary = [line for line in ran.output.splitlines() if told in line]
    assert ran.status == 1
    assert section.startswith("bad.deviations.toml")
    assert summary.startswith("    not excused: ")


def test_any_of_several_entries_excuses(suite: Path) -> None:
    (suite / "bad.deviations.toml").write_text(
        FAULTY + 'verdicts = ["hang"]\n' + FAULTY.replace("it was ill", "it is ill")
    )
    ran = tiny_suite.run(suite, "--impl=bad.py", *SOME)

    assert ran.status == 0
    assert "    declared: it is ill https://example.org/1" in ran.output.splitlines()


# -- conditions on the platform ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("candidate", "rains", "verdict"),
    [
        ("bad.py", True, "known deviation"),
        ("bad.py", False, "fail"),
        ("good.py", False, "pass"),
        ("good.py", True, "unexpected pass"),
    ],
)
def test_what_depends_on_the_platform_is_excused_there_and_has_to_pass_elsewhere(
    suite: Path, candidate: str, rains: bool, verdict: str
) -> None:
    with (suite / "conftest.py").open("a") as file:
        file.write(PROBES.format(rains=rains))
    test = suite / "suite" / "tiny" / "test_tiny.py"
    test.write_text(test.read_text().replace(', "deadlocks", "exits", "leaves_a_child", "nothing"', ""))
    (suite / "mine.toml").write_text(FAULTY + 'where = ["it-rains"]\n')
    ran = tiny_suite.run(suite, f"--impl={candidate}", "--deviations=mine.toml")

    assert ran.verdicts()["it-has-many-faults"] == verdict
    assert ran.status == (verdict not in ("known deviation", "pass"))


# -- inherited ---------------------------------------------------------------------------------------------------------


def test_a_candidate_may_inherit_what_another_is_known_to_break(suite: Path) -> None:
    shutil.copy(suite / "bad.py", suite / "heir.py")
    (suite / "bad.deviations.toml").write_text(ENTRY + FAULTY)
    (suite / "heir.deviations.toml").write_text('inherit = "bad.deviations.toml"\n')
    test = suite / "suite" / "tiny" / "test_tiny.py"
    test.write_text(test.read_text().replace(', "deadlocks", "exits", "leaves_a_child", "nothing"', ""))
    first = tiny_suite.run(suite, "--impl=heir.py", "--update-deviations")
    first_verdict = first.verdicts()["it-is-well"]
    second = tiny_suite.run(suite, "--impl=heir.py")

    assert first_verdict == "unexpected pass"
    assert said(first) == ["heir.deviations.toml: 0 added, 0 refreshed, 0 removed, 1 not inherited"]
    assert "[[not-inherited]]" in (suite / "heir.deviations.toml").read_text()
    assert (suite / "bad.deviations.toml").read_text() == ENTRY + FAULTY
    assert (first.status, second.status) == (1, 0)
    assert second.verdicts()["it-has-many-faults"] == "known deviation"


# -- what a run of some checks cannot say ------------------------------------------------------------------------------


def test_a_run_that_was_interrupted_says_nothing_of_what_did_not_happen(suite: Path) -> None:
    (suite / "good.deviations.toml").write_text(ENTRY)
    test = suite / "suite" / "tiny" / "test_tiny.py"
    test.write_text(
        test.read_text().replace("    assert not server", "    raise KeyboardInterrupt\n    assert not server")
    )
    ran = tiny_suite.run(suite, "--impl=good.py", "--update-deviations")

    assert ran.status == pytest.ExitCode.INTERRUPTED
    assert ran.verdicts()["it-is-well"] == "pass"
    assert (suite / "good.deviations.toml").read_text() == ENTRY


def test_a_flaky_deviation_may_pass_and_is_left_alone(suite: Path) -> None:
    flaky = ENTRY + 'flaky = { cause = "weather", script = "docs/findings/rain.py", rate = "1 of 9" }\n'
    (suite / "good.deviations.toml").write_text(flaky)
    ran = tiny_suite.run(suite, "--impl=good.py", "--update-deviations")

    assert ran.status == 0
    assert ran.verdicts()["it-is-well"] == "pass"
    assert (suite / "good.deviations.toml").read_text() == flaky


# -- files that cannot be updated --------------------------------------------------------------------------------------


def test_a_file_in_no_folder_is_one_line_before_the_run(suite: Path) -> None:
    ran = tiny_suite.run(suite, "--impl=bad.py", "--update-deviations", "--deviations=no/such.toml")

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert ran.errors() == ["ERROR: --deviations=no/such.toml: there is no folder no"]


def test_a_file_that_cannot_be_written_is_said_and_no_success(suite: Path) -> None:
    (suite / "good.deviations.toml.new").mkdir()
    (suite / "good.deviations.toml").write_text(ENTRY)
    ran = tiny_suite.run(suite, "--impl=good.py", "--update-deviations")

    assert ran.status == 1
    assert "the known deviations of good.py were not updated: [Errno 21] Is a directory: " in ran.output
    assert "Traceback" not in ran.output
