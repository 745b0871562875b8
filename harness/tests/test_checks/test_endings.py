"""Checks of how connections end."""

import pytest

from harness.checks.endings import broken_off
from harness.checks.verdict import Inconclusive
from harness.history.script import history_of


def test_a_stream_that_ends_was_not_broken_off() -> None:
    history = history_of("client.connect client=a", "client.receive client=a data=x", "client.end client=a")

    assert broken_off(history) == []


@pytest.mark.parametrize("kind", ["client.reset", "client.fail"])
def test_a_stream_that_meets_an_error_was_broken_off(kind: str) -> None:
    history = history_of("client.receive client=a data=x", f"{kind} client=a during=receive", "client.end client=b")

    [violation] = broken_off(history)

    assert violation.evidence == (history[1],)
    assert violation.says == "client a saw its stream broken off during receive"


def test_who_breaks_off_is_not_judged() -> None:
    history = history_of("client.break client=a", "client.fail client=a during=send", "client.end client=b")

    assert broken_off(history) == []


def test_streams_without_an_ending_prove_nothing() -> None:
    with pytest.raises(Inconclusive, match="no client read up to the end"):
        broken_off(history_of("client.connect client=a", "client.receive client=a data=x"))
