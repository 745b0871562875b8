"""Checks of datagrams between their sending and their handling."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.checks import datagrams
from harness.checks.verdict import Inconclusive, Violation
from harness.history.history import History
from harness.history.script import history_of
from harness.history.values import write_value

CHECKS = [
    datagrams.altered_datagrams,
    datagrams.merged_or_split_datagrams,
    datagrams.invented_datagrams,
    datagrams.repeated_datagrams,
    datagrams.reordered_datagrams,
]
Check = Callable[[History], list[Violation]]


def mail(sent: list[str], handled: list[str]) -> History:
    """Return the history in which client a *sent* datagrams and then these were *handled*."""
    return history_of(
        *(f"client.send client=a data={write_value(data)}" for data in sent),
        *(f"handler.enter client=a data={write_value(data)}" for data in handled),
    )


def findings(history: History) -> dict[str, int]:
    """Return how many violations each check finds, of those that find any."""
    counts = {check.__name__: len(check(history)) for check in CHECKS}
    return {name: count for name, count in counts.items() if count}


@settings(deadline=None)
@given(st.lists(st.text(max_size=3), min_size=2))
def test_what_is_handled_as_it_was_sent_is_right(sent: list[str]) -> None:
    assert findings(mail(sent, sent)) == {}


def test_long_datagrams_are_compared_by_their_beginning_and_their_size() -> None:
    history = history_of(
        "client.send client=a data=ab size=#9",
        "client.send client=a data=xy size=#9",
        "handler.enter client=a data=ab size=#9",
        "handler.enter client=a data=xy size=#9",
    )

    assert findings(history) == {}


def test_a_lost_datagram_is_not_a_violation_here() -> None:
    assert findings(mail(["one", "two", "three"], ["one", "three"])) == {}


def test_an_altered_datagram_is_reported_with_what_it_was() -> None:
    history = mail(["one", "two", "three"], ["one", "tw", "three"])

    assert datagrams.altered_datagrams(history) == [
        Violation(
            "a datagram of client a was sent with 3 bytes and handled with 2, not the same",
            (history[1], history[4]),
        )
    ]
    assert findings(history) == {"altered_datagrams": 1}


def test_merged_datagrams_are_reported_with_their_parts() -> None:
    history = mail(["one", "two", "three", "four"], ["one", "twothree", "four"])

    assert datagrams.merged_or_split_datagrams(history) == [
        Violation("2 datagrams of client a were handled as one", (history[1], history[2], history[5]))
    ]
    assert findings(history) == {"merged_or_split_datagrams": 1}


def test_a_split_datagram_is_reported_with_its_parts() -> None:
    history = mail(["one", "twothreefour", "five"], ["one", "two", "three", "four", "five"])

    assert datagrams.merged_or_split_datagrams(history) == [
        Violation(
            "a datagram of client a was handled as 3",
            (history[1], history[4], history[5], history[6]),
        )
    ]
    assert findings(history) == {"merged_or_split_datagrams": 1}


def test_an_invented_datagram_is_reported() -> None:
    history = mail(["one", "two"], ["one", "two", "three"])

    assert datagrams.invented_datagrams(history) == [
        Violation("client a never sent what was handled as its own", (history[4],))
    ]
    assert findings(history) == {"invented_datagrams": 1}


def test_a_datagram_taken_for_that_of_another_client_is_invented() -> None:
    history = history_of(
        "client.send client=a data=one",
        "client.send client=a data=two",
        "handler.enter client=a data=one",
        "handler.enter client=a data=two",
        "handler.enter client=b data=one",
    )

    assert findings(history) == {"invented_datagrams": 1}


def test_a_repeated_datagram_is_reported_with_all_its_copies() -> None:
    history = mail(["one", "two"], ["one", "two", "one"])

    assert datagrams.repeated_datagrams(history) == [
        Violation(
            "a datagram of client a was sent once and handled 2 times",
            (history[0], history[2], history[4]),
        )
    ]
    assert findings(history) == {"repeated_datagrams": 1}


def test_reordered_datagrams_are_reported() -> None:
    history = mail(["one", "two", "three"], ["two", "one", "three"])

    assert datagrams.reordered_datagrams(history) == [
        Violation(
            "two datagrams of client a were handled in the other order",
            (history[0], history[1], history[3], history[4]),
        )
    ]
    assert findings(history) == {"reordered_datagrams": 1}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("history", [mail(["one"], []), mail([], ["one"]), mail([], [])])
def test_without_datagrams_on_both_sides_nothing_is_proven(check: Check, history: History) -> None:
    with pytest.raises(Inconclusive, match=r"\d datagrams were sent and \d handled"):
        check(history)


def test_one_datagram_has_no_order() -> None:
    with pytest.raises(Inconclusive, match="no client had two of its datagrams handled"):
        datagrams.reordered_datagrams(mail(["one", "two"], ["one"]))
