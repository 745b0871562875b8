"""Events and spans, and events from the wire."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.history.events import LINE_LIMIT, Event, Span
from harness.history.script import history_of

LINE = b'["handler.enter", 12.5, 7, "main", {"client": "a"}]\n'


def test_a_line_of_the_wire_becomes_an_event() -> None:
    expected = Event(3, 12.5, 7, "main", "handler.enter", {"client": "a"})

    assert Event.from_line(3, LINE) == expected


def test_a_whole_number_of_seconds_is_a_moment_too() -> None:
    assert Event.from_line(0, b'["mark", 12, 7, "main", {}]').at == 12.0


@pytest.mark.parametrize("length", range(len(LINE) - 1))
def test_no_torn_line_passes_for_an_event(length: int) -> None:
    with pytest.raises(ValueError, match="event 3 is"):
        Event.from_line(3, LINE[:length])


@pytest.mark.parametrize(
    "line",
    [
        b"12",
        b"\xff",
        b"[]",
        b'[1, 12.5, 7, "main", {}]',
        b'["mark", "12.5", 7, "main", {}]',
        b'["mark", true, 7, "main", {}]',
        b'["mark", NaN, 7, "main", {}]',
        b'["mark", 12.5, "7", "main", {}]',
        b'["mark", 12.5, true, "main", {}]',
        b'["mark", 12.5, 7, null, {}]',
        b'["mark", 12.5, 7, "main", []]',
        b'["mark", 12.5, 7, "main", {}, 1]',
        b'["mark", 12.5, 7, "main", {}]["mark"',
        b"[" * 100,
    ],
)
def test_what_is_no_event_is_refused_in_one_line(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"expected \[kind, at, pid, thread, details\]") as caught:
        Event.from_line(0, line)

    assert "\n" not in str(caught.value)


def test_a_line_that_a_pipe_may_tear_is_refused() -> None:
    line = json.dumps(["mark", 12.5, 7, "main", {"data": "x" * LINE_LIMIT}]).encode()

    with pytest.raises(ValueError, match=f"expected at most {LINE_LIMIT}"):
        Event.from_line(0, line)


def test_details_cannot_be_changed_afterwards() -> None:
    details: dict[str, object] = {"client": "a"}
    event = Event(0, 0.0, 1, "main", "mark", details)

    details["client"] = "b"

    assert event.details == {"client": "a"}
    with pytest.raises(TypeError):
        event.details["client"] = "b"  # type: ignore[index]


@settings(deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z]+", fullmatch=True), st.text() | st.integers(), max_size=4))
def test_an_event_as_text_can_be_pasted_into_a_history(details: dict[str, object]) -> None:
    event = Event(0, 0.0, 1, "main", "handler.enter", details)

    assert history_of(str(event))[0] == event


@pytest.mark.parametrize(
    ("line", "client"),
    [("mark client=a", "a"), ("mark", ""), ("mark client=#null", ""), ("mark client=#7", "7")],
)
def test_an_event_names_its_client_as_text(line: str, client: str) -> None:
    assert history_of(line)[0].client == client


def test_a_span_is_open_between_its_two_events_only() -> None:
    before, enter, within, leave, after = history_of("mark", "mark", "mark", "mark", "mark")
    span = Span(enter, leave)

    assert [event for event in (before, enter, within, leave, after) if span.is_open_at(event)] == [within]
    assert [event for event in (within, leave, after) if span.has_ended_by(event)] == [leave, after]
    assert span.events == (enter, leave)


def test_a_span_without_an_end_stays_open() -> None:
    enter, after = history_of("mark client=a", "mark")
    span = Span(enter)

    assert span.is_open_at(after)
    assert span.events == (enter,)
    assert span.client == "a"


def test_spans_overlap_if_one_begins_before_the_other_ends() -> None:
    a, b, c, d, e, f = history_of(*6 * ["mark"])

    assert Span(a, c).overlaps(Span(b, d))
    assert Span(b, d).overlaps(Span(a, c))
    assert Span(a).overlaps(Span(e, f))
    assert not Span(a, b).overlaps(Span(c, d))
    assert not Span(e, f).overlaps(Span(a, d))
    assert not Span(a, b).overlaps(Span(a, b))
