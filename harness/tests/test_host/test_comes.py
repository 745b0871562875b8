"""A host is asked whether something comes, or becomes so: it says yes immediately, and no as soon as it rests."""

from __future__ import annotations

from harness.hosts import Host
from harness.tests.test_host import acts


def test_what_has_come_is_seen(host: Host) -> None:
    host.call(acts.record, "news", {"name": "good"})

    assert host.comes("news", name="good")


def test_what_comes_is_waited_for(host: Host) -> None:
    waiting = host.start(acts.pass_gate, "one")
    host.release("one")

    assert host.comes("gate.pass")
    waiting.wait()


def test_nothing_more_comes_from_a_host_that_rests(host: Host) -> None:
    host.start(acts.pass_gate, "one")

    assert not host.comes("gate.pass")


def test_each_of_several_must_come(host: Host) -> None:
    host.call(acts.record, "news", {"name": "good"})
    host.call(acts.record, "news", {"name": "bad"})

    assert host.comes("news", count=2)
    assert not host.comes("news", count=2, name="good")


def test_a_host_that_polls_rests(host: Host) -> None:
    host.start(acts.poll, 0.01)

    assert not host.comes("news")


def test_what_no_event_tells_is_waited_for(host: Host) -> None:
    waiting = host.start(acts.pass_gate, "one")
    host.wait_for("gate.wait")
    threads = host.vitals().threads
    host.release("one")

    assert host.becomes(lambda: host.vitals().threads < threads, "the end of a thread")
    waiting.wait()


def test_nothing_becomes_of_a_host_that_rests(host: Host) -> None:
    host.start(acts.poll, 0.01)

    assert not host.becomes(lambda: host.vitals().threads == 0, "a process without threads")


def test_a_host_has_settled_when_it_rests(host: Host) -> None:
    host.start(acts.pass_gate, "one")
    host.start(acts.poll, 0.01)
    host.release("one")

    host.settle()

    assert len(host.history().of("gate.pass")) == 1
