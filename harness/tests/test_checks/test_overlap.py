"""Checks of what is at work at once."""

import pytest

from harness.checks import overlap
from harness.checks.verdict import Inconclusive, Violation
from harness.history.history import History
from harness.history.script import history_of

ONE_AFTER_ANOTHER = history_of(
    "client.connect client=a",
    "client.connect client=b",
    "thread=x handler.enter client=a",
    "thread=x handler.exit client=a",
    "thread=x handler.enter client=b",
    "thread=x handler.exit client=b",
)
AT_ONCE = history_of(
    "client.connect client=a",
    "client.connect client=b",
    "thread=x handler.enter client=a",
    "thread=y handler.enter client=b",
    "thread=y handler.exit client=b",
    "thread=x handler.exit client=a",
)
IN_ONE_THREAD = history_of(
    "handler.enter client=a",
    "handler.enter client=b",
    "handler.exit client=b",
    "handler.exit client=a",
)
NOBODY_WAITS = history_of(
    "client.connect client=a",
    "handler.enter client=a",
    "handler.exit client=a",
    "client.connect client=b",
    "handler.enter client=b",
    "handler.exit client=b",
)


def served(handler_thread: str, call: str = "serve_forever") -> History:
    return history_of(
        f"thread=loop call.enter call=#1 name={call}",
        f"thread={handler_thread} handler.enter client=a",
        f"thread={handler_thread} handler.exit client=a",
        f"thread=loop call.return call=#1 name={call}",
    )


def test_handlers_one_after_another_do_not_overlap() -> None:
    assert overlap.overlapping_handlers(ONE_AFTER_ANOTHER) == []


def test_a_request_may_wait_for_a_handler_that_never_ends() -> None:
    assert overlap.overlapping_handlers(ONE_AFTER_ANOTHER[:3]) == []


def test_overlapping_handlers_are_reported_with_their_events() -> None:
    assert overlap.overlapping_handlers(AT_ONCE) == [
        Violation(
            "the handler of client b began while that of client a was at work",
            (AT_ONCE[2], AT_ONCE[3], AT_ONCE[4], AT_ONCE[5]),
        )
    ]


def test_of_many_overlapping_handlers_each_is_reported_once() -> None:
    history = history_of(*(f"thread={name} handler.enter client={name}" for name in "abcd"))

    violations = overlap.overlapping_handlers(history)

    assert [violation.evidence for violation in violations] == [
        (history[0], history[1]),
        (history[1], history[2]),
        (history[2], history[3]),
    ]


@pytest.mark.parametrize("history", [NOBODY_WAITS, NOBODY_WAITS[:3], history_of()])
def test_handlers_for_which_nobody_waited_do_not_prove_that_they_exclude_each_other(
    history: History,
) -> None:
    with pytest.raises(Inconclusive, match="none while another request was waiting"):
        overlap.overlapping_handlers(history)


def test_handlers_at_work_at_once_are_what_was_asked_for() -> None:
    assert overlap.never_overlapping(AT_ONCE, at_least=2) == []


def test_requests_that_were_never_handled_at_once_are_reported() -> None:
    assert overlap.never_overlapping(ONE_AFTER_ANOTHER, at_least=2) == [
        Violation(
            "2 requests were there at once, but at most 1 handlers at work together",
            (ONE_AFTER_ANOTHER[0], ONE_AFTER_ANOTHER[1]),
        )
    ]


def test_requests_that_came_one_after_another_need_not_be_handled_at_once() -> None:
    with pytest.raises(Inconclusive, match="there were never 2 requests at once"):
        overlap.never_overlapping(NOBODY_WAITS, at_least=2)


def test_handlers_at_once_in_two_threads_are_right() -> None:
    assert overlap.handlers_in_same_thread(AT_ONCE) == []


def test_handlers_at_once_in_one_thread_are_reported() -> None:
    [violation] = overlap.handlers_in_same_thread(IN_ONE_THREAD)

    assert violation.evidence == tuple(IN_ONE_THREAD)


def test_handlers_one_after_another_may_be_in_threads_of_the_same_name() -> None:
    with pytest.raises(Inconclusive, match="no two handlers were at work at once"):
        overlap.handlers_in_same_thread(ONE_AFTER_ANOTHER)


@pytest.mark.parametrize("call", ["serve_forever", "handle_request"])
def test_a_handler_is_in_the_thread_that_serves_or_outside_of_it(call: str) -> None:
    inside, outside = served("loop", call), served("other", call)

    assert overlap.handlers_in_server_thread(outside) == []
    assert overlap.handlers_outside_server_thread(inside) == []
    assert overlap.handlers_in_server_thread(inside) == [
        Violation("the handler of client a ran in the thread that was serving", (inside[0], inside[1]))
    ]
    assert overlap.handlers_outside_server_thread(outside) == [
        Violation(
            "the handler of client a ran outside the thread that was serving",
            (outside[0], outside[1]),
        )
    ]


@pytest.mark.parametrize("thread", ["loop", "other"])
def test_a_handler_that_begins_after_the_serving_call_is_outside_of_it(thread: str) -> None:
    history = history_of(
        "thread=loop call.enter call=#1 name=handle_request",
        "thread=loop call.return call=#1 name=handle_request",
        f"thread={thread} handler.enter client=a",
    )

    assert overlap.handlers_outside_server_thread(history) == [
        Violation("the handler of client a began when nobody was serving any more", tuple(history))
    ]
    with pytest.raises(Inconclusive, match=r"no handler ran during serve_forever\(\)"):
        overlap.handlers_in_server_thread(history)


def test_a_handler_that_began_before_the_serving_call_proves_nothing() -> None:
    history = history_of("thread=other handler.enter client=a", "thread=loop call.enter call=#1 name=handle_request")

    with pytest.raises(Inconclusive, match=r"no handler ran during serve_forever\(\)"):
        overlap.handlers_outside_server_thread(history)


def test_without_a_thread_that_serves_nothing_is_proven() -> None:
    history = served("loop", call="process_request")

    with pytest.raises(Inconclusive, match=r"no handler ran during serve_forever\(\)"):
        overlap.handlers_in_server_thread(history)
    with pytest.raises(Inconclusive, match=r"no handler ran during serve_forever\(\)"):
        overlap.handlers_outside_server_thread(history)
