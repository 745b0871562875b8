"""The checks that notice mutants of a file are tried first for the next mutant of that file."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from harness.mutation.plugin import Favourites, mixed

ONE, TWO, THREE = (SimpleNamespace(name=name) for name in ("one", "two", "three"))


def favourites() -> Any:
    """Return the favourites among three checks, of any type."""
    checks: Any = [ONE, TWO, THREE]
    return Favourites(checks)


def test_at_first_the_order_is_that_of_the_session() -> None:
    assert favourites().of("queue.py") == [ONE, TWO, THREE]


def test_what_noticed_last_comes_first_for_the_same_file_alone() -> None:
    chosen = favourites()
    for check in (TWO, THREE, TWO):
        chosen.of("queue.py")
        chosen.noticed("queue.py", check)

    assert chosen.of("queue.py") == [TWO, THREE, ONE]
    assert chosen.of("stack.py") == [ONE, TWO, THREE]


def test_the_first_checks_are_of_different_requirements() -> None:
    checks: Any = [_check(f"area.{letter}") for letter in "aaaabbbbcccc"]

    order = [check.name for check in mixed(checks)]

    assert sorted(order[:3]) == ["area.a", "area.b", "area.c"]
    assert sorted(order) == [f"area.{letter}" for letter in "aaaabbbbcccc"]


def _check(requirement: str) -> Any:
    marker = SimpleNamespace(args=[requirement])
    return SimpleNamespace(name=requirement, get_closest_marker={"requirement": marker}.get)
