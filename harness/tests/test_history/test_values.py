"""Details of events as text, and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.history.values import read_value, write_value

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=10)
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=3), SCALARS)


@settings(deadline=None)
@given(VALUES)
def test_what_is_written_is_printable_and_reads_as_the_same_value(value: object) -> None:
    written = write_value(value)

    assert read_value(written) == value
    assert written.isascii()
    assert written.isprintable()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("52920", "52920"),
        ("a b\n", '"a b\\n"'),
        (3, "#3"),
        (None, "#null"),
        (["a b"], '#["a\\u0020b"]'),
    ],
)
def test_a_value_is_written_as_documented(value: object, written: str) -> None:
    assert write_value(value) == written


@pytest.mark.parametrize("text", ["#word", '"open', "#"])
def test_what_is_no_value_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a value; expected a word") as caught:
        read_value(text)

    assert "\n" not in str(caught.value)
