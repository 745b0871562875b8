"""Histories written by hand."""

import pytest

from harness.history.events import Event
from harness.history.script import history_of


def test_a_line_becomes_an_event_a_millisecond_after_the_line_above() -> None:
    history = history_of("handler.enter client=a", "call.return   call=#3  name=server_close ")

    assert list(history) == [
        Event(0, 0.0, 1, "main", "handler.enter", {"client": "a"}),
        Event(1, 0.001, 1, "main", "call.return", {"call": 3, "name": "server_close"}),
    ]


def test_process_thread_and_time_may_precede_the_kind() -> None:
    [event] = history_of("pid=7 thread=loop at=2.5 mark pid=8")

    assert event == Event(0, 2.5, 7, "loop", "mark", {"pid": "8"})


def test_text_in_quotes_may_hold_anything() -> None:
    [event] = history_of(r'client.send client=a data="say \"two words\"\n"')

    assert event.details["data"] == 'say "two words"\n'


def test_nothing_is_a_history_too() -> None:
    assert len(history_of()) == 0


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("", "expected 'KIND key=value ...'"),
        ("client=a", "expected 'KIND key=value ...'"),
        ("handler.enter client", "expected 'KIND key=value ...'"),
        ("Handler", "expected 'KIND key=value ...'"),
        ("client=a handler.enter", "only pid=, thread= and at="),
        ("mark call=#x", "#x is not a value"),
        ("pid=x mark", "invalid literal"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(line: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        history_of(line)
