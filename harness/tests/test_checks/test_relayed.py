"""Checks of servers behind an impairing relay."""

import pytest

from harness.checks.relayed import handled_otherwise_than_delivered, questions_never_answered
from harness.checks.verdict import Inconclusive
from harness.history.history import History
from harness.history.script import history_of

KINDS = ("drop", "repeat", "hold", "swap", "cut")


def impaired(way: str) -> list[str]:
    """Return an event of each impairment on this way."""
    return [f"relay.{kind} way={way} data=x number=#{number}" for number, kind in enumerate(KINDS)]


def relayed(delivered: str, handled: str) -> History:
    """Return the history of an impairing relay: what it *delivered*, and what was *handled*, one letter a datagram."""
    return history_of(
        *impaired("request"),
        *(f"relay.deliver way=request data={data}" for data in delivered),
        "relay.deliver way=reply data=z",
        *(f"handler.enter client=relay data={data}" for data in handled),
    )


def asked(questions: str, answered: str) -> History:
    """Return the history of askers behind an impairing relay, one letter a question."""
    return history_of(
        *impaired("request"),
        *(f"asker.ask data={data}" for data in questions),
        *(f"asker.answered data={data}" for data in answered),
        *impaired("reply"),
    )


@pytest.mark.parametrize("handled", ["abb", "bab", "bba"])
def test_what_is_handled_as_often_as_delivered_is_right_in_any_order(handled: str) -> None:
    assert handled_otherwise_than_delivered(relayed("abb", handled)) == []


@pytest.mark.parametrize(
    ("handled", "says"),
    [
        ("ab", "delivered 2 times and handled 1 times"),
        ("abbb", "delivered 2 times and handled 3 times"),
        ("bb", "delivered 1 times and handled 0 times"),
        ("abbx", "delivered 0 times and handled 1 times"),
    ],
)
def test_what_is_handled_more_or_less_often_is_a_violation(handled: str, says: str) -> None:
    [violation] = handled_otherwise_than_delivered(relayed("abb", handled))

    assert says in violation.says


def test_questions_that_were_answered_are_right() -> None:
    assert questions_never_answered(asked("ab", "ba")) == []


@pytest.mark.parametrize("answered", ["a", "aa"])
def test_a_question_without_an_answer_is_a_violation(answered: str) -> None:
    history = asked("ab", answered)

    [violation] = questions_never_answered(history)

    assert violation.evidence == (history.first("asker.ask", data="b"),)


def test_no_answer_at_all_is_a_violation() -> None:
    assert len(questions_never_answered(asked("ab", ""))) == 2


def test_answers_that_came_before_the_network_was_bad_prove_nothing() -> None:
    history = history_of("asker.ask data=a", "asker.answered data=a", *impaired("request"), *impaired("reply"))

    with pytest.raises(Inconclusive, match="while the relay impaired"):
        questions_never_answered(history)


@pytest.mark.parametrize("kind", KINDS)
def test_a_relay_that_did_not_impair_in_every_way_proves_nothing(kind: str) -> None:
    rest = [line for line in impaired("request") if not line.startswith(f"relay.{kind}")]

    with pytest.raises(Inconclusive, match=f"relay.{kind} of a request"):
        handled_otherwise_than_delivered(history_of(*rest))
    with pytest.raises(Inconclusive, match=f"relay.{kind} of a request"):
        questions_never_answered(history_of(*rest, *impaired("reply")))


def test_a_relay_that_impaired_one_way_only_proves_nothing_of_dialogues() -> None:
    with pytest.raises(Inconclusive, match="of a reply"):
        questions_never_answered(history_of(*impaired("request")))
