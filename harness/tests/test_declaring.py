"""Updating a file of known deviations: what is added, refreshed, removed, and what stays as people wrote it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from harness.declaring import Finding, update
from harness.deviation_files import DeviationError, read
from harness.deviations import UNEXPLAINED, Ending, excuse
from harness.tests.arranging import facts_of
from harness.verdicts import Verdict, fails_run, worst

KNOWN = {"waiting.joins-threads", "waiting.reaps-children", "streams.whole-writes"}
TODAY = date(2026, 11, 25)
FACTS = facts_of("3.8.18")
A, B, C = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"

SHORT = """
[[deviation]]
requirement = "waiting.joins-threads"
reason = "it does not wait"
link = "gh-1234"
"""
PASS = Ending("pass")


def joins(*endings):
    """Return what was found of one requirement."""
    return Finding("waiting.joins-threads", endings)


@pytest.fixture
def path(tmp_path):
    """Return where a file of deviations may be written."""
    return tmp_path / "mine.toml"


def updated(path, *findings, facts=FACTS, whole=True):
    """Update the file; see that another update has nothing to do, and that the same run would be as declared."""
    changes = update(path, findings, facts, KNOWN, whole=whole, today=TODAY)
    again = update(path, findings, facts, KNOWN, whole=whole, today=TODAY)
    assert not again
    assert again.undeclared == changes.undeclared
    known = list(read(path, KNOWN).of(facts)) if path.exists() else []
    assert sum(changes.undeclared.values()) == sum(
        fails_run(Verdict(ending.verdict)) and excuse(_of(known, finding), ending, TODAY)[0] is None
        for finding in findings
        for ending in finding.endings
    )
    passed = [each for each in findings if whole and worst(Verdict(one.verdict) for one in each.endings) == "pass"]
    assert not [each for finding in passed for each in _of(known, finding) if each.must_happen]
    return changes


def _of(deviations, finding):
    return [each for each in deviations if each.requirement == finding.requirement]


# -- what is new -------------------------------------------------------------------------------------------------------


def test_each_way_to_fail_is_declared_as_not_yet_explained(path):
    changes = updated(
        path,
        joins(PASS, Ending("fail", B), Ending("hang", A), Ending("fail", C), Ending("fail", B)),
        Finding("waiting.reaps-children", (Ending("inconclusive", C),)),
        Finding("streams.whole-writes", (PASS, Ending("unsupported", A))),
    )

    assert changes.added == ["waiting.joins-threads", "waiting.reaps-children"]
    assert changes.lines() == ["2 added, 0 refreshed, 0 removed"]
    assert (
        path.read_text()
        == f"""\
# Known deviations; see docs/known-deviations.md of socketserver-conformance for the format.

[[deviation]]
requirement = "waiting.joins-threads"
verdicts = ["fail", "hang"]
when = "python_version == '3.8' and implementation_name == 'cpython'"
reason = "{UNEXPLAINED}"
link = ""
fingerprints = ["{A}", "{B}", "{C}"]

[[deviation]]
requirement = "waiting.reaps-children"
verdicts = ["inconclusive"]
when = "python_version == '3.8' and implementation_name == 'cpython'"
reason = "{UNEXPLAINED}"
link = ""
fingerprints = ["{C}"]
"""
    )


def test_what_was_seen_without_a_global_lock_is_declared_for_that_only(path):
    updated(path, joins(Ending("fail", A)), facts=replace(FACTS, gil=False))

    assert 'where = ["free-threaded"]\n' in path.read_text()


def test_nothing_to_declare_writes_nothing(path):
    updated(path, joins(PASS))

    assert not path.exists()


def test_what_happens_besides_gets_an_entry_of_its_own(path):
    path.write_text(SHORT)

    changes = updated(path, joins(Ending("fail", A), Ending("crash", B)))

    assert (changes.added, changes.removed) == (["waiting.joins-threads"], [])
    assert path.read_text().startswith(SHORT + "\n[[deviation]]\n")
    assert [each.verdicts for each in read(path, KNOWN).own] == [("fail",), ("crash",)]


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n", "\n# the end"])
def test_one_empty_line_stands_before_what_is_new_however_the_file_ended(path, end):
    path.write_text(SHORT.rstrip("\n") + end)

    updated(path, joins(Ending("fail", A), Ending("crash", B)))

    before, _, _ = path.read_text().rpartition("[[deviation]]")
    assert before.rstrip("\n") + "\n\n" == before
    assert len(read(path, KNOWN).own) == 2


# -- what cannot be declared -------------------------------------------------------------------------------------------


def test_an_error_of_the_harness_cannot_be_declared(path):
    changes = updated(path, joins(Ending("harness error", A), Ending("harness error", B), Ending("fail", C)))

    assert changes.added == ["waiting.joins-threads"]
    assert changes.lines()[1:] == [
        "  not declared: 2 checks of waiting.joins-threads: harness error: that says nothing of the candidate"
    ]


def test_what_has_expired_is_not_declared_again(path):
    text = SHORT + "expires = 2026-11-25\n"
    path.write_text(text)

    changes = updated(path, joins(Ending("fail", A)))

    assert path.read_text() == text
    assert changes.lines()[1:] == [
        "  not declared: 1 check of waiting.joins-threads: mine.toml, entry 1 expired on 2026-11-25"
    ]


def test_a_flaky_entry_is_neither_extended_nor_doubled_nor_removed(path):
    flaky = (
        SHORT
        + f"fingerprints = ['{A}']\nflaky = {{ cause = 'a race', script = 'docs/findings/x.py', rate = '1 of 9' }}\n"
    )
    path.write_text(flaky)

    changes = updated(path, joins(Ending("fail", A), Ending("fail", B)))

    assert path.read_text() == flaky
    assert changes.lines()[1:] == [
        (
            "  not declared: 1 check of waiting.joins-threads: mine.toml, entry 1 is flaky and has other fingerprints;"
            " who measured it may add to them"
        )
    ]
    updated(path, joins(PASS))
    assert path.read_text() == flaky


def test_what_happens_beside_a_flaky_deviation_is_declared(path):
    flaky = SHORT + "flaky = { cause = 'a race', script = 'docs/findings/x.py', rate = '1 of 9' }\n"
    path.write_text(flaky)

    assert updated(path, joins(Ending("fail", A), Ending("hang", B))).added == ["waiting.joins-threads"]
    assert path.read_text().startswith(flaky)


# -- what has another fingerprint --------------------------------------------------------------------------------------


def test_an_entry_of_which_nothing_was_found_gets_the_new_fingerprints(path):
    source = f"""\
# Ours.

# why we live with it
[[deviation]]
requirement = "waiting.joins-threads"  # alas
reason = "it does not wait"
link = "gh-1234"
when = "python_version == '3.8'"
fingerprints = ["{A}"]  # seen in spring

# the end
"""
    path.write_text(source)

    changes = updated(path, joins(Ending("fail", B), Ending("fail", C)))

    assert changes.refreshed == ["waiting.joins-threads"]
    assert path.read_text() == source.replace(f'"{A}"', f'"{B}", "{C}"')


def test_a_comment_between_fingerprints_stays_and_one_behind_goes_with_it(path):
    path.write_text(
        SHORT + f'when = "python_version == \'3.8\'"\nfingerprints = [\n  "{A}",  # threads\n  # below\n  "{B}",\n]\n'
    )

    updated(path, joins(Ending("fail", C)))

    assert "# below" in path.read_text()
    assert "# threads" not in path.read_text()
    assert read(path, KNOWN).own[0].fingerprints == (C,)


def test_fingerprints_of_other_versions_stay(path):
    path.write_text(SHORT + f"when = \"python_version >= '3.6'\"\nfingerprints = ['{A}']\n")

    updated(path, joins(Ending("fail", B)))

    assert read(path, KNOWN).own[0].fingerprints == (A, B)


def test_a_run_of_some_checks_only_adds_fingerprints(path):
    path.write_text(SHORT + f"when = \"python_version == '3.8'\"\nfingerprints = ['{A}']\n")

    updated(path, joins(Ending("fail", B)), whole=False)

    assert read(path, KNOWN).own[0].fingerprints == (A, B)


def test_another_failure_beside_the_declared_one_does_not_get_its_reason(path):
    path.write_text(SHORT + f"fingerprints = ['{A}']\n")

    changes = updated(path, joins(Ending("fail", A), Ending("fail", B)))

    assert (changes.added, changes.refreshed) == (["waiting.joins-threads"], [])
    assert [(each.fingerprints, each.explained) for each in read(path, KNOWN).own] == [((A,), True), ((B,), False)]


def test_an_entry_for_any_way_of_failing_gets_no_fingerprint(path):
    path.write_text(SHORT)

    updated(path, joins(Ending("fail", A)))

    assert path.read_text() == SHORT


# -- what does not happen ----------------------------------------------------------------------------------------------


def test_what_does_not_happen_is_removed(path):
    path.write_text(SHORT + SHORT.replace("joins-threads", "reaps-children"))

    changes = updated(path, joins(PASS, PASS), Finding("waiting.reaps-children", (Ending("fail", A),)))

    assert changes.removed == ["waiting.joins-threads"]
    assert [each.requirement for each in read(path, KNOWN).own] == ["waiting.reaps-children"]


def test_what_happens_in_another_way_is_declared_besides_until_the_requirement_passes(path):
    path.write_text(SHORT)

    changes = updated(path, joins(Ending("crash", A)))

    assert (changes.added, changes.removed) == (["waiting.joins-threads"], [])
    assert [(each.verdicts, each.explained) for each in read(path, KNOWN).own] == [
        (("fail",), True),
        (("crash",), False),
    ]
    assert updated(path, joins(PASS)).removed == ["waiting.joins-threads"] * 2


def test_what_nobody_has_explained_is_declared_anew_when_it_happens_in_another_way(path):
    updated(path, joins(Ending("fail", A)))

    changes = updated(path, joins(Ending("crash", B)))

    assert (changes.added, changes.removed) == (["waiting.joins-threads"], ["waiting.joins-threads"])
    assert [each.verdicts for each in read(path, KNOWN).own] == [("crash",)]


def test_what_passes_on_the_classes_that_are_there_is_removed(path):
    path.write_text(SHORT)

    assert updated(path, joins(PASS, Ending("missing"))).removed == ["waiting.joins-threads"]


def test_what_the_candidate_has_no_class_for_is_left_alone(path):
    path.write_text(SHORT)

    updated(path, joins(Ending("missing")))

    assert path.read_text() == SHORT


def test_a_run_of_some_checks_removes_nothing(path):
    path.write_text(SHORT)

    updated(path, joins(PASS), whole=False)

    assert path.read_text() == SHORT


def test_comments_stay_when_the_entry_between_them_goes(path):
    comment = "# A heading.\n\n# why we live with it\n"
    second = SHORT.lstrip().replace("joins-threads", "reaps-children")
    path.write_text(f"# Ours.\n\n{comment}{SHORT.lstrip()}\n# the second\n{second}")

    updated(path, joins(PASS), Finding("waiting.reaps-children", (Ending("fail", A),)))

    assert path.read_text() == f"# Ours.\n\n{comment}# the second\n{second}"


@pytest.mark.parametrize("verdict", ["unsupported", "harness error"])
def test_what_was_not_judged_is_left_alone(path, verdict):
    path.write_text(SHORT)

    updated(path, joins(PASS, Ending(verdict, A)))

    assert path.read_text() == SHORT


def test_what_is_inconclusive_does_not_remove_what_was_declared(path):
    path.write_text(SHORT)

    changes = updated(path, joins(Ending("inconclusive", A)))

    assert changes.removed == []
    assert [each.verdicts for each in read(path, KNOWN).own] == [("fail",), ("inconclusive",)]


def test_what_concerns_others_is_left_alone(path):
    path.write_text(SHORT + "when = \"implementation_name == 'pypy'\"\n")

    changes = updated(path, joins(PASS))

    assert changes.removed == []
    assert len(read(path, KNOWN).own) == 1


# -- what is inherited -------------------------------------------------------------------------------------------------


@pytest.fixture
def heir(path):
    """Return a file that inherits one entry."""
    path.with_name("theirs.toml").write_text(SHORT + f"fingerprints = ['{A}']\n")
    path.write_text('inherit = "theirs.toml"\n')
    return path


def test_what_is_declared_elsewhere_is_not_declared_again(heir):
    updated(heir, joins(Ending("fail", A)))

    assert heir.read_text() == 'inherit = "theirs.toml"\n'


def test_what_does_not_happen_here_is_not_inherited(heir):
    theirs = heir.with_name("theirs.toml").read_text()

    changes = updated(heir, joins(PASS))

    assert changes.lines() == ["0 added, 0 refreshed, 0 removed, 1 not inherited"]
    assert (
        heir.read_text()
        == f"""\
inherit = "theirs.toml"

[[not-inherited]]
requirement = "waiting.joins-threads"
when = "python_version == '3.8' and implementation_name == 'cpython'"
reason = "{UNEXPLAINED}"
"""
    )
    assert heir.with_name("theirs.toml").read_text() == theirs


def test_a_run_of_some_checks_inherits_all(heir):
    updated(heir, joins(PASS), whole=False)

    assert heir.read_text() == 'inherit = "theirs.toml"\n'


def test_what_happens_here_in_another_way_is_declared_here(heir):
    changes = updated(heir, joins(Ending("fail", B)))

    assert changes.added == ["waiting.joins-threads"]
    assert read(heir, KNOWN).own[0].fingerprints == (B,)


def test_entries_and_refusals_may_be_mixed(heir):
    heir.write_text(
        heir.read_text()
        + SHORT.replace("joins-threads", "reaps-children")
        + "\n# not here\n[[not-inherited]]\nrequirement = 'waiting.joins-threads'\nreason = 'it waits here'\n"
        + SHORT.replace("waiting.joins-threads", "streams.whole-writes")
    )

    changes = updated(heir, Finding("streams.whole-writes", (PASS,)))

    assert changes.removed == ["streams.whole-writes"]
    assert [each.requirement for each in read(heir, KNOWN).own] == ["waiting.reaps-children"]
    assert "# not here\n[[not-inherited]]" in heir.read_text()


# -- files that are wrong ----------------------------------------------------------------------------------------------


def test_a_wrong_file_is_not_touched(path):
    path.write_text("[[deviation]]\n")

    with pytest.raises(DeviationError):
        update(path, [joins(Ending("fail", A))], FACTS, KNOWN, whole=True, today=TODAY)
    assert path.read_text() == "[[deviation]]\n"


@pytest.mark.parametrize(
    "text",
    [
        "deviation = [{ requirement = 'waiting.joins-threads', reason = 'it does not wait', link = 'gh-1234' }]\n",
        SHORT.replace('"it does not wait"', "'''it\n[[deviation]]\ndoes not wait'''"),
    ],
    ids=["in one line", "a text that looks like an entry"],
)
def test_a_file_that_is_written_in_another_way_is_not_touched(path, text):
    path.write_text(text)

    with pytest.raises(DeviationError, match="each entry must begin with a line"):
        update(path, [joins(Ending("hang", A))], FACTS, KNOWN, whole=True, today=TODAY)
    assert path.read_text() == text


def test_an_update_that_cannot_be_written_leaves_the_file_as_it_is(path, monkeypatch):
    path.write_text(SHORT)
    path.with_name("mine.toml.new").mkdir()

    with pytest.raises(OSError, match="Is a directory"):
        update(path, [joins(Ending("hang", A))], FACTS, KNOWN, whole=True, today=TODAY)
    assert path.read_text() == SHORT
