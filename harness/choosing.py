"""Which checks a run makes: whether it is one of checks at all, those that were chosen, and what to say if none is."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from fnmatch import fnmatchcase
from typing import NoReturn

import pytest

from harness import benchmarking, options, run

MARKS = ("requirement", "scenario")  # what a check and a benchmark say that they are about
_ABOUT_PYTEST = ("help", "version", "markers", "cacheshow")  # what is asked instead of collecting anything


def is_asked_for(config: pytest.Config) -> bool:
    """Return whether this is a run of checks or benchmarks: an option says so, or what is collected may hold some."""
    if any(config.getoption(name, None) for name in _ABOUT_PYTEST):
        return False
    return options.is_about_checks(config) or run.is_asked_for(config)


def configure(config: pytest.Config) -> None:
    """Let the run of *config*, which is one of checks or benchmarks, make those that were chosen."""
    config.pluginmanager.register(Choosing(config), "socketserver-choosing")


def about(item: pytest.Item, mark: str = "requirement") -> str | None:
    """Return what *item* says that it is about: the id of its requirement, the name of its scenario."""
    found = item.get_closest_marker(mark)
    return None if found is None else str(*found.args[:1])


def refuse(items: list[pytest.Item], mistake: str) -> NoReturn:
    """End the run with one line, and with no items that xdist might give to a worker meanwhile."""
    items.clear()
    raise pytest.UsageError(mistake)


class Choosing:
    """Leaves out the checks of requirements that were not chosen, and lets no run come to an end without any check.

    A run without one says nothing of the candidate, but would be as green as one that says much.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._patterns: Sequence[str] = config.getoption("requirement") or ()
        self._mark = "scenario" if benchmarking.is_asked_for(config) else "requirement"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None]:
        """Choose before others do, and look at what they leave."""
        found = self._count(items)
        self._choose(config, items)
        yield
        if not (self._count(items) or session.testsfailed or config.option.collectonly):
            refuse(items, self._nothing(config, found))

    def _count(self, items: Sequence[pytest.Item]) -> int:
        return sum(about(item, self._mark) is not None for item in items)

    def _choose(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        if not self._patterns:
            return
        out = [item for item in items if not self._is_chosen(about(item))]
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if self._is_chosen(about(item))]

    def _is_chosen(self, requirement: str | None) -> bool:
        return requirement is not None and any(fnmatchcase(requirement, pattern) for pattern in self._patterns)

    def _nothing(self, config: pytest.Config, found: int) -> str:
        where = " ".join(config.option.file_or_dir or config.args)
        what, action = ("benchmark", "measured") if self._mark == "scenario" else ("check", "checked")
        if not found:
            return f"nothing would be {action}: there is no {what} in {where}"
        return f"nothing would be {action}: none of the {found} {what}s found is chosen and in force"
