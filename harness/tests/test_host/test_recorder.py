"""Everybody writes events at once, and each arrives whole and in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pytest

from harness.history.events import Event
from harness.host.recorder import LONGEST_LINE, excerpt
from harness.hosts import Host
from harness.outcomes import Raised
from harness.tests.test_host import acts


def numbers_by_writer(events: Iterable[Event]) -> dict[tuple[int, object], list[object]]:
    """Return what each thread of each process counted, in the order of arrival."""
    found: dict[tuple[int, object], list[object]] = defaultdict(list)
    for event in events:
        found[event.pid, event.details.get("writer")].append(event.details["number"])
    return found


def test_twenty_threads_in_each_of_three_children_write_at_once(host: Host) -> None:
    assert host.call(acts.record_many, 3, 20, 50) == [0, 0, 0]

    writers = numbers_by_writer(host.history().of("written"))
    assert len(writers) == 3 * 20
    assert all(numbers == list(range(50)) for numbers in writers.values())


def test_children_are_forked_while_a_thread_is_writing(host: Host) -> None:
    assert host.call(acts.fork_while_writing, 10, 20) == [0] * 10

    children = numbers_by_writer(host.history().of("written"))
    [parent] = numbers_by_writer(host.history().of("parent.wrote")).values()
    assert len(children) == 10
    assert all(numbers == list(range(20)) for numbers in children.values())
    assert parent == list(range(len(parent)))


def test_an_event_that_is_too_long_is_refused_by_name(host: Host) -> None:
    with pytest.raises(Raised, match=rf"event too.long is \d+ bytes long, at most {LONGEST_LINE} fit"):
        host.call(acts.record, "too.long", {"text": "x" * LONGEST_LINE})

    assert host.history().of("too.long") == []


def test_an_event_as_long_as_may_be_arrives(host: Host) -> None:
    host.call(acts.record, "long", {"text": "x" * (LONGEST_LINE - 150)})

    [event] = host.history().of("long")
    assert event.details["text"] == "x" * (LONGEST_LINE - 150)


def test_an_excerpt_is_text_of_any_bytes_and_fits() -> None:
    assert excerpt(bytes(range(256))) == bytes(range(256)).decode("latin-1")
    assert len(excerpt(b"\xff" * 1000)) == 256
