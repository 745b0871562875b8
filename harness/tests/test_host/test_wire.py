"""What crosses from the host to the test arrives as it was, through JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.host import wire
from harness.tests.test_host import acts

KEYS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(max_size=20),
    lambda keys: st.tuples(keys, keys),
    max_leaves=3,
)
VALUES = st.recursive(
    KEYS | st.floats(allow_nan=False),
    lambda values: st.lists(values, max_size=3) | st.tuples(values, values) | st.dictionaries(KEYS, values, max_size=3),
    max_leaves=10,
)


def across(value: object, resolve: Callable[[str], Any] | None = None) -> Any:
    """Send *value* as the host does."""
    return wire.decode(json.loads(json.dumps(wire.encode(value)).encode("ascii")), resolve)


@settings(max_examples=50)
@given(VALUES)
def test_a_value_arrives_as_it_was(value: object) -> None:
    arrived = across(value)

    assert arrived == value
    assert type(arrived) is type(value)


@pytest.mark.parametrize("value", [{"bytes": "x"}, {"tuple": []}, {"opaque": 1, "function": 2}, {}])
def test_a_dictionary_that_looks_like_a_tag_is_none(value: dict[str, object]) -> None:
    assert across(value) == value


def test_a_function_is_found_again_by_who_can_look_it_up() -> None:
    assert across(acts.fail) == "harness.tests.test_host.acts:fail"
    assert across([acts.fail], resolve=lambda reference: reference.upper()) == ["HARNESS.TESTS.TEST_HOST.ACTS:FAIL"]


def test_sets_arrive_as_lists_and_bytearrays_as_bytes() -> None:
    assert across({3}) == [3]
    assert across(bytearray(b"x")) == b"x"


def test_what_cannot_travel_arrives_as_its_name_and_repr() -> None:
    assert across([1j]) == ["complex 1j"]
    assert across(acts.Shy()) == "Shy without a repr"


def test_an_exception_is_described_by_name_classes_words_and_traceback() -> None:
    with pytest.raises(KeyError) as caught:
        dict[str, int]()["missing"]
    described = wire.describe(caught.value)

    assert described["type"] == "KeyError"
    assert described["bases"] == ["KeyError", "LookupError", "Exception", "BaseException", "object"]
    assert described["message"] == "'missing'"
    assert described["traceback"].splitlines()[-1] == "KeyError: 'missing'"
