"""Known deviations: what may be declared, whom it concerns, what it excuses, how it is updated."""

import re
from datetime import date

import pytest

from harness.candidates import Facts
from harness.declaring import Finding, update
from harness.deviations import (
    UNEXPLAINED,
    Deviation,
    DeviationError,
    applies,
    judge,
    parse_when,
    read,
)

KNOWN = {"waiting.joins-threads", "waiting.reaps-children", "streams.whole-writes"}
TODAY = date(2026, 11, 25)
FACTS = Facts("3.8.18", "CPython", "linux", True, 1, 1, None, ())
PRINT, OTHER_PRINT = "0123456789ab", "ba9876543210"

WHOLE = """
[[deviation]]
requirement = "waiting.joins-threads"
verdict = "hang"
when = "python >= 3.8, implementation == CPython, platform == linux"
reason = "it does not wait"
link = "https://example.org/1"
expires = 2027-01-31
fingerprint = ["0123456789ab", "ba9876543210"]
"""
SHORT = """
[[deviation]]
requirement = "waiting.joins-threads"
reason = "it does not wait"
link = "gh-1234"
"""


@pytest.fixture
def path(tmp_path):
    """Return where a file of deviations may be written."""
    return tmp_path / "mine.deviations.toml"


def test_an_entry_may_say_everything(path):
    path.write_text(WHOLE)

    assert read(path, KNOWN) == (
        Deviation(
            requirement="waiting.joins-threads",
            verdict="hang",
            when=parse_when("python >= 3.8, implementation == CPython, platform == linux"),
            reason="it does not wait",
            link="https://example.org/1",
            expires=date(2027, 1, 31),
            fingerprints=(PRINT, OTHER_PRINT),
        ),
    )


def test_an_entry_may_say_little(path):
    path.write_text(SHORT)

    assert read(path, KNOWN) == (Deviation("waiting.joins-threads", "it does not wait", "gh-1234"),)


def test_an_unexplained_entry_needs_no_link(path):
    path.write_text(SHORT.replace("it does not wait", UNEXPLAINED).replace("gh-1234", ""))

    (deviation,) = read(path, KNOWN)

    assert (deviation.explained, deviation.link) == (False, "")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "reason =",
            "reasons =",
            "unknown key 'reasons'; expected: requirement, verdict, when, reason, link, expires, fingerprint",
        ),
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
        (
            "link",
            "verdict = 'pass'\nlink",
            "verdict = 'pass'; one of leak, fail, hang, crash was expected",
        ),
        (
            "link",
            "expires = '2027-01-31'\nlink",
            "expires = '2027-01-31'; a date like 2027-01-31, without quotes, was expected",
        ),
        (
            "link",
            "fingerprint = 'abc'\nlink",
            "fingerprint = 'abc'; 12 hex digits, or a list of them, was expected",
        ),
        (
            "link",
            "when = ''\nlink",
            "when = ''; some text was expected",
        ),
    ],
)
def test_a_wrong_entry_is_named_with_one_line(path, old, new, complaint):
    path.write_text("# a comment\n" + WHOLE + SHORT.replace(old, new, 1))

    with pytest.raises(DeviationError) as caught:
        read(path, KNOWN)
    assert str(caught.value) == f"{path}, entry 2: {complaint}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("python => 3.8", "something like 'python >= 3.8' was expected"),
        ("python >= three", "a version like 3.8 was expected"),
        ("version >= 3.8", "python, implementation, platform or gil was expected"),
        ("platform > linux", "== or != was expected for platform"),
        ("gil == no", "true or false was expected"),
        ("python >= 3.8,", "something like 'python >= 3.8' was expected"),
    ],
)
def test_a_wrong_condition_is_named(text, complaint):
    with pytest.raises(ValueError, match=f"; {re.escape(complaint)}$"):
        parse_when(text)


def test_the_same_entry_twice_is_refused(path):
    path.write_text(SHORT + SHORT)

    with pytest.raises(DeviationError) as caught:
        read(path, KNOWN)
    assert str(caught.value) == f"{path}, entry 2: the same as entry 1"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[stdlib]", "only [[deviation]] was expected, not ['stdlib']"),
        ("deviation = 3", "only [[deviation]] was expected, not 3"),
        ("deviation = [3]", "only [[deviation]] was expected, not [3]"),
    ],
)
def test_anything_else_in_the_file_is_refused(path, text, complaint):
    path.write_text(text)

    with pytest.raises(DeviationError) as caught:
        read(path, KNOWN)
    assert str(caught.value) == f"{path}: {complaint}"


def test_a_file_that_cannot_be_read_is_named(path):
    with pytest.raises(DeviationError, match="No such file or directory"):
        read(path, KNOWN)
    path.write_text("deviation: 3")
    with pytest.raises(DeviationError, match="line 1"):
        read(path, KNOWN)


@pytest.mark.parametrize(
    ("when", "concerned"),
    [
        ("python == 3.8", True),
        ("python <= 3.8", True),
        ("python > 3.8", False),
        ("python >= 3.10", False),
        ("python < 3.10", True),
        ("python == 3.8.17", False),
        ("python > 3", False),
        ("implementation == cpython", True),
        ("implementation != CPython", False),
        ("platform == linux, gil == true", True),
        ("platform == linux, gil == false", False),
    ],
)
def test_conditions_choose_the_candidates_concerned(when, concerned):
    deviation = Deviation("waiting.joins-threads", "why", "gh-1", when=parse_when(when))

    assert applies(deviation, FACTS) is concerned


def test_an_entry_without_condition_concerns_all():
    assert applies(Deviation("waiting.joins-threads", "why", "gh-1"), FACTS)


@pytest.mark.parametrize(
    ("verdict", "fingerprint", "judged", "line"),
    [
        ("fail", PRINT, "known deviation", "why"),
        ("pass", None, "unexpected pass", "declared to fail, but passes: remove the entry"),
        ("hang", PRINT, "hang", "the known deviation is another one: fail"),
        ("inconclusive", None, "inconclusive", "the known deviation is another one: fail"),
        (
            "fail",
            OTHER_PRINT,
            "fail",
            f"fails in another way than declared: {OTHER_PRINT}, not {PRINT}",
        ),
    ],
)
def test_only_the_declared_failure_is_excused(verdict, fingerprint, judged, line):
    deviation = Deviation("waiting.joins-threads", "why", "gh-1", fingerprints=(PRINT,))

    assert judge(deviation, verdict, fingerprint, TODAY) == (judged, line)


def test_without_a_fingerprint_every_failure_of_the_kind_is_excused():
    deviation = Deviation("waiting.joins-threads", "why", "gh-1", verdict="hang")

    assert judge(deviation, "hang", OTHER_PRINT, TODAY) == ("known deviation", "why")


@pytest.mark.parametrize(("day", "judged"), [(24, "fail"), (25, "fail"), (26, "known deviation")])
def test_an_expired_entry_excuses_nothing(day, judged):
    expires = date(2026, 11, day)
    deviation = Deviation("waiting.joins-threads", "why", "gh-1", expires=expires)

    verdict, line = judge(deviation, "fail", None, TODAY)

    assert verdict == judged
    assert (line == f"the known deviation expired on {expires}: why") is (judged == "fail")


def test_what_is_new_is_added_as_unexplained(path):
    findings = [
        Finding("waiting.joins-threads", "fail", (PRINT,)),
        Finding("waiting.reaps-children", "leak", (OTHER_PRINT, PRINT)),
        Finding("streams.whole-writes", "pass"),
    ]

    changes = update(path, findings, FACTS, KNOWN)

    assert changes.added == ("waiting.joins-threads", "waiting.reaps-children")
    assert (
        path.read_text()
        == f"""\
# Known deviations; see harness/deviations.py for the format.

[[deviation]]
requirement = "waiting.joins-threads"
when = "python == 3.8, implementation == CPython"
reason = "{UNEXPLAINED}"
link = ""
fingerprint = "{PRINT}"

[[deviation]]
requirement = "waiting.reaps-children"
verdict = "leak"
when = "python == 3.8, implementation == CPython"
reason = "{UNEXPLAINED}"
link = ""
fingerprint = ["{PRINT}", "{OTHER_PRINT}"]
"""
    )
    assert [each.explained for each in read(path, KNOWN)] == [False, False]


def test_nothing_to_declare_writes_nothing(path):
    update(path, [Finding("waiting.joins-threads", "pass")], FACTS, KNOWN)

    assert not path.exists()


def test_a_second_update_changes_nothing(path):
    findings = [Finding("waiting.joins-threads", "fail", (PRINT,))]
    update(path, findings, FACTS, KNOWN)
    before = path.read_text()

    changes = update(path, findings, FACTS, KNOWN)

    assert (changes.added, changes.refreshed, changes.removed) == ((), (), ())
    assert path.read_text() == before


def test_what_people_wrote_stays(path):
    source = f"""\
# Ours.

# why we live with it
[[deviation]]
requirement = "waiting.joins-threads"  # alas
reason = "it does not wait"
link = "gh-1234"
when = "python == 3.8"
fingerprint = "{PRINT}"  # seen in spring
"""
    path.write_text(source)

    changes = update(path, [Finding("waiting.joins-threads", "fail", (OTHER_PRINT,))], FACTS, KNOWN)

    assert changes.refreshed == ("waiting.joins-threads",)
    assert path.read_text() == source.replace(PRINT, OTHER_PRINT)


def test_fingerprints_of_other_versions_stay(path):
    entry = f"when = 'python >= 3.6'\nfingerprint = '{PRINT}'\nlink"
    path.write_text(SHORT.replace("link", entry))

    update(path, [Finding("waiting.joins-threads", "fail", (OTHER_PRINT,))], FACTS, KNOWN)

    assert read(path, KNOWN)[0].fingerprints == (PRINT, OTHER_PRINT)


def test_an_entry_for_any_way_of_failing_gets_no_fingerprint(path):
    path.write_text(SHORT)

    update(path, [Finding("waiting.joins-threads", "fail", (PRINT,))], FACTS, KNOWN)

    assert path.read_text() == SHORT


def test_what_no_longer_happens_is_removed(path):
    path.write_text(SHORT + SHORT.replace("joins-threads", "reaps-children"))
    findings = [Finding("waiting.joins-threads", "pass"), Finding("waiting.reaps-children", "fail")]

    changes = update(path, findings, FACTS, KNOWN)

    assert changes.removed == ("waiting.joins-threads",)
    assert [each.requirement for each in read(path, KNOWN)] == ["waiting.reaps-children"]


def test_what_happens_in_another_way_is_declared_anew(path):
    path.write_text(SHORT)

    update(path, [Finding("waiting.joins-threads", "crash")], FACTS, KNOWN)

    (deviation,) = read(path, KNOWN)
    assert (deviation.verdict, deviation.explained) == ("crash", False)


@pytest.mark.parametrize("verdict", ["inconclusive", "unsupported", "harness error", "not selected"])
def test_what_was_not_judged_is_left_alone(path, verdict):
    path.write_text(SHORT)

    update(path, [Finding("waiting.joins-threads", verdict)], FACTS, KNOWN)

    assert path.read_text() == SHORT


def test_what_concerns_others_is_left_alone(path):
    path.write_text(SHORT.replace("link", "when = 'implementation == PyPy'\nlink"))

    changes = update(path, [Finding("waiting.joins-threads", "pass")], FACTS, KNOWN)

    assert changes.removed == ()
    assert len(read(path, KNOWN)) == 1


def test_a_wrong_condition_writes_nothing(path):
    with pytest.raises(ValueError, match="was expected"):
        update(path, [Finding("waiting.joins-threads", "fail")], FACTS, KNOWN, when="always")
    assert not path.exists()


def test_a_wrong_file_is_not_touched(path):
    path.write_text("[[deviation]]\n")

    with pytest.raises(DeviationError):
        update(path, [Finding("waiting.joins-threads", "fail")], FACTS, KNOWN)
    assert path.read_text() == "[[deviation]]\n"
