"""The page counts the mutants, and names those that survived, with the reason."""

from __future__ import annotations

import pytest

from harness.mutation.__main__ import page, settled
from harness.mutation.mutants import Mutant

NOTICED = Mutant("queue.py", "put", 3, "x < y", "x <= y", "")
EXPLAINED = Mutant("queue.py", "put", 4, "True", "False", "")
FORGOTTEN = Mutant("stack.py", "pop", 5, "1", "2", "")
KILLED = {NOTICED.id: "fail: a.b", EXPLAINED.id: "", FORGOTTEN.id: ""}


def test_the_page_counts_and_explains() -> None:
    text = "\n".join(page([NOTICED, EXPLAINED, FORGOTTEN], KILLED, {EXPLAINED.id: "it is the same"}))

    assert "3 mutants: 1 noticed, 2 not (1 of these explained below)." in text
    assert "| queue.py | 2 | 1 |\n| stack.py | 1 | 0 |" in text
    assert "* `queue.py put: True → False` (line 4): it is the same" in text
    assert "* `stack.py pop: 1 → 2` (line 5): not explained" in text
    assert NOTICED.id not in text


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [({}, False), ({"a": "fail: x.y"}, True), ({"a": ""}, False), ({"a": "", "b": ""}, False)],
    ids=["new", "noticed", "unnoticed", "another"],
)
def test_a_mutant_is_judged_until_it_is_noticed(earlier: dict[str, str], *, expected: bool) -> None:
    assert settled("a", earlier, {"b": "It is the same."}) == expected


def test_a_mutant_is_judged_once_if_it_is_known_why_nobody_notices() -> None:
    assert settled("b", {"b": ""}, {"b": "It is the same."})
    assert not settled("b", {}, {"b": "It is the same."})
