"""How many handlers are at work at once."""

import pytest

from harness.checks.children import more_at_once_than
from harness.checks.verdict import Inconclusive
from harness.history.script import history_of


def begin(client):
    return f"pid={ord(client)} handler.enter client={client}"


def end(client):
    return f"pid={ord(client)} handler.exit client={client}"


def test_as_many_as_the_limit_are_right():
    history = history_of(begin("a"), begin("b"), end("a"), begin("c"), end("b"), end("c"))
    assert more_at_once_than(2, history) == []


def test_one_more_is_wrong():
    history = history_of(begin("a"), begin("b"), begin("c"), end("a"), end("b"), end("c"))
    [violation] = more_at_once_than(2, history)
    assert violation.says == "the handler of client c began while 2 others were at work"
    assert violation.evidence == (history[0], history[1], history[2])


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((begin("a"), begin("b"), end("a"), end("b")), id="never one too many"),
        pytest.param((begin("a"), end("a"), begin("b"), end("b"), begin("c")), id="never at the limit"),
    ],
)
def test_nothing_is_proven_unless_the_limit_was_reached_and_more_came(lines):
    with pytest.raises(Inconclusive):
        more_at_once_than(2, history_of(*lines))
