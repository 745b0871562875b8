"""Each change is small, named, made once, and leaves the rest as it was."""

from __future__ import annotations

import ast

import pytest

from harness.mutation.mutants import mutants

MODULE = '''
"""A module."""
LIMIT = 3

class Queue:
    """Holds things."""

    size = 3
    """How many."""

    def put(self, thing: int = 0) -> None:
        """Put one."""
        {statement}
'''


def changes(statement: str) -> list[tuple[str, str]]:
    """Return what becomes what in a method made of *statement*, apart from the class around it."""
    found = mutants("queue.py", MODULE.replace("{statement}", statement))
    return [(each.before, each.after) for each in found if each.function == "Queue.put" and each.before != "0"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("self.put(x)", [("self.put(x)", "pass")]),
        ("return x", [("return x", "return None")]),
        ("return None", []),
        ("raise ValueError", [("raise ValueError", "pass")]),
        ("x += y", [("x += y", "pass")]),
        ("x = y < z", [("y < z", "y <= z")]),
        ("x = y is z", [("y is z", "y is not z")]),
        ("x = y in z", [("y in z", "y not in z")]),
        ("x = y and z", [("y and z", "y or z")]),
        ("x = y + z", [("y + z", "y - z")]),
        ("x = not y", [("not y", "y")]),
        ("x = True", [("True", "False")]),
        ("x = 7", [("7", "8")]),
        ("x = 'text'", []),
        ("x = None", []),
    ],
)
def test_a_statement_changes_in_these_ways(statement: str, expected: list[tuple[str, str]]) -> None:
    assert changes(statement) == expected


def test_conditions_are_negated_and_loops_skipped() -> None:
    assert ("if x:", "if not x:") in changes("if x:\n            y = z")
    assert ("while x:", "while False:") in changes("while x:\n            y = z")


def test_what_is_only_described_or_annotated_is_left_alone() -> None:
    texts = " ".join(each.id for each in mutants("queue.py", MODULE.replace("{statement}", "self.put(x)")))

    assert "How many" not in texts
    assert "int" not in texts
    assert "LIMIT" not in texts


def test_each_mutant_differs_from_the_original_in_one_line() -> None:
    source = MODULE.replace("{statement}", "return x if y else not z")
    original = ast.unparse(ast.parse(source)).splitlines()

    for mutant in mutants("queue.py", source):
        lines = mutant.source.splitlines()
        assert sum(one != other for one, other in zip(original, lines, strict=True)) == 1


def test_changes_that_look_alike_are_numbered() -> None:
    found = [each.id for each in mutants("queue.py", MODULE.replace("{statement}", "x = f(True, True)"))]

    assert "queue.py Queue.put: True → False" in found
    assert "queue.py Queue.put: True → False #2" in found
