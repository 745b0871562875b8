"""The model of a server says what must come of each step, and sequences make sense."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sequences import VISITS, Account, Model, addressed, drawn, feasible, of_second, shortened, whole

STEPS = ("serve", "shutdown", "shutdown again", "interrupt", "handle", "release", "close", "renew", *VISITS)


def after(*words: str, concurrent: bool = False) -> Model:
    """Return the model after these steps, each of which has to make sense."""
    model = Model(concurrent=concurrent)
    assert list(feasible(words, [model])) == list(words)
    return model


def test_a_loop_handles_those_who_wait_in_the_order_in_which_they_came() -> None:
    account = after("polite", "failing", "serve").account

    assert account == Account(taken=[0, 1], begun=[0, 1], closed=[0, 1])


def test_a_refused_visit_is_taken_and_closed_without_a_handler() -> None:
    account = after("refused", "serve", "shutdown").account

    assert account == Account(taken=[0], closed=[0], ended={"serve_forever": ["returned"], "shutdown": ["returned"]})


def test_a_held_visit_holds_up_all_others_without_a_mix_in() -> None:
    model = after("serve", "held", "polite")

    assert (model.at_work, model.waiting) == ([0], [1])
    model.take("release")
    assert model.account.closed == [0, 1]


def test_a_held_visit_holds_up_nobody_with_a_mix_in() -> None:
    model = after("serve", "held", "polite", concurrent=True)

    assert (model.at_work, model.waiting, model.account.closed) == ([0], [], [1])


def test_a_single_call_takes_one_or_finds_nobody() -> None:
    model = after("handle", "polite", "polite", "handle")

    assert model.account.timeouts == 1
    assert (model.account.closed, model.waiting) == ([0], [1])
    assert model.account.ended == {"handle_request": ["returned", "returned"]}


@pytest.mark.parametrize(("concurrent", "endings"), [(False, {"serve_forever": ["SystemExit"]}), (True, {})])
def test_an_exit_ends_the_call_in_whose_thread_it_happens(*, concurrent: bool, endings: dict[str, list[str]]) -> None:
    model = after("serve", "quitting", concurrent=concurrent)

    assert model.account.ended == endings
    assert model.phase == ("serving" if concurrent else "idle")


def test_who_waits_during_an_interruption_goes_on_waiting() -> None:
    model = after("serve", "held", "polite", "interrupt")

    assert (model.account.closed, model.waiting, model.phase) == ([0], [1], "idle")


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ((), "shutdown"),
        ((), "shutdown again"),
        ((), "release"),
        ((), "renew"),
        (("serve",), "serve"),
        (("serve",), "close"),
        (("serve", "held"), "shutdown"),
        (("close",), "polite"),
        (("polite",) * 4, "polite"),
    ],
)
def test_what_makes_no_sense_is_left_out(words: Sequence[str], word: str) -> None:
    assert not after(*words).allows(word)
    assert list(feasible([*words, word], [Model(concurrent=False)])) == list(words)


def test_a_step_is_for_the_first_server_or_the_second() -> None:
    assert addressed("serve") == (0, "serve")
    assert [addressed(step) for step in of_second(["serve"])] == [(1, "serve")]


@given(st.lists(st.integers(0, 999), max_size=20), st.booleans())
def test_whatever_is_drawn_makes_sense_and_ends_with_nobody_waiting(numbers: list[int], concurrent: bool) -> None:
    steps = list(drawn(numbers, STEPS, [Model(concurrent=concurrent)]))
    model = Model(concurrent=concurrent)

    assert len(steps) == len(numbers)
    taken = whole(steps, [model])
    assert taken[: len(steps)] == steps
    assert model.phase == "closed"
    assert (model.waiting, model.at_work) == ([], [])


def test_steps_without_which_it_fails_as_well_are_left_out() -> None:
    short = shortened(["a", "b", "c", "d"], lambda steps: {"b", "d"} <= set(steps), most=10)

    assert short == ["b", "d"]


def test_no_more_trials_are_made_than_allowed() -> None:
    assert shortened(["a", "b", "c"], lambda steps: True, most=1) == ["a", "b"]
