"""Files of known deviations: what may stand in them, what is inherited, and what is said of mistakes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from packaging.markers import Marker

from harness import candidates, deviation_files, run
from harness.deviation_files import DeviationError, Refusal, read
from harness.deviations import UNEXPLAINED, Deviation, Flaky, Scope
from harness.requirements import read_catalogue
from harness.tests.arranging import facts_of

KNOWN = {"waiting.joins-threads", "waiting.reaps-children", "streams.whole-writes"}
FACTS = facts_of("3.8.18")
PRINT, OTHER_PRINT = "0123456789ab", "ba9876543210"
SHIPPED = sorted((Path(deviation_files.__file__).parent / "known_deviations").glob("*.toml"))

WHOLE = """
[[deviation]]
requirement = "waiting.joins-threads"
verdicts = ["hang", "inconclusive"]
when = "python_version >= '3.8' and implementation_name == 'cpython'"
where = ["unix-sockets-refuse-reuse-port", "not free-threaded"]
reason = "it does not wait"
link = "https://example.org/1"
because = "waiting.reaps-children"
expires = 2027-01-31
fingerprints = ["0123456789ab", "ba9876543210"]
flaky = { cause = "two threads race", script = "docs/findings/race.py", rate = "13 of 60" }
"""
SHORT = """
[[deviation]]
requirement = "waiting.joins-threads"
reason = "it does not wait"
link = "gh-1234"
"""
REFUSAL = """
[[not-inherited]]
requirement = "waiting.joins-threads"
when = "python_version == '3.8'"
reason = "it does wait here"
"""
DEVIATION = Deviation("waiting.joins-threads", "it does not wait", "gh-1234")


@pytest.fixture
def path(tmp_path):
    """Return where a file of deviations may be written."""
    return tmp_path / "mine.toml"


# -- what may stand there ----------------------------------------------------------------------------------------------


def test_an_entry_may_say_everything(path):
    path.write_text(WHOLE)

    assert read(path, KNOWN).own == (
        Deviation(
            requirement="waiting.joins-threads",
            verdicts=("inconclusive", "hang"),
            scope=Scope(
                Marker("python_version >= '3.8' and implementation_name == 'cpython'"),
                ("unix-sockets-refuse-reuse-port", "not free-threaded"),
            ),
            reason="it does not wait",
            link="https://example.org/1",
            because="waiting.reaps-children",
            expires=date(2027, 1, 31),
            fingerprints=(PRINT, OTHER_PRINT),
            flaky=Flaky("two threads race", "docs/findings/race.py", "13 of 60"),
        ),
    )


def test_an_entry_may_say_little(path):
    path.write_text(SHORT)

    assert read(path, KNOWN).own == (DEVIATION,)
    assert DEVIATION.verdicts == ("fail",)


def test_an_unexplained_entry_needs_neither_link_nor_cause(path):
    path.write_text(
        SHORT.replace("it does not wait", UNEXPLAINED).replace("gh-1234", "") + 'verdicts = ["inconclusive"]\n'
    )

    [deviation] = read(path, KNOWN).own

    assert (deviation.explained, deviation.link, deviation.because) == (False, "", None)


def test_a_requirement_may_have_several_entries(path):
    path.write_text(SHORT + SHORT + 'verdicts = ["hang"]\n' + SHORT + "when = \"python_version < '3.8'\"\n")

    found = list(read(path, KNOWN).of(FACTS))

    assert [each.source for each in found] == [f"mine.toml, entry {number}" for number in (1, 2, 3)]
    assert [each.unmet for each in found] == ["", "", 'it is for others, where python_version < "3.8"']


# -- what is inherited -------------------------------------------------------------------------------------------------


def test_an_heir_takes_over_what_is_declared_elsewhere(path):
    path.with_name("theirs.toml").write_text(SHORT)
    path.write_text('inherit = "theirs.toml"\n' + SHORT.replace("joins-threads", "reaps-children"))

    found = list(read(path, KNOWN).of(FACTS))

    assert [(each.requirement, each.source) for each in found] == [
        ("waiting.reaps-children", "mine.toml, entry 1"),
        ("waiting.joins-threads", "theirs.toml, entry 1"),
    ]


def test_an_heir_may_have_an_heir(path):
    path.with_name("first.toml").write_text(SHORT)
    path.with_name("second.toml").write_text('inherit = "first.toml"\n')
    path.write_text('inherit = "second.toml"\n')

    assert [each.source for each in read(path, KNOWN).of(FACTS)] == ["first.toml, entry 1"]


def test_an_heir_may_name_a_known_candidate(path):
    path.write_text('inherit = "stdlib"\n')

    inherited = read(path, read_catalogue(run.CONFORMANCE)).inherited

    assert inherited is not None
    assert inherited.path.name == "stdlib.toml"


@pytest.mark.parametrize("name", ["gevent", "eventlet"])
def test_who_patches_the_standard_library_inherits_its_deviations(name):
    path = candidates.known_deviations(name)

    assert path is not None
    assert 'inherit = "stdlib"' in path.read_text()


def test_what_is_not_inherited_concerns_nobody(path):
    path.with_name("theirs.toml").write_text(SHORT + SHORT.replace("joins-threads", "reaps-children"))
    path.write_text('inherit = "theirs.toml"\n' + REFUSAL)

    assert read(path, KNOWN).refusals == (
        Refusal("waiting.joins-threads", "it does wait here", Scope(Marker("python_version == '3.8'"))),
    )
    assert [each.unmet for each in read(path, KNOWN).of(FACTS)] == [
        "mine.toml does not inherit it: it does wait here",
        "",
    ]
    assert [each.unmet for each in read(path, KNOWN).of(facts_of("3.9.1"))] == ["", ""]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_files_of_known_candidates_are_right_and_explained(path):
    file = read(path, read_catalogue(run.CONFORMANCE))

    assert all(each.explained for each in file.own)
    assert all(each.reason != UNEXPLAINED for each in file.refusals)


# -- mistakes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (
            "reasons = 'x'",
            (
                "unknown key 'reasons'; expected: requirement, verdicts, when, where, reason, link, because, expires,"
                " fingerprints, flaky"
            ),
        ),
        ("verdicts = 'fail'", "verdicts = 'fail'; a list of texts was expected"),
        ("verdicts = []", "verdicts = []; a list of texts was expected"),
        ("verdicts = ['pass']", "verdicts = ['pass']; some of inconclusive, leak, fail, hang, crash were expected"),
        ("when = ''", "when = ''; some text was expected"),
        (
            "when = 'python >= 3.8'",
            "when = 'python >= 3.8'; a condition like \"python_version >= '3.8'\" was expected",
        ),
        (
            "when = \"python_version >= 'three'\"",
            "when = \"python_version >= 'three'\"; Invalid specifier: '>=three'",
        ),
        (
            "when = \"os_name == 'posix'\"",
            (
                "when = \"os_name == 'posix'\"; os_name cannot be asked for; expected: python_version,"
                " python_full_version, implementation_name, implementation_version, sys_platform, platform_system,"
                " platform_machine"
            ),
        ),
        (
            "where = ['on-mars']",
            (
                "where = ['on-mars']; expected: unix-sockets-refuse-reuse-port, free-threaded, or one of them with"
                " 'not ' before it"
            ),
        ),
        ("where = 'free-threaded'", "where = 'free-threaded'; a list of texts was expected"),
        ("expires = '2027-01-31'", "expires = '2027-01-31'; a date like 2027-01-31, without quotes, was expected"),
        ("fingerprints = 'abc'", "fingerprints = 'abc'; a list of 12 hex digits each was expected"),
        ("fingerprints = ['abc']", "fingerprints = ['abc']; a list of 12 hex digits each was expected"),
        (
            "verdicts = ['inconclusive']",
            "no because; who declares inconclusive names the requirement whose breach is the cause",
        ),
        ("because = 'waiting.reaps-children'", "because is only for entries that declare inconclusive"),
        (
            "verdicts = ['inconclusive']\nbecause = 'waiting.reaps-child'",
            "unknown requirement 'waiting.reaps-child'; did you mean 'waiting.reaps-children'?",
        ),
        (
            "verdicts = ['inconclusive']\nbecause = 'waiting.joins-threads'",
            "because = 'waiting.joins-threads'; another requirement was expected",
        ),
        ("flaky = true", "flaky = True; a table with cause, script, rate was expected"),
        ("flaky = {}", "flaky = {}; a table with cause, script, rate was expected"),
        ("flaky = { rates = 'x' }", "flaky: unknown key 'rates'; expected: cause, script, rate"),
        ("flaky = { cause = 'x', script = 'x.py' }", "flaky: no rate; it is required"),
        (
            "flaky = { cause = 'x', script = 'somewhere', rate = '1 of 2' }",
            "flaky: script = 'somewhere'; a URL, or the path of a .py file, was expected",
        ),
        *(
            (
                f"flaky = {{ cause = 'x', script = 'x.py', rate = '{rate}' }}",
                f"flaky: rate = '{rate}'; what was measured, like '13 of 60', was expected",
            )
            for rate in ("often", "0 of 60", "60 of 60")
        ),
    ],
)
def test_a_wrong_line_is_named_with_what_was_expected(path, line, complaint):
    path.write_text("# a comment\n" + WHOLE + SHORT + line + "\n")

    with pytest.raises(DeviationError) as caught:
        read(path, KNOWN)
    assert str(caught.value) == f"{path}, entry 2: {complaint}"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "joins-threads",
            "join-threads",
            "unknown requirement 'waiting.join-threads'; did you mean 'waiting.joins-threads'?",
        ),
        ("waiting.joins-threads", "nonsense", "unknown requirement 'nonsense'"),
        ('reason = "it does not wait"\n', "", "no reason; it is required"),
        ("it does not wait", " ", "reason = ' '; some text was expected"),
        ('link = "gh-1234"', "", "no link; it is required"),
        ("gh-1234", "", "link = ''; some text was expected"),
        ("gh-1234", "later", "link = 'later'; a URL or an issue like 'gh-12345' was expected"),
    ],
)
def test_a_wrong_entry_is_named_with_what_was_expected(path, old, new, complaint):
    path.write_text(WHOLE + SHORT.replace(old, new, 1))

    with pytest.raises(DeviationError) as caught:
        read(path, KNOWN)
    assert str(caught.value) == f"{path}, entry 2: {complaint}"


def test_the_same_entry_twice_is_refused(path):
    path.write_text(SHORT + SHORT)

    with pytest.raises(DeviationError) as caught:
        read(path, KNOWN)
    assert str(caught.value) == f"{path}, entry 2: the same as entry 1"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[stdlib]", "unknown key 'stdlib'; expected: inherit, deviation, not-inherited"),
        ("deviation = 3", "deviation = 3; [[deviation]] was expected"),
        ("deviation = [3]", "deviation = [3]; [[deviation]] was expected"),
        ("not-inherited = 3", "not-inherited = 3; [[not-inherited]] was expected"),
        ("inherit = 3", "inherit = 3; the name of a known candidate, or a path, was expected"),
        ("inherit = 'nobody'", "inherit = 'nobody'; neither a known candidate with a file, nor a path"),
        ("inherit = 'mine.toml'", "inherit = 'mine.toml'; that file inherits this one"),
    ],
)
def test_anything_else_in_the_file_is_refused(path, text, complaint):
    path.write_text(text)

    with pytest.raises(DeviationError) as caught:
        read(path, KNOWN)
    assert str(caught.value) == f"{path}: {complaint}"


@pytest.mark.parametrize(
    ("refusal", "complaint"),
    [
        (
            REFUSAL.replace("joins-threads", "reaps-children"),
            "no entry for 'waiting.reaps-children' is inherited",
        ),
        (REFUSAL + "link = 'gh-1'", "unknown key 'link'; expected: requirement, reason, when, where"),
        (REFUSAL.replace('reason = "it does wait here"', ""), "no reason; it is required"),
    ],
)
def test_a_wrong_refusal_is_named(path, refusal, complaint):
    path.with_name("theirs.toml").write_text(SHORT)
    path.write_text('inherit = "theirs.toml"\n' + refusal)

    with pytest.raises(DeviationError) as caught:
        read(path, KNOWN)
    assert str(caught.value) == f"{path}, [[not-inherited]] 1: {complaint}"


def test_who_inherits_nothing_refuses_nothing(path):
    path.write_text(SHORT + REFUSAL)

    with pytest.raises(DeviationError, match="no entry for 'waiting\\.joins-threads' is inherited"):
        read(path, KNOWN)


def test_files_that_inherit_each_other_are_refused(path):
    theirs = path.with_name("theirs.toml")
    theirs.write_text('inherit = "mine.toml"\n')
    path.write_text('inherit = "theirs.toml"\n')

    with pytest.raises(DeviationError) as caught:
        read(path, KNOWN)
    assert str(caught.value) == f"{theirs}: inherit = 'mine.toml'; that file inherits this one"


def test_a_mistake_in_what_is_inherited_is_named_there(path):
    theirs = path.with_name("theirs.toml")
    theirs.write_text("[[deviation]]\n")
    path.write_text('inherit = "theirs.toml"\n')

    with pytest.raises(DeviationError) as caught:
        read(path, KNOWN)
    assert str(caught.value) == f"{theirs}, entry 1: no requirement; it is required"


def test_a_file_that_cannot_be_read_is_named(path):
    with pytest.raises(DeviationError, match="No such file or directory"):
        read(path, KNOWN)
    path.write_text("deviation: 3")
    with pytest.raises(DeviationError, match="line 1"):
        read(path, KNOWN)
