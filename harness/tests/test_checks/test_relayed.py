"""Checks of servers behind an impairing relay."""

import pytest

from harness.checks.relayed import handled_otherwise_than_delivered
from harness.checks.verdict import Inconclusive
from harness.history.history import History
from harness.history.script import history_of

IMPAIRED = ("relay.drop data=lost number=#0", "relay.repeat data=b number=#1", "relay.hold data=c number=#2")


def relayed(delivered: str, handled: str) -> History:
    """Return the history of an impairing relay: what it *delivered*, and what was *handled*, one letter a datagram."""
    return history_of(
        *IMPAIRED,
        *(f"relay.deliver data={data}" for data in delivered),
        *(f"handler.enter client=relay data={data}" for data in handled),
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


@pytest.mark.parametrize("kind", ["drop", "repeat", "hold"])
def test_a_relay_that_did_not_impair_in_every_way_proves_nothing(kind: str) -> None:
    rest = [line for line in IMPAIRED if not line.startswith(f"relay.{kind}")]

    with pytest.raises(Inconclusive, match=f"relay.{kind}"):
        handled_otherwise_than_delivered(history_of(*rest))
