"""The queries of a history."""

import pytest

from harness.history.events import Span
from harness.history.history import History
from harness.history.script import history_of

ECHO = history_of(
    "client.connect client=a",
    "handler.enter client=a",
    "handler.exit client=a",
    "client.end client=a",
)


def test_a_history_is_a_sequence_of_its_events() -> None:
    assert [event.kind for event in ECHO][1:3] == ["handler.enter", "handler.exit"]
    assert len(ECHO) == 4
    assert ECHO[-1].kind == "client.end"
    assert ECHO[1] in ECHO
    assert repr(ECHO) == "<History of 4 events>"


def test_a_slice_is_a_history_and_keeps_the_numbers_of_its_events() -> None:
    part = ECHO[2:]

    assert isinstance(part, History)
    assert [event.index for event in part] == [2, 3]


def test_histories_with_the_same_events_are_equal() -> None:
    copy = History(list(ECHO))

    assert copy == ECHO
    assert hash(copy) == hash(ECHO)
    assert copy[1:] != ECHO
    assert list(copy) != ECHO


def test_events_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="event 0 follows event 1; expected rising numbers"):
        History([ECHO[1], ECHO[0]])


def test_events_are_found_by_kind_and_details() -> None:
    history = history_of("mark name=x", "mark name=y", "mark name=x", "other name=x")

    assert history.of("mark", name="x") == [history[0], history[2]]
    assert history.of("mark", name="z") == []
    assert history.first("mark", name="x") == history[0]
    assert history.last("mark", name="x") == history[2]
    assert history.first("mark", name="z") is None
    assert history.last("nothing") is None


def test_a_kind_with_a_wildcard_finds_all_that_begin_so() -> None:
    assert ECHO.of("handler.*") == [ECHO[1], ECHO[2]]


def test_a_detail_may_be_called_kind() -> None:
    history = history_of("mark kind=x", "mark kind=y")

    assert history.of("mark", kind="y") == [history[1]]


def test_a_history_can_be_cut_at_events() -> None:
    assert ECHO.before(ECHO[1]) == ECHO[:1]
    assert ECHO.after(ECHO[1]) == ECHO[2:]
    assert ECHO.between(ECHO[0], ECHO[3]) == ECHO[1:3]


def test_spans_pair_enter_and_exit_of_the_same_key() -> None:
    history = history_of(
        "handler.enter client=a",
        "handler.enter client=b",
        "handler.exit client=a",
        "handler.raise client=b",
    )

    assert history.spans("handler", "client") == [
        Span(history[0], history[2]),
        Span(history[1], history[3]),
    ]


def test_spans_of_calls_end_with_their_return() -> None:
    history = history_of("call.enter call=#1", "call.blocked call=#1", "call.return call=#1")

    assert history.spans("call", "call") == [Span(history[0], history[2])]


def test_spans_of_one_key_are_told_apart_by_their_threads() -> None:
    history = history_of(
        "thread=x handler.enter client=a",
        "thread=y handler.enter client=a",
        "thread=x handler.exit client=a",
        "pid=2 thread=y handler.exit client=a",
    )

    assert history.spans("handler", "client") == [Span(history[0], history[2]), Span(history[1])]


def test_of_nested_spans_the_inner_ends_first() -> None:
    history = history_of("hook.enter name=x", "hook.enter name=x", "hook.exit name=x", "hook.exit name=x")

    assert history.spans("hook", "name") == [
        Span(history[0], history[3]),
        Span(history[1], history[2]),
    ]


def test_an_end_without_a_beginning_is_no_span() -> None:
    assert history_of("handler.exit client=a").spans("handler", "client") == []
