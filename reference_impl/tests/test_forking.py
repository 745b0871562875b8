"""Who its child is, a parent learns even where os.fork() raises when the child lives already."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator

import pytest

from reference_impl import forking

Fork = Callable[[], int]


@pytest.fixture
def born() -> Iterator[list[int]]:
    """The children of a test, by number; they have ended when they are asked for."""
    children: list[int] = []
    yield children
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture
def fork(born: list[int], monkeypatch: pytest.MonkeyPatch) -> Fork:
    """os.fork() as it is when it warns, the child lives, and warnings are exceptions; the child ends immediately."""
    real = os.fork

    def fork() -> int:
        child = real()
        if child:
            born.append(child)
            raise DeprecationWarning("there are several threads")
        return 0

    monkeypatch.setattr(os, "fork", fork)

    def ask() -> int:
        child = forking.fork()
        if child == 0:
            os._exit(0)
        return child

    return ask


def test_the_parent_learns_the_number_that_a_warning_has_replaced(fork: Fork, born: list[int]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        child = fork()

    assert [child] == born


def test_neither_end_of_the_pipe_stays_open(fork: Fork, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[int] = []
    real = os.pipe

    def pipe() -> tuple[int, int]:
        ends.extend(real())
        return ends[0], ends[1]

    monkeypatch.setattr(os, "pipe", pipe)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fork()

    assert len(ends) == 2
    for end in ends:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(end)


def test_a_warning_before_the_fork_stays_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def fork() -> int:
        raise RuntimeWarning("told to warn")

    monkeypatch.setattr(os, "fork", fork)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="told to warn"):
            forking.fork()


def test_no_pipe_is_made_where_no_warning_can_be_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def pipe() -> tuple[int, int]:
        raise AssertionError("a pipe for each child would be felt")

    monkeypatch.setattr(os, "pipe", pipe)
    monkeypatch.setattr(os, "fork", lambda: 7)

    with warnings.catch_warnings():
        warnings.resetwarnings()
        child = forking.fork()

    assert child == 7
