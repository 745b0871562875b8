"""Where requests are handled, and how that process ends."""

import os
import signal
import socket

import pytest

from conformance.isolation import behaviours
from conformance.isolation.arranging import (
    EVERY_END,
    children_end,
    children_with_handlers,
    exit_status,
    take_in,
    wait_for_the_end_of_handlers,
)
from conformance.servers import FORKING, FORKING_BUILT, FORKING_INET, FORKING_STREAM
from conformance.visitors import sees_the_end
from harness import processes
from harness.checks.isolation import (
    children_that_came_back,
    handlers_in_same_process,
    handlers_in_the_server_process,
)
from harness.machine import has_ipv6
from harness.marks import each_server, requirement


@requirement("isolation.a-child-for-each-request")
@each_server(FORKING)
def test_each_request_is_handled_in_a_child_of_its_own(serve, host, server_class):
    server = serve(server_class, behaviours.say_whose_child_this_is, loop=False)

    take_in(server, 2)
    server.wait_for("handler.exit", count=2)

    assert_a_child_each(server.history(), host.pid)


@requirement("isolation.a-child-for-each-request")
@each_server(FORKING_BUILT)
def test_the_loop_of_a_class_that_a_user_has_built_forks_for_each_request(serve, host, server_class):
    server = serve(server_class, behaviours.say_whose_child_this_is)

    server.knock()
    server.knock()
    server.wait_for("handler.exit", count=2)

    assert_a_child_each(server.history(), host.pid)


@requirement("isolation.a-child-for-each-request")
@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
@each_server(FORKING_INET)
def test_a_server_for_ipv6_forks_for_each_request(serve, host, server_class):
    family = int(socket.AF_INET6)
    server = serve(server_class, behaviours.say_whose_child_this_is, loop=False, address_family=family)

    take_in(server, 2)
    server.wait_for("handler.exit", count=2)

    assert_a_child_each(server.history(), host.pid)


@requirement("isolation.a-child-for-each-request")
@each_server([each for each in FORKING_BUILT if each.family == "unix"])
def test_a_server_with_an_abstract_name_forks_for_each_request(serve, host, server_class):
    name = "\0" + host.folder.name
    server = serve(server_class, behaviours.say_whose_child_this_is, loop=False, address=name)

    take_in(server, 2)
    server.wait_for("handler.exit", count=2)

    assert_a_child_each(server.history(), host.pid)


def assert_a_child_each(history, pid):
    """Assert that the two handlers ran in two children of process *pid*."""
    assert handlers_in_the_server_process(history, pid) == []
    assert handlers_in_same_process(history) == []
    assert [event.details["parent"] for event in history.of("parent")] == [pid, pid]


@requirement("isolation.a-child-never-returns")
@EVERY_END
@each_server(FORKING_STREAM)
def test_a_child_does_not_return_to_the_caller_of_its_server(serve, host, server_class, behaviour):
    server = serve(server_class, behaviour, loop=False)
    server.knock()

    server.start("handle_request", thread=False).wait()
    wait_for_the_end_of_handlers(host)

    assert children_that_came_back(server.history()) == []


@requirement("isolation.a-child-never-returns")
@EVERY_END
def test_a_child_takes_no_part_in_the_loop(serve, host, behaviour):
    server = serve("ForkingTCPServer", behaviour, probes=("service_actions",))

    server.knock()
    server.wait_for("handler.enter")
    host.wait_until(lambda: actions_of_children(host) or not has_living_children(host), "the end of the child")

    assert children_that_came_back(host.history()) == []
    assert actions_of_children(host) == []


def has_living_children(host):
    """Tell whether a child in which a handler has begun lives."""
    return any(map(processes.lives, children_with_handlers(host)))


def actions_of_children(host):
    """Return the calls of service_actions() outside of the server's process."""
    return [event for event in host.history().of("hook.enter", name="service_actions") if event.pid != host.pid]


@requirement("isolation.a-child-never-returns")
@each_server(FORKING_STREAM)
def test_a_child_that_cannot_close_its_request_does_not_return_either(serve, host, server_class):
    server = serve(
        server_class, behaviours.pass_by, loop=False, get_request=behaviours.take_in_what_children_fail_to_close
    )
    server.knock()

    server.start("handle_request", thread=False).wait()
    server.wait_for("handler.exit")
    wait_for_the_end_of_handlers(host)

    assert children_that_came_back(server.history()) == []


@requirement("isolation.callers-clean-up-once")
@EVERY_END
@each_server(FORKING_STREAM)
def test_finally_blocks_of_callers_run_in_the_parent_only(serve, host, server_class, behaviour):
    server = serve(server_class, behaviour, loop=False)
    server.knock()

    host.call(behaviours.handle_and_clean_up)
    wait_for_the_end_of_handlers(host)

    assert [event.pid for event in server.history().of("cleanup")] == [host.pid]


@requirement("isolation.exit-handlers-run-once")
@EVERY_END
def test_exit_handlers_run_in_the_parent_only(serve, host, behaviour):
    server = serve("ForkingTCPServer", behaviour, loop=False)
    host.call(behaviours.register_an_exit_handler)

    take_in(server)
    wait_for_the_end_of_handlers(host)
    host.leave()
    host.wait_for_end()

    assert [event.pid for event in server.history().of("exit.handler")] == [host.pid]


@requirement("isolation.a-child-closes-its-request")
@pytest.mark.parametrize(
    ("behaviour", "hooks"),
    [
        pytest.param(behaviours.pass_by, ["shutdown_request"], id="success"),
        pytest.param(behaviours.fail, ["handle_error", "shutdown_request"], id="exception"),
        pytest.param(behaviours.interrupt, ["shutdown_request"], id="interrupt"),
        pytest.param(behaviours.leave, ["shutdown_request"], id="exit"),
    ],
)
@each_server(FORKING_INET)
def test_a_child_closes_its_request_however_its_handler_ended(serve, host, server_class, behaviour, hooks):
    server = serve(server_class, behaviour, loop=False, probes=("handle_error", "shutdown_request"))

    take_in(server)
    wait_for_the_end_of_handlers(host)

    assert hooks_in_children(host) == hooks


def hooks_in_children(host):
    """Return the names of the hooks that were called outside of the server's process."""
    return [event.details["name"] for event in host.history().of("hook.enter") if event.pid != host.pid]


@requirement("isolation.an-interrupt-ends-a-child-quietly")
@each_server(FORKING_INET)
def test_a_child_that_is_interrupted_ends(serve, host, server_class):
    server, _ = interrupt_a_child(serve, host, server_class)

    assert (children_end(host), server.history().of("child.returned")) == (True, [])


@requirement("isolation.an-interrupt-ends-a-child-quietly")
@each_server(FORKING_STREAM)
def test_the_client_of_a_child_that_is_interrupted_sees_the_end(serve, host, server_class):
    _, client = interrupt_a_child(serve, host, server_class)

    assert sees_the_end(host, client)


def interrupt_a_child(serve, host, server_class):
    """Send SIGINT to a child whose handler is at work; return its server and its client."""
    host.call(behaviours.let_interrupts_be)
    server = serve(server_class, behaviours.wait_for_a_signal, loop=False)
    clients = take_in(server)
    server.wait_for("signal.wait")
    for child in children_with_handlers(host):
        os.kill(child, signal.SIGINT)
    return server, clients[0]


@requirement("isolation.exit-status-tells-success")
@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        pytest.param(behaviours.pass_by, 0, id="success"),
        pytest.param(behaviours.fail, 1, id="exception"),
        pytest.param(behaviours.interrupt, 1, id="interrupt"),
        pytest.param(behaviours.leave_immediately, 7, id="own status"),
    ],
)
@each_server(FORKING)
def test_the_exit_status_of_a_child_tells_how_its_handler_ended(serve, server_class, behaviour, status):
    server = serve(server_class, behaviour, loop=False)
    assert exit_status(server) == status


@requirement("isolation.sys-exit-gives-the-status")
@each_server(FORKING)
def test_a_handler_that_calls_sys_exit_decides_the_exit_status(serve, server_class):
    server = serve(server_class, behaviours.leave, loop=False)
    assert exit_status(server) == 3


@requirement("isolation.sys-exit-gives-the-status")
@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        pytest.param(behaviours.leave_with_success, 0, id="0"),
        pytest.param(behaviours.leave_without_a_word, 0, id="nothing"),
        pytest.param(behaviours.leave_with_words, 1, id="words"),
    ],
)
def test_whatever_sys_exit_is_called_with_gives_the_status_of_a_program(serve, behaviour, status):
    server = serve("ForkingTCPServer", behaviour, loop=False)
    assert exit_status(server) == status


CHILDREN = pytest.mark.parametrize("behaviour", [behaviours.have_a_child, behaviours.run_a_program])


@requirement("isolation.handlers-may-have-children")
@CHILDREN
@pytest.mark.parametrize("server_class", ["TCPServer"])
def test_a_handler_can_have_children_and_wait_for_them(serve, server_class, behaviour):
    assert ends_of_grandchildren(serve(server_class, behaviour)) == [42]


@requirement("isolation.children-may-have-children")
@CHILDREN
@pytest.mark.parametrize("server_class", ["ForkingTCPServer"])
def test_a_handler_in_a_child_can_have_children_and_wait_for_them(serve, server_class, behaviour):
    assert ends_of_grandchildren(serve(server_class, behaviour)) == [42]


def ends_of_grandchildren(server):
    """Let a handler have a child; return the exit status that it learns."""
    server.knock()
    server.comes("handler.exit")
    return [event.details["status"] for event in server.history().of("grandchild")]


@requirement("isolation.handlers-are-in-the-main-thread")
@each_server(FORKING_INET)
def test_a_handler_in_a_child_is_alone_in_the_main_thread(serve, server_class):
    server = serve(server_class, behaviours.say_which_thread_this_is)

    server.knock()
    server.comes("handler.exit")

    told = [(event.details["main"], event.details["count"]) for event in server.history().of("thread")]
    assert told == [(True, 1)]
