"""The decorators of the suite's tests and benchmarks: what is checked or measured, and with which server classes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


def scenario(
    name: str, *, load: str = "", beside: Sequence[str] = (), quick: Mapping[str, Sequence[object]] | None = None
) -> pytest.MarkDecorator:
    """Say what a benchmark measures; its docstring says it in a sentence.

    load: in words, with the names of parameters in braces.  beside: the rivals that can do the same.
    quick: by parameter the values that a quick run is content with, server classes by name.
    """
    return pytest.mark.scenario(name, load=load, beside=tuple(beside), quick=dict(quick or {}))


def class_names(parameters: Iterable[object]) -> Iterator[str]:
    """Return the names of classes among the *parameters* of a test: texts, or server classes as data."""
    for parameter in parameters:
        name = getattr(parameter, "name", parameter)
        if isinstance(name, str):
            yield from name.split("+")


def each_server(servers: Sequence[Named]) -> pytest.MarkDecorator:
    """Run a test once with each of *servers* as its argument ``server_class``."""
    return pytest.mark.parametrize("server_class", servers, ids=[each.name for each in servers])
