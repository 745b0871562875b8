"""Everything that comes out of a host is read; what cannot be believed is not."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from harness.channel import KEPT, Channel, Lines, Printed
from harness.history.events import LINE_LIMIT
from harness.hosts import Host
from harness.outcomes import HostDied
from harness.tests.test_host import acts


@pytest.fixture
def channel() -> Iterator[Channel]:
    before = set(os.listdir("/proc/self/fd"))
    channel = Channel()
    yield channel
    channel.hand_over()
    channel.close()
    assert set(os.listdir("/proc/self/fd")) == before


# -- what is printed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, KEPT, 2 * KEPT])
def test_what_is_short_is_kept_whole(size: int) -> None:
    printed = Printed()
    for start in range(0, size, 1000):
        printed.add(b"x" * min(1000, size - start))

    assert printed.text() == "x" * size


@pytest.mark.parametrize("piece", [999, 65536, 10**6])
def test_of_what_is_long_the_head_and_the_tail_are_kept(piece: int) -> None:
    printed, data = Printed(), b"%06d\n" * 30_000 % tuple(range(30_000))
    for start in range(0, len(data), piece):
        printed.add(data[start : start + piece])

    left_out = len(data) - 2 * KEPT
    expected = data[:KEPT] + f"\n… {left_out} bytes left out …\n".encode() + data[-KEPT:]
    assert printed.text() == expected.decode()


def test_what_is_not_text_is_shown_all_the_same() -> None:
    printed = Printed()
    printed.add(b"\xff\xc3")
    printed.add(b"\xa9")

    assert printed.text() == "\\xffé"


def test_a_host_that_floods_is_read_to_the_end(host: Host) -> None:
    host.call(acts.flood, 5000)
    host.leave()
    host.wait_for_end()
    host.end()

    assert host.printed() == "printed\n"
    complaints = host.complaints().splitlines()
    assert complaints[0].strip() == "0"
    assert complaints[-1].strip() == "4999"
    assert len(host.complaints()) < 2 * KEPT + 100


# -- lines -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_lines_are_cut_wherever_the_pieces_end(size: int) -> None:
    lines: list[bytes] = []
    cutter, stream = Lines(lines.append), b"one\n\ntwo\nrest"
    for start in range(0, len(stream), size):
        cutter.add(stream[start : start + size])

    assert lines == [b"one", b"", b"two"]


def test_a_line_without_an_end_does_not_grow_for_ever() -> None:
    lines: list[bytes] = []
    cutter = Lines(lines.append, longest=10)
    for _ in range(4):
        cutter.add(b"12345")

    assert lines == [b"123451234512345"]


# -- events ------------------------------------------------------------------------------------------------------------


def test_a_history_holds_all_that_was_written_before_it_and_no_marks(channel: Channel) -> None:
    for number in range(100):
        channel.record("written", number=number)
        assert [event.details["number"] for event in channel.history()] == list(range(number + 1))


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        (b"forged\n", "an event that cannot be read: event 1 is b'forged'"),
        (b'["torn", 1.0, 1, "main", {"k": \n', "an event that cannot be read: event 1 is"),
        (b"x" * (LINE_LIMIT + 1), f" bytes; expected at most {LINE_LIMIT}"),
        (b'["k", NaN, 1, "main", {}]\n', "an event that cannot be read"),
        (b"[]\n" * 3, "event 1 is b'[]'"),
    ],
    ids=["no JSON", "torn", "endless", "no time", "empty"],
)
def test_what_is_no_event_breaks_the_channel_and_what_came_before_stays(
    channel: Channel, line: bytes, seen: str
) -> None:
    channel.record("first")
    os.write(channel.ends_of_host[1], line)

    history = channel.history()

    assert [event.kind for event in history] == ["first"]
    with channel.changed:
        assert channel.changed.wait_for(lambda: channel.broken, timeout=10)
        assert seen in str(channel.broken)


def test_more_events_than_anybody_needs_break_the_channel(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.channel.MOST_EVENTS", 3)
    for _ in range(4):
        channel.record("written")

    assert len(channel.history()) == 3
    assert channel.broken == "more than 3 events"


def test_a_broken_event_ends_the_wait_of_a_test(host: Host) -> None:
    host.start(acts.write_raw, b"forged\n")

    with pytest.raises(HostDied, match="the host's events cannot be trusted any more: an event that cannot be read"):
        host.wait_for("what never comes")
    with pytest.raises(HostDied, match="cannot be trusted"):
        host.check_trust()


# -- answers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [b"forged\n", b"[]\n", b"{}\n", b"1\n"])
def test_what_is_no_answer_breaks_the_channel(channel: Channel, line: bytes) -> None:
    os.write(channel.ends_of_host[0], line)

    with channel.changed:
        assert channel.changed.wait_for(lambda: channel.broken, timeout=10)
    assert channel.broken == f"an answer that cannot be read: {line[:-1]!r}"


def test_commands_to_a_host_that_is_gone_are_no_error_but_a_fact(channel: Channel) -> None:
    os.close(os.dup(channel.ends_of_host[0]))
    channel._control_of_host.close()
    channel.send({"number": 1})

    with channel.changed:
        assert channel.changed.wait_for(lambda: channel.hung_up, timeout=10)
