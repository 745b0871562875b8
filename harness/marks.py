"""The two decorators of the suite's tests: what a test checks, and with which server classes."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., Any])


class Named(Protocol):
    """A server class as data; only its name matters here."""

    @property
    def name(self) -> str:
        """Return the name that tests show."""


def requirement(identifier: str) -> Callable[[Test], Test]:
    """Say which one requirement a test checks, by its id; ValueError for a second one."""

    def mark(test: Test) -> Test:
        if any(other.name == "requirement" for other in getattr(test, "pytestmark", ())):
            raise ValueError(f"{test.__qualname__} names two requirements; expected one a test")
        marked: Test = pytest.mark.requirement(identifier)(test)
        return marked

    return mark


def each_server(servers: Sequence[Named]) -> pytest.MarkDecorator:
    """Run a test once with each of *servers* as its argument ``server_class``."""
    return pytest.mark.parametrize("server_class", servers, ids=[each.name for each in servers])
