"""Checks of order."""

import pytest

from harness.checks.order import handled_out_of_order, hooks_by_side, hooks_out_of_order, out_of_order
from harness.checks.verdict import Inconclusive, Violation
from harness.history.script import history_of

HOOKS = ("get_request", "verify_request", "process_request", "handler", "close_request")


def test_the_expected_order_is_right() -> None:
    history = history_of("handler.enter client=a", "handler.enter client=x", "handler.enter client=b")

    assert out_of_order(history, "handler.enter", ["a", "b"]) == []


def test_only_the_first_event_of_each_client_counts() -> None:
    history = history_of("handler.exit client=a", "handler.exit client=b", "handler.exit client=a")

    assert out_of_order(history, "handler.exit", ["a", "b"]) == []


def test_a_wrong_order_is_reported_with_both_events() -> None:
    history = history_of("handler.enter client=b", "handler.enter client=a", "handler.enter client=c")

    assert out_of_order(history, "handler.enter", ["a", "b", "c"]) == [
        Violation(
            "handler.enter of client a came after that of client b; the order expected was a, b, c",
            (history[0], history[1]),
        )
    ]


def test_a_wrong_order_is_reported_though_a_client_is_missing() -> None:
    history = history_of("handler.enter client=b", "handler.enter client=a")

    assert len(out_of_order(history, "handler.enter", ["a", "b", "c"])) == 1


@pytest.mark.parametrize("expected", [["a"], ["a", "b"], []])
def test_a_missing_client_proves_nothing(expected: list[str]) -> None:
    history = history_of("handler.enter client=a")

    with pytest.raises(Inconclusive, match=f"of the {len(expected)} clients expected"):
        out_of_order(history, "handler.enter", expected)


def test_connections_handled_as_they_came_are_right() -> None:
    history = history_of(
        "client.connect client=b",
        "client.connect client=a",
        "handler.enter client=b",
        "handler.enter client=a",
    )

    assert handled_out_of_order(history) == []


def test_a_connection_handled_before_an_older_one_is_reported() -> None:
    history = history_of(
        "client.connect client=b",
        "client.connect client=a",
        "handler.enter client=a",
        "handler.enter client=b",
    )

    [violation] = handled_out_of_order(history)

    assert violation.evidence == (history[2], history[3])


def test_connections_made_at_once_prove_nothing() -> None:
    history = history_of("thread=x client.connect client=a", "thread=y client.connect client=b")

    with pytest.raises(Inconclusive, match="clients connected from 2 threads"):
        handled_out_of_order(history)


def test_hooks_in_the_documented_order_are_right() -> None:
    history = history_of(
        "hook.enter name=get_request client=#null",
        "hook.exit name=get_request client=a",
        "hook.enter name=verify_request client=a",
        "hook.exit name=verify_request client=a",
        "hook.enter name=process_request client=a",
        "handler.enter client=a",
        "hook.enter name=close_request client=#null",
        "hook.enter name=service_actions client=#null",
    )

    assert hooks_out_of_order(history, HOOKS) == []


def test_hooks_without_a_client_belong_to_the_one_their_thread_dealt_with() -> None:
    history = history_of(
        "thread=x hook.enter name=verify_request client=a",
        "thread=x hook.enter name=process_request client=a",
        "thread=x hook.enter name=verify_request client=b",
        "thread=y handler.enter client=a",
        "thread=x hook.enter name=process_request client=b",
        "thread=z handler.enter client=b",
        "thread=y hook.enter name=close_request client=#null",
        "thread=z hook.enter name=close_request client=#null",
    )

    assert hooks_out_of_order(history, HOOKS[1:]) == []


def test_hooks_out_of_order_are_reported_with_all_of_that_client() -> None:
    history = history_of(
        "hook.enter name=verify_request client=a",
        "hook.enter name=close_request client=#null",
        "hook.enter name=process_request client=a",
    )

    assert hooks_out_of_order(history, ["verify_request", "process_request", "close_request"]) == [
        Violation(
            "the request of client a went through verify_request, close_request, process_request;"
            " expected was verify_request, process_request, close_request",
            tuple(history),
        )
    ]


@pytest.mark.parametrize("hooks", [["verify_request"], ["verify_request"] + 2 * ["close_request"]])
def test_a_hook_too_few_or_too_many_is_reported(hooks: list[str]) -> None:
    history = history_of(*(f"hook.enter name={name} client=a" for name in hooks))

    assert len(hooks_out_of_order(history, ["verify_request", "close_request"])) == 1


def test_a_history_without_hooks_of_clients_proves_nothing() -> None:
    history = history_of("hook.enter name=service_actions", "hook.enter name=close_request")

    with pytest.raises(Inconclusive, match="no hook was called for any client"):
        hooks_out_of_order(history, HOOKS)


def test_who_serves_and_the_thread_of_the_request_each_have_their_steps() -> None:
    history = history_of(
        "thread=x call.enter call=#1 name=handle_request",
        "thread=x hook.exit name=get_request client=a",
        "thread=x hook.enter name=process_request client=a",
        "thread=y handler.enter client=a",
        "thread=x hook.enter name=close_request client=#null",
        "thread=x call.return call=#1 name=handle_request",
        "thread=y hook.enter name=close_request client=#null",
        "thread=y call.enter call=#2 name=handle_request",
        "thread=y hook.exit name=get_request client=b",
        "thread=y hook.enter name=shutdown_request client=#null",
    )

    assert hooks_by_side(history) == {
        "a": {
            "who serves": ["get_request", "process_request", "close_request"],
            "its own": ["handler", "close_request"],
        },
        "b": {"who serves": ["get_request", "shutdown_request"], "its own": []},
    }


def test_a_child_is_not_who_serves_though_its_thread_has_the_same_name() -> None:
    history = history_of(
        "call.enter name=serve_forever",
        "hook.enter name=process_request client=a",
        "pid=2 handler.enter client=a",
    )

    assert hooks_by_side(history) == {"a": {"who serves": ["process_request"], "its own": ["handler"]}}


@pytest.mark.parametrize("lines", [["hook.enter name=process_request client=a"], ["call.enter name=serve_forever"]])
def test_sides_without_a_server_or_without_hooks_prove_nothing(lines: list[str]) -> None:
    with pytest.raises(Inconclusive, match="nobody served, or no hook was called"):
        hooks_by_side(history_of(*lines))
