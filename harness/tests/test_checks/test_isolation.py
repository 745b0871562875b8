"""Checks of what stays in a process of its own."""

import pytest

from harness.checks import isolation
from harness.checks.verdict import Inconclusive, Violation
from harness.history.script import history_of

CHANGE = "pid=2 state.change name=counter value=#1"
IN_CHILDREN = history_of(
    "pid=1 call.enter call=#1 name=serve_forever",
    "pid=2 handler.enter client=a",
    "pid=3 handler.enter client=b",
)
IN_THE_SERVER = history_of(
    "pid=1 call.enter call=#1 name=serve_forever",
    "pid=1 handler.enter client=a",
    "pid=1 handler.enter client=b",
)


def test_state_that_others_see_unchanged_is_isolated() -> None:
    history = history_of(CHANGE, "pid=1 state.seen name=counter value=#0")

    assert isolation.state_seen_outside(history) == []


def test_state_that_another_process_sees_changed_is_reported() -> None:
    history = history_of(CHANGE, "pid=2 state.seen name=counter value=#1", "pid=1 state.seen name=counter value=#1")

    assert isolation.state_seen_outside(history) == [
        Violation("process 1 saw counter as process 2 changed it", (history[0], history[2]))
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("pid=1 state.seen name=counter value=#0",),
        ("pid=1 state.seen name=counter value=#0", CHANGE),
        (CHANGE, "pid=2 state.seen name=counter value=#1"),
        (CHANGE, "pid=1 state.seen name=other value=#1"),
    ],
)
def test_state_at_which_nobody_else_looked_proves_nothing(lines: tuple[str, ...]) -> None:
    with pytest.raises(Inconclusive, match="no process looked at state that another had changed"):
        isolation.state_seen_outside(history_of(*lines))


def test_children_that_stay_away_are_right() -> None:
    assert isolation.children_that_came_back(IN_CHILDREN) == []


@pytest.mark.parametrize("handled", [True, False])
def test_a_child_that_came_back_is_reported(*, handled: bool) -> None:
    lines = ["pid=1 call.enter call=#1 name=serve_forever"]
    lines += ["pid=2 handler.enter client=a"] if handled else []
    history = history_of(*lines, "pid=2 child.returned name=serve_forever")

    assert isolation.children_that_came_back(history) == [
        Violation("child 2 came back into its parent's code", (history[-1],))
    ]


def test_without_a_handler_in_a_child_none_can_come_back() -> None:
    with pytest.raises(Inconclusive, match="no handler ran in a child"):
        isolation.children_that_came_back(IN_THE_SERVER)


def test_handlers_outside_of_the_process_of_the_server_are_right() -> None:
    assert isolation.handlers_in_the_server_process(IN_CHILDREN, server_pid=1) == []
    assert isolation.handlers_in_the_server_process(IN_THE_SERVER, server_pid=1) == [
        Violation("the handler of client a ran in the server's process", (IN_THE_SERVER[1],)),
        Violation("the handler of client b ran in the server's process", (IN_THE_SERVER[2],)),
    ]


def test_handlers_share_a_process_or_do_not() -> None:
    assert isolation.handlers_in_same_process(IN_CHILDREN) == []
    assert isolation.handlers_in_same_process(IN_THE_SERVER) == [
        Violation("the handlers of clients a and b ran in process 1", tuple(IN_THE_SERVER[1:]))
    ]


def test_without_handlers_nothing_is_proven() -> None:
    with pytest.raises(Inconclusive, match="no handler ran"):
        isolation.handlers_in_the_server_process(history_of(), server_pid=1)
    with pytest.raises(Inconclusive, match="only one handler ran"):
        isolation.handlers_in_same_process(IN_CHILDREN[:2])
