"""Which hooks are seen to be called in the wrong thread."""

import pytest

from harness.checks.places import hooks_outside_request_thread, hooks_outside_serving_thread
from harness.checks.verdict import Inconclusive
from harness.history.script import history_of

SERVING = "thread=loop call.enter call=#1 name=serve_forever"
HANDLING = "thread=t1 handler.enter client=a"


def test_hooks_of_the_request_may_run_beside_its_handler():
    history = history_of(
        SERVING,
        "thread=t1 hook.enter name=finish_request client=a",
        HANDLING,
        "thread=t1 hook.enter name=shutdown_request",
    )
    assert hooks_outside_request_thread(history, ("finish_request", "shutdown_request")) == []


def test_hooks_of_the_request_may_not_run_in_another_thread():
    history = history_of(SERVING, HANDLING, "thread=loop hook.enter name=shutdown_request")
    [violation] = hooks_outside_request_thread(history, ("shutdown_request",))
    assert violation.says == "shutdown_request() was called outside the thread of a request"
    assert violation.evidence == (history[2],)


def test_other_hooks_may_run_anywhere():
    history = history_of(
        HANDLING, "thread=t1 hook.enter name=finish_request", "thread=loop hook.enter name=service_actions"
    )
    assert hooks_outside_request_thread(history, ("finish_request",)) == []


@pytest.mark.parametrize("lines", [(SERVING,), (HANDLING,), (HANDLING, "thread=t1 hook.enter name=finish_request")])
def test_without_a_handler_or_one_of_the_hooks_nothing_is_proven_of_request_threads(lines):
    with pytest.raises(Inconclusive):
        hooks_outside_request_thread(history_of(*lines), ("finish_request", "handle_error"))


def test_hooks_of_the_server_may_run_in_the_thread_that_serves():
    history = history_of(SERVING, "thread=loop hook.enter name=verify_request client=a", HANDLING)
    assert hooks_outside_serving_thread(history, ("verify_request",)) == []


def test_hooks_of_the_server_may_not_run_in_the_thread_of_the_request():
    history = history_of(
        SERVING,
        "thread=loop hook.enter name=verify_request client=a",
        "thread=t1 hook.enter name=verify_request client=a",
    )
    [violation] = hooks_outside_serving_thread(history, ("verify_request",))
    assert violation.evidence == (history[2],)


def test_hooks_of_the_server_may_not_be_called_when_serving_is_over():
    history = history_of(
        SERVING, "thread=loop call.return call=#1", "thread=loop hook.enter name=verify_request client=a"
    )
    assert len(hooks_outside_serving_thread(history, ("verify_request",))) == 1


@pytest.mark.parametrize("lines", [(SERVING,), ("thread=loop hook.enter name=verify_request",)])
def test_without_a_loop_or_one_of_the_hooks_nothing_is_proven_of_the_serving_thread(lines):
    with pytest.raises(Inconclusive):
        hooks_outside_serving_thread(history_of(*lines), ("verify_request",))
