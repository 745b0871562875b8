"""Checks of what the loop does in each turn."""

import pytest

from harness.checks.turns import turns_without_service_actions
from harness.checks.verdict import Inconclusive
from harness.history.script import history_of

ALTERNATING = history_of(
    "thread=x call.enter call=#1 name=serve_forever",
    "thread=x handler.enter client=a",
    "thread=x handler.exit client=a",
    "thread=x hook.enter name=service_actions",
    "thread=x handler.enter client=b",
    "thread=x handler.exit client=b",
)
WITHOUT = history_of(
    "thread=x call.enter call=#1 name=serve_forever",
    "thread=x hook.enter name=service_actions",
    "thread=x handler.enter client=a",
    "thread=x handler.exit client=a",
    "thread=x handler.enter client=b",
    "thread=x handler.exit client=b",
    "thread=x hook.enter name=service_actions",
)
ELSEWHERE = history_of(
    "thread=x call.enter call=#1 name=serve_forever",
    "thread=x handler.enter client=a",
    "thread=x handler.exit client=a",
    "thread=y hook.enter name=service_actions",
    "thread=x handler.enter client=b",
    "thread=x handler.exit client=b",
)
TWO_LOOPS = history_of(
    "thread=x call.enter call=#1 name=serve_forever",
    "thread=x handler.enter client=a",
    "thread=x handler.exit client=a",
    "thread=x call.return call=#1 name=serve_forever",
    "thread=x call.enter call=#2 name=serve_forever",
    "thread=x handler.enter client=b",
    "thread=x handler.exit client=b",
)


def test_service_actions_between_two_requests_are_right():
    assert turns_without_service_actions(ALTERNATING) == []


def test_two_requests_in_a_row_are_found():
    [violation] = turns_without_service_actions(WITHOUT)
    assert violation.says == "service_actions() was not called between the requests of clients a and b"
    assert violation.evidence == (WITHOUT[2], WITHOUT[4])


def test_service_actions_of_another_thread_do_not_count():
    assert len(turns_without_service_actions(ELSEWHERE)) == 1


@pytest.mark.parametrize("history", [ALTERNATING[:3], TWO_LOOPS, history_of()])
def test_less_than_two_requests_in_a_loop_prove_nothing(history):
    with pytest.raises(Inconclusive):
        turns_without_service_actions(history)
