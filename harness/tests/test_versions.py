"""Versions compare as numbers."""

from __future__ import annotations

import pytest

from harness.versions import numbers


def test_ten_comes_after_nine() -> None:
    assert numbers("3.10") > numbers("3.9")


@pytest.mark.parametrize("text", ["", "3.", "3.x", "three", "3.12 "])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no Python version"):
        numbers(text)
