"""Who asks for the exit status of children that have ended: an unasked one stays as a zombie."""

import pytest

from conformance.isolation import behaviours
from conformance.isolation.arranging import (
    PATIENCE,
    children_with_handlers,
    end_children,
    hold_children,
    living,
    take_in,
    wait_for_the_end_of_handlers,
    wait_for_two_turns,
    zombies,
    zombies_that_stay,
)
from conformance.servers import FORKING, FORKING_INET, FORKING_STREAM
from conformance.visitors import sees_the_end
from harness import processes
from harness.checks.waiting import calls_that_waited, handlers_outliving
from harness.marks import each_server, requirement

STRANGERS = pytest.mark.parametrize(
    ("start", "ask"),
    [
        pytest.param(behaviours.start_a_program, behaviours.end_of_the_program, id="subprocess"),
        pytest.param(behaviours.start_a_process, behaviours.end_of_the_process, id="multiprocessing"),
    ],
)


@requirement("isolation.the-loop-collects-children")
@each_server(FORKING)
def test_the_loop_collects_a_child_that_has_ended(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, probes=("service_actions",))
    server.knock()
    server.wait_for("handler.exit")
    wait_for_the_end_of_handlers(host)

    wait_for_two_turns(server)

    assert zombies_that_stay(host) == []


@requirement("isolation.all-children-are-collected-at-once")
@each_server(FORKING)
def test_one_pass_collects_all_children_that_have_ended(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    end_children(server, 3)

    server.call("handle_timeout")

    assert zombies_that_stay(host) == []


@requirement("isolation.handle-timeout-collects-children")
@each_server(FORKING)
def test_handle_timeout_collects_a_child_that_has_ended(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    end_children(server, 1)

    server.call("handle_timeout")

    assert zombies_that_stay(host) == []


@requirement("isolation.handle-timeout-collects-children")
@each_server(FORKING_INET)
def test_handle_request_collects_a_child_when_nobody_came(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    end_children(server, 1)

    server.set("timeout", 0.01)
    server.call("handle_request")

    assert zombies_that_stay(host) == []


@requirement("isolation.handle-request-collects-children")
@each_server(FORKING)
def test_handle_request_collects_a_child_that_has_ended(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    ended = end_children(server, 1)

    take_in(server)
    host.becomes(lambda: set(ended).isdisjoint(zombies(host)), "the collecting of the first child")

    assert [pid for pid in zombies(host) if pid in ended] == []


@requirement("isolation.overridden-collect-children-is-used")
@each_server(FORKING)
def test_a_subclass_can_have_its_own_collect_children(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("collect_children",))

    calls = []
    for method in ("service_actions", "handle_timeout"):
        before = len(server.history().of("hook.enter"))
        server.call(method)
        calls.append(len(server.history().of("hook.enter")) - before)

    assert calls == [1, 1]


@requirement("isolation.collecting-does-not-wait")
@pytest.mark.parametrize("method", ["service_actions", "handle_timeout"])
def test_collecting_does_not_wait_for_a_child_at_work(serve, method):
    server = serve("ForkingTCPServer", behaviours.hold, loop=False)
    hold_children(server)

    server.start(method).is_blocked(PATIENCE)

    assert calls_that_waited(method, server.history()) == []


@requirement("isolation.blocking-collection-waits")
@each_server(FORKING_INET)
def test_collect_children_can_be_told_to_wait(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    hold_children(server, 2)

    collecting = host.start(behaviours.wait_for_children)
    collecting.allow_to_return()
    server.release()
    collecting.wait()

    assert handlers_outliving("wait_for_children", server.history()) == []
    assert zombies(host) == []


@requirement("isolation.active-children-are-those-not-collected")
@each_server(FORKING_INET)
def test_active_children_has_the_children_until_they_are_collected(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    children = hold_children(server, 2)

    at_work = active_children(server)
    server.release()
    server.call("server_close")

    assert (at_work, active_children(server)) == (sorted(children), [])


def active_children(server):
    """Return the children that the server believes to have."""
    return sorted(server.read("active_children") or ())


@requirement("isolation.server-close-collects-children")
@each_server(FORKING)
def test_after_server_close_no_child_is_left_in_any_state(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    hold_children(server, 2)

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release()
    closing.wait()

    assert (living(host), zombies_that_stay(host)) == ([], [])


@requirement("isolation.close-collects-the-ended-without-waiting")
@each_server(FORKING_INET)
def test_server_close_that_does_not_wait_collects_those_that_have_ended(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    children = hold_children(server, 2)
    server.release(count=1)
    host.wait_until(lambda: not all(map(processes.lives, children)), "the end of one child")

    server.set("block_on_close", False)
    waited = server.start("server_close").is_blocked(PATIENCE)
    left = zombies_that_stay(host)
    server.release()

    assert (waited, left, server.comes("handler.exit", count=2)) == (False, [], True)


@requirement("isolation.server-close-without-children")
@each_server(FORKING_INET)
def test_server_close_needs_no_children_and_can_be_repeated(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)

    assert course_of_closing(server, 2) == ["call.enter", "call.return"] * 2


@requirement("isolation.server-close-without-children")
@each_server(FORKING_INET)
def test_server_close_can_be_repeated_after_children(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    take_in(server)
    server.wait_for("handler.exit")

    assert course_of_closing(server, 2) == ["call.enter", "call.return"] * 2


def course_of_closing(server, times):
    """Call server_close() so many times, and return what befell the calls."""
    for _ in range(times):
        server.start("server_close").is_blocked(PATIENCE)
    return [event.kind for event in server.history().of("call.*", name="server_close")]


@requirement("isolation.a-killed-child-is-forgotten")
@each_server(FORKING_INET)
def test_the_loop_collects_a_child_that_was_killed(serve, host, server_class):
    server = serve(server_class, behaviours.kill_itself, probes=("service_actions",))
    server.knock()
    server.wait_for("handler.exit")
    wait_for_the_end_of_handlers(host)

    wait_for_two_turns(server)

    assert zombies_that_stay(host) == []


@requirement("isolation.a-killed-child-is-forgotten")
@each_server(FORKING_INET)
def test_a_child_that_was_killed_takes_no_place(serve, host, server_class):
    server = serve(server_class, behaviours.kill_itself, max_children=1)
    server.knock()
    server.wait_for("handler.exit")
    wait_for_the_end_of_handlers(host)

    server.knock()

    assert server.comes("handler.exit", count=2)


@requirement("isolation.a-killed-child-is-forgotten")
@each_server(FORKING_STREAM)
def test_the_client_of_a_child_that_was_killed_sees_the_end(serve, host, server_class):
    server = serve(server_class, behaviours.kill_itself, loop=False)

    clients = take_in(server)

    assert sees_the_end(host, clients[0])


@requirement("isolation.strangers-are-not-collected")
@each_server(FORKING)
def test_a_server_below_its_limit_leaves_children_of_others_alone(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    stranger = host.call(behaviours.fork_a_stranger)
    wait_for_the_end_of(host, stranger)
    hold_children(server)

    for method in ("service_actions", "handle_timeout"):
        server.call(method)
    server.release()
    server.call("server_close")

    assert host.call(behaviours.ask_for, stranger) == 42


def wait_for_the_end_of(host, stranger):
    """Wait until a child that is not the server's has ended."""
    host.wait_until(lambda: not processes.lives(stranger), "the end of the stranger")


@requirement("isolation.strangers-are-not-collected")
@STRANGERS
def test_a_server_below_its_limit_leaves_children_of_libraries_alone(serve, host, start, ask):
    server = serve("ForkingTCPServer", behaviours.hold, probes=("service_actions",))
    stranger = host.call(start)
    wait_for_the_end_of(host, stranger)
    server.knock()
    server.wait_for("gate.wait")

    wait_for_two_turns(server)

    assert host.call(ask, stranger) == 42


@requirement("isolation.strangers-are-not-collected-at-the-limit")
@STRANGERS
def test_a_server_at_its_limit_leaves_children_of_libraries_alone(serve, host, start, ask):
    server = serve("ForkingTCPServer", behaviours.hold, loop=False, max_children=1)
    stranger = host.call(start)
    wait_for_the_end_of(host, stranger)
    collect_at_the_limit(server)

    assert host.call(ask, stranger) == 42


@requirement("isolation.strangers-are-not-collected-at-the-limit")
@each_server(FORKING)
def test_a_server_at_its_limit_leaves_children_of_others_alone(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False, max_children=1)
    stranger = host.call(behaviours.fork_a_stranger)
    wait_for_the_end_of(host, stranger)
    collect_at_the_limit(server)

    assert host.call(behaviours.ask_for, stranger) == 42


def collect_at_the_limit(server):
    """Let *server*, which has one place, collect children and take in a request while its one child is at work."""
    hold_children(server)
    collecting = server.start("service_actions")
    collecting.allow_to_return()
    server.knock()
    handling = server.start("handle_request")
    handling.allow_to_return()
    server.release()
    collecting.wait()
    handling.wait()


@requirement("isolation.servers-have-their-own-children")
@each_server(FORKING_INET)
def test_a_server_neither_counts_nor_waits_for_the_children_of_another_one(serve, server_class):
    busy = serve(server_class, behaviours.hold, loop=False, max_children=1)
    other = serve(server_class, behaviours.pass_by, loop=False, max_children=1)
    hold_children(busy)

    other.knock()
    other.start("handle_request")
    handled = other.comes("handler.exit")
    other.start("server_close")

    assert (handled, other.comes("call.return", name="server_close")) == (True, True)


@requirement("isolation.others-may-collect")
@pytest.mark.parametrize("way", [behaviours.ignore_the_end_of_children, behaviours.collect_whoever_ends])
@each_server(FORKING_INET)
def test_a_server_whose_children_others_collect_goes_on(serve, host, server_class, way):
    server = serve(server_class, behaviours.pass_by, max_children=1)
    host.call(way)

    handled = []
    for number in (1, 2, 3):
        server.knock()
        handled.append(server.comes("handler.exit", count=number))

    assert handled == [True, True, True]


@requirement("isolation.a-place-is-free-whoever-collected")
@each_server(FORKING_INET)
def test_a_child_that_others_have_collected_takes_no_place(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, max_children=1)
    take_in(server)
    server.wait_for("handler.exit")
    wait_for_the_end_of_handlers(host)
    for child in children_with_handlers(host):
        host.call(behaviours.ask_for, child)
    host.call(behaviours.hold_a_stranger)

    server.start("service_actions")
    collected = server.comes("call.return", name="service_actions")
    server.knock()
    server.start("handle_request")

    assert (collected, server.comes("handler.exit", count=2)) == (True, True)


@requirement("isolation.collect-children-without-children")
@each_server(FORKING)
def test_collect_children_does_nothing_when_there_are_none(serve, host, server_class):
    serve(server_class, behaviours.pass_by, loop=False)
    assert host.call(behaviours.collect) == [None, None, None]
