"""Data that is known whole, and data of which only the beginning and the size are known."""

import pytest

from harness.checks.payloads import Payload, payload_of
from harness.checks.verdict import Inconclusive
from harness.history.script import history_of


def test_the_data_of_several_events_is_joined() -> None:
    assert payload_of(history_of("client.send data=ab", "client.send data=c")) == Payload("abc", 3)


def test_after_a_cut_only_the_size_is_known() -> None:
    history = history_of("client.send data=ab size=#9", "client.send data=c", "client.send data=d")

    assert payload_of(history) == Payload("ab", 11)


def test_nothing_at_all_is_empty_data() -> None:
    assert payload_of([]) == Payload("", 0)


def test_data_agrees_if_equally_long_and_not_contradicted() -> None:
    assert Payload("ab", 9).agrees_with(Payload("abc", 9))
    assert not Payload("ab", 9).agrees_with(Payload("ab", 8))
    assert not Payload("ab", 9).agrees_with(Payload("xbc", 9))


def test_an_event_that_does_not_tell_its_data_proves_nothing() -> None:
    with pytest.raises(Inconclusive, match=r"client\.send client=a does not tell its data"):
        payload_of(history_of("client.send client=a"))
