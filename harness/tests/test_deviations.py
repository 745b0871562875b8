"""Known deviations: whom an entry concerns, what it excuses, and what is said when it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from packaging.markers import Marker

from harness import platform_probes
from harness.deviations import UNEXPLAINED, Deviation, Ending, Flaky, Scope, excuse
from harness.tests.arranging import facts_of

TODAY = date(2026, 11, 25)
FACTS = facts_of("3.8.18")
PRINT, OTHER_PRINT = "0123456789ab", "ba9876543210"
DEVIATION = Deviation("waiting.joins-threads", "it does not wait", "gh-1", source="mine.toml, entry 1")
FLAKY = Flaky("two threads race", "docs/findings/race.py", "13 of 60")


# -- whom it concerns --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "concerned"),
    [
        ("python_version == '3.8'", True),
        ("python_version <= '3.8'", True),
        ("python_version > '3.8'", False),
        ("python_version >= '3.10'", False),
        ("python_version < '3.10'", True),
        ("python_full_version == '3.8.17'", False),
        ("python_full_version < '3.8.19'", True),
        ("implementation_name == 'cpython'", True),
        ("implementation_name != 'cpython'", False),
        ("implementation_version == '3.8.18'", True),
        ("sys_platform == 'linux' and platform_system == 'Linux'", True),
        ("sys_platform == 'win32' or python_version in '3.7 3.8'", True),
        ("platform_machine == 'a machine that nobody has built'", False),
    ],
)
def test_a_condition_is_about_the_interpreter_of_the_candidate(when, concerned):
    assert (Scope(Marker(when)).excludes(FACTS) == "") is concerned


def test_the_condition_that_does_not_hold_is_named():
    assert Scope(Marker("python_version > '3.8'")).excludes(FACTS) == 'python_version > "3.8"'
    assert Scope(where=("free-threaded",)).excludes(FACTS) == "free-threaded"


def test_an_entry_without_condition_concerns_all():
    assert Scope().excludes(FACTS) == ""


def test_a_condition_on_a_pre_release_knows_that_it_is_one():
    fixed = Scope(Marker("python_full_version >= '3.15.0'"))

    assert fixed.excludes(facts_of("3.15.0")) == ""
    assert fixed.excludes(replace(facts_of("3.15.0"), full_version="3.15.0rc1")) != ""


@pytest.mark.parametrize(
    ("where", "gil", "concerned"),
    [
        (("free-threaded",), False, True),
        (("free-threaded",), True, False),
        (("not free-threaded",), True, True),
        (("not free-threaded",), False, False),
        (("free-threaded", "not free-threaded"), True, False),
    ],
)
def test_all_probes_have_to_agree(where, gil, concerned):
    assert (Scope(where=where).excludes(replace(FACTS, gil=gil)) == "") is concerned


@pytest.mark.parametrize("refuses", [True, False])
def test_a_probe_asks_the_machine(monkeypatch, refuses):
    monkeypatch.setattr(platform_probes, "PROBES", {"a-thing": lambda facts: refuses})

    assert (Scope(where=("a-thing",)).excludes(FACTS) == "") is refuses
    assert (Scope(where=("not a-thing",)).excludes(FACTS) == "") is not refuses


# -- what it excuses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "verdict", "fingerprint", "objection"),
    [
        ({}, "fail", PRINT, ""),
        ({"fingerprints": (PRINT,)}, "fail", PRINT, ""),
        ({"verdicts": ("fail", "hang")}, "hang", OTHER_PRINT, ""),
        ({"verdicts": ("inconclusive",)}, "inconclusive", PRINT, ""),
        ({"flaky": FLAKY}, "fail", PRINT, ""),
        ({"expires": date(2026, 11, 26)}, "fail", PRINT, ""),
        ({}, "hang", PRINT, "it declares fail, not hang"),
        ({"verdicts": ("leak", "fail")}, "inconclusive", PRINT, "it declares leak or fail, not inconclusive"),
        (
            {"fingerprints": (PRINT,)},
            "fail",
            OTHER_PRINT,
            f"it declares another fail: {PRINT}, not {OTHER_PRINT}",
        ),
        ({"expires": date(2026, 11, 25)}, "fail", PRINT, "it expired on 2026-11-25"),
        ({"expires": date(2026, 11, 24)}, "fail", PRINT, "it expired on 2026-11-24"),
        ({"unmet": "it is for others"}, "fail", PRINT, "it is for others"),
    ],
)
def test_only_what_is_declared_is_excused(changes, verdict, fingerprint, objection):
    deviation = replace(DEVIATION, **changes)

    excusing, why = excuse([deviation], Ending(verdict, fingerprint), TODAY)

    assert deviation.objection(Ending(verdict, fingerprint), TODAY) == objection
    if objection:
        assert (excusing, why) == (None, f"mine.toml, entry 1 does not count: {objection}")
    else:
        assert (excusing, why) == (deviation, "it does not wait")


def test_any_entry_that_fits_excuses():
    hang = replace(DEVIATION, verdicts=("hang",), reason="it waits for ever", source="mine.toml, entry 2")

    assert excuse([DEVIATION, hang], Ending("hang", PRINT), TODAY) == (hang, "it waits for ever")
    assert excuse([hang, DEVIATION], Ending("fail", PRINT), TODAY) == (DEVIATION, "it does not wait")


def test_each_entry_that_does_not_fit_is_told_with_the_reason():
    other = replace(DEVIATION, unmet="it is for others", source="mine.toml, entry 2")

    assert excuse([DEVIATION, other], Ending("crash", PRINT), TODAY) == (
        None,
        (
            "mine.toml, entry 1 does not count: it declares fail, not crash\n"
            "mine.toml, entry 2 does not count: it is for others"
        ),
    )


def test_where_nothing_is_declared_nothing_is_said():
    assert excuse([], Ending("fail", PRINT), TODAY) == (None, "")


def test_an_expired_entry_still_describes_what_happens():
    expired = replace(DEVIATION, expires=date(2020, 1, 1))

    assert expired.describes(Ending("fail", PRINT))
    assert not expired.describes(Ending("hang", PRINT))


# -- what has to happen ------------------------------------------------------------------------------------------------


def test_a_pass_is_news_unless_the_entry_is_flaky_or_for_others():
    assert DEVIATION.must_happen
    assert not replace(DEVIATION, flaky=FLAKY).must_happen
    assert not replace(DEVIATION, unmet="it is for others").must_happen


def test_what_the_suite_has_written_is_not_explained():
    assert DEVIATION.explained
    assert not replace(DEVIATION, reason=UNEXPLAINED).explained
