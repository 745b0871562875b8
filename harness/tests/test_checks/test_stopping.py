"""What outlives a call, and what is cut short."""

import pytest

from harness.checks.stopping import handlers_cut_short, hooks_outliving
from harness.checks.verdict import Inconclusive
from harness.history.script import history_of

SHUTDOWN = "thread=main call.enter call=#1 name=shutdown"
RETURNED = "thread=main call.return call=#1 name=shutdown"
HOOK = "thread=7 hook.enter name=service_actions"
HOOK_ENDED = "thread=7 hook.exit name=service_actions"


def test_a_hook_that_ends_before_the_return_does_not_outlive_it():
    assert hooks_outliving("shutdown", history_of(HOOK, SHUTDOWN, HOOK_ENDED, RETURNED)) == []


def test_a_hook_that_is_at_work_at_the_return_outlives_it():
    history = history_of(HOOK, SHUTDOWN, RETURNED, HOOK_ENDED)
    [violation] = hooks_outliving("shutdown", history)
    assert violation.says == "shutdown() returned while service_actions() was at work"
    assert violation.evidence == (history[0], history[2])


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((HOOK, SHUTDOWN), id="never returned"),
        pytest.param((HOOK, HOOK_ENDED, SHUTDOWN, RETURNED), id="no hook meanwhile"),
    ],
)
def test_without_a_return_and_a_hook_meanwhile_nothing_is_proven(lines):
    with pytest.raises(Inconclusive):
        hooks_outliving("shutdown", history_of(*lines))


def test_a_handler_that_ended_was_not_cut_short():
    assert handlers_cut_short(history_of("handler.enter client=a", "handler.raise client=a")) == []


def test_a_handler_without_an_end_was_cut_short():
    [violation] = handlers_cut_short(history_of("handler.enter client=a", "host.leave"))
    assert violation.says == "the handler of client a was cut short"


def test_without_a_handler_nothing_was_cut_short_or_not():
    with pytest.raises(Inconclusive):
        handlers_cut_short(history_of("host.leave"))
