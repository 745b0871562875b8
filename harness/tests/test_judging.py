"""From the end of a check to its verdict, its evidence and its fingerprint."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from harness import judging
from harness.checks.verdict import Inconclusive, Violation
from harness.history.script import history_of
from harness.hosts import Host
from harness.judging import Comparison, Evidence, fingerprint, gather, verdict_of
from harness.outcomes import (
    DeadlinePassed,
    HarnessError,
    HostDied,
    LeftBehind,
    Raised,
    Stalled,
    Unsupported,
)
from harness.tests.test_host import acts
from harness.verdicts import Verdict

HISTORY = history_of("handler.enter client=1", "handler.enter client=2")
RAISED = Raised(kind="OSError", bases=["OSError", "Exception"], message="no", traceback="Traceback\nOSError: no\n")


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (None, "pass"),
        (AssertionError("assert 1 == 2"), "fail"),
        (RAISED, "fail"),
        (pytest.fail.Exception("DID NOT RAISE"), "fail"),
        (pytest.fail.Exception("Timeout (>120.0s) from pytest-timeout."), "hang"),
        (Stalled("asleep"), "hang"),
        (DeadlinePassed("late"), "hang"),
        (HostDied("dead"), "crash"),
        (LeftBehind("one"), "leak"),
        (Inconclusive("nothing"), "inconclusive"),
        (Unsupported("no IPv6"), "unsupported"),
        (pytest.skip.Exception("no IPv6"), "unsupported"),
        (HarnessError("ill"), "harness error"),
        (ZeroDivisionError(), "harness error"),
        (KeyboardInterrupt(), "harness error"),
        (TimeoutError("events did not come"), "harness error"),
        (ExceptionGroup("both", [AssertionError(), HostDied("dead")]), "crash"),
        (ExceptionGroup("both", [HostDied("dead"), AssertionError()]), "crash"),
        (BaseExceptionGroup("nested", [ExceptionGroup("one", [Stalled("asleep")])]), "hang"),
    ],
    ids=repr,
)
def test_each_way_to_end_has_its_verdict(error: BaseException | None, verdict: str) -> None:
    assert verdict_of(error) == verdict


def test_events_that_should_not_be_are_shown_without_where_and_when() -> None:
    events = list(history_of("client.connect client=1", "client.end client=1"))

    evidence = gather(AssertionError(), Comparison(actual=events, expected=[]), [])

    assert evidence.summary == "expected [], seen client.connect client=1; client.end client=1"


def test_pytest_timeout_still_speaks_as_it_is_recognised() -> None:
    pytest_timeout = importlib.import_module("pytest_timeout")

    assert judging.TIMED_OUT in pytest_timeout.PYTEST_FAILURE_MESSAGE


# -- evidence ----------------------------------------------------------------------------------------------------------


def test_a_comparison_becomes_expected_and_actual() -> None:
    evidence = gather(AssertionError("assert 41 == 42\n + where"), Comparison(actual=41, expected=42), [])

    assert (evidence.summary, evidence.expected, evidence.actual) == ("expected 42, seen 41", "42", "41")
    assert evidence.violations == []


def test_violations_become_sentences_with_their_events() -> None:
    violations = [Violation("1 and 2 overlap", tuple(HISTORY)), Violation("2 came too soon", tuple(HISTORY[1:]))]
    evidence = gather(AssertionError("assert ..."), Comparison(actual=violations, expected=[]), [])

    assert evidence.summary == "1 and 2 overlap"
    assert (evidence.expected, evidence.actual) == ("no violation", "2 violations")
    assert evidence.violations == [
        {"says": "1 and 2 overlap", "events": ["handler.enter client=1", "handler.enter client=2"]},
        {"says": "2 came too soon", "events": ["handler.enter client=2"]},
    ]


def test_a_comparison_that_did_not_end_the_check_is_no_evidence() -> None:
    evidence = gather(HostDied("dead"), Comparison(actual=41, expected=42), [])

    assert (evidence.summary, evidence.expected, evidence.actual) == ("dead", None, None)


def test_what_a_call_raised_shows_the_traceback_of_the_host() -> None:
    evidence = gather(RAISED, None, [])

    assert evidence.summary == "in the host: OSError: no"
    assert evidence.actual == "Traceback\nOSError: no\n"


def test_what_was_left_is_listed() -> None:
    assert gather(LeftBehind("2 left behind", ("one", "two")), None, []).left_behind == ["one", "two"]


def test_an_error_without_words_is_called_by_its_name() -> None:
    assert gather(AssertionError(), None, []).summary == "AssertionError"


def test_endless_values_are_cut() -> None:
    evidence = gather(AssertionError("x" * 10_000), Comparison("y" * 10_000, "z" * 10_000), [])

    for text in (evidence.summary, evidence.expected, evidence.actual):
        assert text is not None
        assert len(text) < judging.LONGEST_TEXT + 10


def test_a_host_adds_its_timeline_its_stderr_and_in_a_hang_its_stacks(host: Host) -> None:
    host.start(acts.deadlock)
    host.wait_for("call.enter", name="deadlock")
    host.call(acts.flood, 1)

    fail = gather(AssertionError(), None, [host])
    hang = gather(Stalled("asleep"), None, [host])

    assert "call.enter call=#1 deadlock" in fail.timeline
    assert fail.stderr.strip() == "0"
    assert fail.stacks == ""
    assert "in deadlock" in hang.stacks
    assert hang.stderr == fail.stderr


def test_evidence_can_still_be_gathered_from_a_host_that_is_over(host: Host) -> None:
    host.end()

    assert "host.ready" in gather(LeftBehind("one"), None, [host]).timeline


# -- fingerprints ------------------------------------------------------------------------------------------------------


def of(check: str = "test_it", verdict: Verdict = Verdict.FAIL, **evidence: Any) -> str:
    return fingerprint(check, verdict, Evidence(**{"summary": "", **evidence}))


def violations(*sentences: str) -> list[dict[str, Any]]:
    return [{"says": sentence, "events": []} for sentence in sentences]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("client 40312 was refused", "client 9 was refused"),
        ("<socket at 0x7f19e322b6d0>", "<socket at 0x1>"),
        ("bound to /tmp/host-ab3_x9zz/socket-1", "bound to /tmp/host-zzzzzzzz/socket-22"),
        ("has worked for 2.0 s", "has worked for 12.7 s"),
    ],
)
def test_a_fingerprint_does_not_change_with_numbers_addresses_and_folders(one: str, other: str) -> None:
    assert of(summary=one) == of(summary=other)
    assert of(expected=one) == of(expected=other)
    assert of(violations=violations(one)) == of(violations=violations(other))


def test_a_fingerprint_does_not_change_with_the_number_and_order_of_violations() -> None:
    assert of(violations=violations("1 late", "2 late", "3 lost")) == of(violations=violations("8 lost", "9 late"))


def test_a_hang_has_the_same_fingerprint_whatever_it_was_waiting_for() -> None:
    assert of(verdict=Verdict.HANG, summary="handler.exit did not come") == of(verdict=Verdict.HANG, expected="nothing")


def test_a_fingerprint_tells_one_way_to_fail_from_another() -> None:
    different = [
        of(),
        of(check="test_other"),
        of(verdict=Verdict.HANG),
        of(summary="late"),
        of(summary="lost"),
        of(expected="early"),
        of(violations=violations("early", "late")),
    ]

    assert len(set(different)) == len(different)
    assert all(len(each) == 12 and int(each, 16) >= 0 for each in different)


def test_a_fingerprint_is_the_same_in_every_version_of_this_suite() -> None:
    assert of(summary="client 1 was refused") == "a42fec4e9427"
