"""Where requests are handled, and how that process ends."""

import pytest

from conformance.isolation import behaviours
from conformance.isolation.arranging import take_in, wait_for_the_end_of_children
from conformance.servers import FORKING, FORKING_STREAM
from harness.checks.isolation import (
    children_that_came_back,
    handlers_in_same_process,
    handlers_in_the_server_process,
)
from harness.marks import each_server, requirement

EVERY_END = pytest.mark.parametrize(
    "behaviour",
    [behaviours.pass_by, behaviours.fail, behaviours.interrupt, behaviours.leave],
    ids=lambda behaviour: behaviour.__name__,
)


@requirement("isolation.a-child-for-each-request")
@each_server(FORKING)
def test_each_request_is_handled_in_a_child_of_its_own(serve, host, server_class):
    server = serve(server_class, behaviours.say_whose_child_this_is, loop=False)

    take_in(server, 2)
    server.wait_for("handler.exit", count=2)

    history = server.history()
    assert handlers_in_the_server_process(history, host.pid) == []
    assert handlers_in_same_process(history) == []
    assert [event.details["parent"] for event in history.of("parent")] == [host.pid, host.pid]


@requirement("isolation.a-child-never-returns")
@EVERY_END
@each_server(FORKING_STREAM)
def test_a_child_does_not_return_to_the_caller_of_its_server(serve, host, server_class, behaviour):
    server = serve(server_class, behaviour, loop=False)
    server.knock()

    server.start("handle_request", thread=False).wait()
    wait_for_the_end_of_children(host)

    assert children_that_came_back(server.history()) == []


@requirement("isolation.callers-clean-up-once")
@EVERY_END
@each_server(FORKING_STREAM)
def test_finally_blocks_of_callers_run_in_the_parent_only(serve, host, server_class, behaviour):
    server = serve(server_class, behaviour, loop=False)
    server.knock()

    host.call(behaviours.handle_and_clean_up)
    server.wait_for("handler.enter")
    wait_for_the_end_of_children(host)

    assert [event.pid for event in server.history().of("cleanup")] == [host.pid]


@requirement("isolation.exit-status-tells-success")
@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        pytest.param(behaviours.pass_by, 0, id="success"),
        pytest.param(behaviours.fail, 1, id="exception"),
        pytest.param(behaviours.interrupt, 1, id="interrupt"),
        pytest.param(behaviours.leave_at_once, 7, id="own status"),
    ],
)
@each_server(FORKING)
def test_the_exit_status_of_a_child_tells_how_its_handler_ended(serve, host, server_class, behaviour, status):
    server = serve(server_class, behaviour, loop=False)
    take_in(server)
    assert host.call(behaviours.take_a_child) == status


@requirement("isolation.sys-exit-gives-the-status")
@each_server(FORKING)
def test_a_handler_that_calls_sys_exit_decides_the_exit_status(serve, host, server_class):
    server = serve(server_class, behaviours.leave, loop=False)
    take_in(server)
    assert host.call(behaviours.take_a_child) == 3
