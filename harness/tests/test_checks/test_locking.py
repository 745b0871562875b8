"""Checks of shared state."""

import pytest

from harness.checks.locking import lost_updates
from harness.checks.verdict import Inconclusive, Violation
from harness.history.history import History
from harness.history.script import history_of


def two_updates(first: int, second: int) -> History:
    return history_of(
        "thread=x handler.enter client=a",
        "thread=y handler.enter client=b",
        f"thread=x update.done client=a total=#{first}",
        f"thread=y update.done client=b total=#{second}",
        "thread=x handler.exit client=a",
        "thread=y handler.exit client=b",
    )


def test_updates_that_add_up_are_right() -> None:
    assert lost_updates(two_updates(2, 1)) == []


def test_updates_with_the_same_result_are_reported() -> None:
    history = two_updates(1, 1)

    assert lost_updates(history) == [
        Violation("2 updates made the total 1; 1 of them got lost", (history[2], history[3]))
    ]


@pytest.mark.parametrize(
    "history",
    [
        history_of(),
        history_of("update.done total=#1", "update.done total=#2"),
        history_of(
            "handler.enter client=a",
            "update.done total=#1",
            "handler.exit client=a",
            "handler.enter client=b",
            "update.done total=#2",
            "handler.exit client=b",
        ),
    ],
)
def test_updates_one_after_another_prove_nothing(history: History) -> None:
    with pytest.raises(Inconclusive, match="no two by handlers at work at once"):
        lost_updates(history)
