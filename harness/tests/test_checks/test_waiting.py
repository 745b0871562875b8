"""Checks of calls that wait, and of calls after which there is quiet."""

import pytest

from harness.checks import waiting
from harness.checks.verdict import Inconclusive, Violation
from harness.history.history import History
from harness.history.script import history_of

CLOSE = "thread=c call.enter call=#2 name=server_close"
CLOSED = "thread=c call.return call=#2 name=server_close"
BLOCKED = "pid=9 call.blocked call=#2 name=server_close"
ENTER, EXIT = "handler.enter client=a", "handler.exit client=a"
STOP = "thread=c call.enter call=#2 name=shutdown"
STOPPED = "thread=c call.return call=#2 name=shutdown"
HOOK = "thread=loop hook.enter name=verify_request client=a"
SERVE = "thread=loop call.enter call=#1 name=serve_forever"
SERVED = "thread=loop call.return call=#1 name=serve_forever"
SERVE_AGAIN = "thread=loop call.enter call=#3 name=serve_forever"

THAT_WAITS = history_of(ENTER, CLOSE, EXIT, CLOSED)
THAT_DOES_NOT_WAIT = history_of(ENTER, CLOSE, CLOSED, EXIT)


def test_a_call_that_returns_after_the_handlers_waited() -> None:
    assert waiting.handlers_outliving("server_close", THAT_WAITS) == []


def test_a_handler_still_at_work_is_reported_with_its_evidence() -> None:
    assert waiting.handlers_outliving("server_close", THAT_DOES_NOT_WAIT) == [
        Violation(
            "server_close() returned while the handler of client a was at work",
            (THAT_DOES_NOT_WAIT[0], THAT_DOES_NOT_WAIT[2], THAT_DOES_NOT_WAIT[3]),
        )
    ]


def test_a_handler_that_never_ends_is_reported_too() -> None:
    history = history_of(ENTER, CLOSE, CLOSED)

    assert len(waiting.handlers_outliving("server_close", history)) == 1


@pytest.mark.parametrize(
    ("history", "complaint"),
    [
        (history_of(ENTER, EXIT), r"server_close\(\) was never called"),
        (history_of(CLOSE, CLOSED), r"0 handlers ran, none while server_close\(\) did"),
        (
            history_of(ENTER, EXIT, CLOSE, CLOSED),
            r"1 handlers ran, none while server_close\(\) did",
        ),
        (history_of(ENTER, CLOSE, EXIT), r"server_close\(\) never returned"),
        (
            history_of(ENTER, CLOSE, "thread=c call.raise call=#2 name=server_close"),
            r"server_close\(\) never returned",
        ),
    ],
)
def test_a_call_that_met_no_handler_proves_nothing(history: History, complaint: str) -> None:
    with pytest.raises(Inconclusive, match=complaint):
        waiting.handlers_outliving("server_close", history)


def test_a_call_that_returns_before_a_handler_did_not_wait() -> None:
    assert waiting.calls_that_waited("server_close", THAT_DOES_NOT_WAIT) == []


def test_a_call_that_returned_only_after_the_handler_is_reported() -> None:
    assert waiting.calls_that_waited("server_close", THAT_WAITS) == [
        Violation(
            "server_close() returned only after the handler of client a had ended",
            tuple(THAT_WAITS),
        )
    ]


@pytest.mark.parametrize("rest", [(), (EXIT, CLOSED), (EXIT, BLOCKED, CLOSED)])
def test_a_call_that_was_seen_blocked_is_reported_once(rest: tuple[str, ...]) -> None:
    history = history_of(ENTER, CLOSE, BLOCKED, *rest)

    assert waiting.calls_that_waited("server_close", history) == [
        Violation(
            "server_close() was blocked while the handler of client a was at work",
            (history[0], history[1], history[2]),
        )
    ]


def test_a_call_that_was_blocked_by_something_else_did_not_wait_for_the_handler() -> None:
    history = history_of(ENTER, CLOSE, BLOCKED.replace("#2", "#7"), CLOSED, BLOCKED.replace("#2", "#7"), EXIT)

    assert waiting.calls_that_waited("server_close", history) == []


@pytest.mark.parametrize(
    ("history", "complaint"),
    [
        (history_of(ENTER), r"server_close\(\) was never called"),
        (
            history_of(CLOSE, ENTER, EXIT, CLOSED),
            r"1 handlers ran, none when server_close\(\) began",
        ),
        (history_of(ENTER, CLOSE), r"was seen neither to return nor to be blocked"),
        (history_of(ENTER, CLOSE, EXIT, BLOCKED), r"was seen neither to return nor to be blocked"),
    ],
)
def test_a_call_that_had_nothing_to_wait_for_proves_nothing(history: History, complaint: str) -> None:
    with pytest.raises(Inconclusive, match=complaint):
        waiting.calls_that_waited("server_close", history)


def test_a_client_that_comes_too_late_and_waits_in_vain_is_right() -> None:
    history = history_of(
        "client.connect client=a",
        STOP,
        STOPPED,
        ENTER,
        "client.connect client=b",
        "client.send client=a",
    )

    assert waiting.accepted_after("shutdown", history) == []


def test_a_client_that_is_refused_is_right() -> None:
    history = history_of(STOP, STOPPED, "client.refused client=unconnected")

    assert waiting.accepted_after("shutdown", history) == []


def test_a_client_that_comes_too_late_and_is_handled_is_reported() -> None:
    history = history_of(STOP, STOPPED, "client.connect client=a", "client.send client=a", ENTER)

    assert waiting.accepted_after("shutdown", history) == [
        Violation(
            "client a came after shutdown() had returned and was handled",
            (history[1], history[2], history[4]),
        )
    ]


def test_a_client_that_comes_too_late_may_be_handled_when_serving_goes_on() -> None:
    history = history_of(STOP, STOPPED, "client.connect client=a", SERVE_AGAIN, ENTER)

    assert waiting.accepted_after("shutdown", history) == []


@pytest.mark.parametrize(
    ("history", "complaint"),
    [
        (history_of(STOP, "client.connect client=a"), r"shutdown\(\) never returned"),
        (history_of(STOP, STOPPED, ENTER), "no client tried to connect"),
        (
            history_of("client.connect client=a", STOP, STOPPED, "client.send client=a", ENTER),
            "no client tried to connect",
        ),
    ],
)
def test_without_late_clients_nothing_is_proven(history: History, complaint: str) -> None:
    with pytest.raises(Inconclusive, match=complaint):
        waiting.accepted_after("shutdown", history)


def test_hooks_before_the_return_are_right() -> None:
    history = history_of(SERVE, HOOK, STOP, SERVED, STOPPED)

    assert waiting.loop_hooks_after("shutdown", history) == []


def test_a_hook_of_the_loop_after_the_return_is_reported() -> None:
    history = history_of(SERVE, STOP, STOPPED, HOOK, SERVED)
    expected = [Violation("verify_request() was called after shutdown() had returned", (history[2], history[3]))]

    assert waiting.loop_hooks_after("shutdown", history) == expected


def test_a_hook_of_a_request_thread_after_the_return_is_none_of_the_loop() -> None:
    history = history_of(SERVE, STOP, SERVED, STOPPED, "thread=x hook.enter name=close_request client=#null")

    assert waiting.loop_hooks_after("shutdown", history) == []


def test_hooks_of_later_calls_are_right() -> None:
    history = history_of(
        SERVE,
        HOOK,
        STOP,
        SERVED,
        STOPPED,
        "thread=d call.enter call=#4 name=server_close",
        "thread=d hook.enter name=close_request",
        "thread=d call.return call=#4 name=server_close",
        SERVE_AGAIN,
        HOOK,
    )

    assert waiting.loop_hooks_after("shutdown", history) == []


@pytest.mark.parametrize(
    ("history", "complaint"),
    [
        (history_of(SERVE, HOOK, STOP), r"shutdown\(\) never returned"),
        (history_of(SERVE, STOP, SERVED, STOPPED), "no hook was called at all"),
    ],
)
def test_without_hooks_nothing_is_proven(history: History, complaint: str) -> None:
    with pytest.raises(Inconclusive, match=complaint):
        waiting.loop_hooks_after("shutdown", history)
