"""A history as text in lanes."""

import pytest

from harness.history.script import history_of
from harness.history.timeline import timeline

VISIT = history_of(
    "pid=9 at=5 client.connect client=a",
    "pid=1 thread=1401 at=5.0005 hook.enter name=verify_request client=a",
    "pid=1 thread=1402 at=5.001 handler.enter client=a",
    "pid=1 thread=1402 at=5.002 gate.wait gate=hold",
    "pid=1 thread=main at=5.003 call.return call=#1 name=server_close",
    "pid=1 thread=1402 at=5.004 handler.exit client=a",
    "pid=1 thread=1402 at=5.005 hook.enter name=close_request client=#null",
)


def test_each_event_stands_in_its_lane_with_time_and_place() -> None:
    lines = timeline(VISIT, highlight=[VISIT[4]]).splitlines()

    assert [line.split() for line in lines] == [
        ["ms", "CLIENTS", "SERVER", "HANDLERS", "PROCESS", "THREAD"],
        ["0.000", "client.connect", "a", "9", "main"],
        ["0.500", "hook.enter", "verify_request", "a", "1", "#0"],
        ["1.000", "handler.enter", "a", "1", "#1"],
        ["2.000", "gate.wait", "hold", "1", "#1"],
        [">", "3.000", "call.return", "call=#1", "server_close", "1", "main"],
        ["4.000", "handler.exit", "a", "1", "#1"],
        ["5.000", "hook.enter", "close_request", "1", "#1"],
    ]


@pytest.mark.parametrize(
    ("line", "lane", "text"),
    [
        (1, "CLIENTS", "client.connect"),
        (2, "SERVER", "hook.enter"),
        (3, "HANDLERS", "handler.enter"),
        (4, "HANDLERS", "gate.wait"),
        (5, "SERVER", "call.return"),
        (7, "SERVER", "hook.enter"),
    ],
)
def test_what_a_thread_does_within_a_handler_stands_in_the_lane_of_handlers(line: int, lane: str, text: str) -> None:
    lines = timeline(VISIT).splitlines()

    assert lines[line].index(text) == lines[0].index(lane)


def test_a_long_history_is_cut_in_the_middle_and_says_how_much_is_left_out() -> None:
    history = history_of(*(f"mark name=n{number}" for number in range(200)))

    lines = timeline(history).splitlines()

    assert len(lines) <= 60
    assert "154 events left out" in lines[24]
    assert "n0" in lines[1]
    assert "n199" in lines[-1]


def test_highlighted_events_are_kept_wherever_they_stand() -> None:
    history = history_of(*(f"mark name=n{number}" for number in range(200)))

    lines = timeline(history, highlight=history[90:110:2]).splitlines()

    assert sum(line.startswith(">") for line in lines) == 10
    assert len(lines) <= 60


def test_even_many_highlighted_events_do_not_make_it_long() -> None:
    history = history_of(*(f"mark name=n{number}" for number in range(2000)))

    lines = timeline(history, highlight=history[::2]).splitlines()

    assert len(lines) <= 60


def test_lines_are_never_wider_than_a_terminal() -> None:
    kinds = ("client.send", "hook.enter", "handler.enter")
    lines = [f"pid=4194304 thread={'t' * 40} {kind} client={'c' * 80}" for kind in kinds]

    assert max(map(len, timeline(history_of(*lines)).splitlines())) <= 120


def test_an_empty_history_says_so() -> None:
    assert timeline(history_of()) == "(nothing happened)"
