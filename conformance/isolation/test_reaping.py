"""Who asks for the exit status of children that have ended: an unasked one stays as a zombie."""

import pytest

from conformance.isolation import behaviours
from conformance.isolation.arranging import (
    PATIENCE,
    active_children,
    hold_children,
    living,
    take_in,
    wait_for_the_end_of_children,
    zombies,
)
from conformance.servers import FORKING, FORKING_INET, FORKING_STREAM
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
    wait_for_the_end_of_children(host)

    wait_for_two_turns(server)

    assert zombies(host) == []


@requirement("isolation.all-children-are-collected-at-once")
@each_server(FORKING)
def test_one_pass_collects_all_children_that_have_ended(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    end_children(server, 3)

    server.call("collect_children")

    assert zombies(host) == []


@requirement("isolation.handle-timeout-collects-children")
@each_server(FORKING)
def test_handle_timeout_collects_a_child_that_has_ended(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    end_children(server, 1)

    server.call("handle_timeout")

    assert zombies(host) == []


@requirement("isolation.handle-timeout-collects-children")
@each_server(FORKING_INET)
def test_handle_request_collects_children_when_it_waited_in_vain(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    end_children(server, 2)

    server.set("timeout", 0.01)
    server.call("handle_request")

    assert zombies(host) == []


@requirement("isolation.handle-request-collects-children")
@each_server(FORKING)
def test_handle_request_collects_a_child_that_has_ended(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    before = end_children(server, 1)

    take_in(server)

    assert [pid for pid in zombies(host) if pid in before] == []


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
@pytest.mark.parametrize("method", ["service_actions", "handle_timeout", "collect_children"])
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
    assert (zombies(host), active_children(server)) == ([], [])


@requirement("isolation.server-close-collects-children")
@each_server(FORKING)
def test_after_server_close_no_child_is_left_in_any_state(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    hold_children(server, 2)

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release()
    closing.wait()

    assert (living(host), zombies(host), active_children(server)) == ([], [], [])


@requirement("isolation.close-collects-the-ended-without-waiting")
@each_server(FORKING_INET)
def test_server_close_that_does_not_wait_collects_those_that_have_ended(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    hold_children(server, 2)
    server.release(count=1)
    host.wait_until(lambda: zombies(host) != [], "the end of one child")
    left = living(host)

    server.set("block_on_close", False)
    closing = server.start("server_close")
    closing.is_blocked(PATIENCE)

    assert (closing.returned, zombies(host), living(host), active_children(server)) == (True, [], left, left)


@requirement("isolation.server-close-without-children")
@each_server(FORKING_INET)
def test_server_close_needs_no_children_and_can_be_repeated(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)

    server.call("server_close")
    server.call("server_close")

    assert server.call("fileno") == -1


@requirement("isolation.server-close-without-children")
@each_server(FORKING_INET)
def test_server_close_can_be_repeated_after_children(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    take_in(server)
    server.wait_for("handler.exit")

    server.call("server_close")
    server.call("server_close")

    assert server.call("fileno") == -1


@requirement("isolation.a-killed-child-is-forgotten")
@each_server(FORKING_INET)
def test_the_loop_collects_a_child_that_was_killed(serve, host, server_class):
    server = serve(server_class, behaviours.kill_itself, probes=("service_actions",))
    server.knock()
    server.wait_for("handler.exit")
    wait_for_the_end_of_children(host)

    wait_for_two_turns(server)

    assert (zombies(host), active_children(server)) == ([], [])


@requirement("isolation.a-killed-child-is-forgotten")
@each_server(FORKING_STREAM)
def test_a_child_that_was_killed_is_collected_and_its_client_sees_the_end(serve, host, server_class):
    server = serve(server_class, behaviours.kill_itself, loop=False)
    client = server.knock()
    server.call("handle_request")
    received = client.receive()
    wait_for_the_end_of_children(host)

    server.call("collect_children")

    assert (received, zombies(host), active_children(server)) == (b"", [], [])


@requirement("isolation.strangers-are-not-collected")
@each_server(FORKING)
def test_a_server_below_its_limit_leaves_children_of_others_alone(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    stranger = host.call(behaviours.fork_a_stranger)
    host.wait_until(lambda: zombies(host) == [stranger], "the end of the stranger")
    hold_children(server)

    for method in ("service_actions", "handle_timeout", "collect_children"):
        server.call(method)
    server.release()
    server.call("server_close")

    assert host.call(behaviours.ask_for, stranger) == 42


@requirement("isolation.strangers-are-not-collected")
@STRANGERS
def test_a_server_below_its_limit_leaves_children_of_libraries_alone(serve, host, start, ask):
    server = serve("ForkingTCPServer", behaviours.hold, probes=("service_actions",))
    stranger = host.call(start)
    host.wait_until(lambda: zombies(host) == [stranger], "the end of the stranger")
    server.knock()
    server.wait_for("gate.wait")

    wait_for_two_turns(server)

    assert host.call(ask, stranger) == 42


@requirement("isolation.servers-have-their-own-children")
@each_server(FORKING_INET)
def test_a_server_leaves_the_children_of_another_one_alone(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    other = serve(server_class, behaviours.pass_by, loop=False)
    hold_children(server)
    own = living(host)
    take_in(other)
    host.wait_until(lambda: zombies(host) != [], "the end of the other's child")
    ended = zombies(host)

    server.call("service_actions")
    seen = (zombies(host), active_children(server), active_children(other))
    closing = other.start("server_close")
    closing.is_blocked(PATIENCE)

    assert seen == (ended, own, ended)
    assert (closing.returned, zombies(host), active_children(server)) == (True, [], own)


@requirement("isolation.strangers-are-not-collected-at-the-limit")
@STRANGERS
def test_a_server_at_its_limit_leaves_children_of_libraries_alone(serve, host, start, ask):
    server = serve("ForkingTCPServer", behaviours.hold, loop=False, max_children=1)
    stranger = host.call(start)
    host.wait_until(lambda: zombies(host) == [stranger], "the end of the stranger")
    hold_children(server)

    collecting = server.start("collect_children")
    collecting.allow_to_return()
    server.release()
    collecting.wait()

    assert host.call(ask, stranger) == 42


@requirement("isolation.others-may-collect")
@pytest.mark.parametrize("way", [behaviours.ignore_the_end_of_children, behaviours.collect_whoever_ends])
@each_server(FORKING_INET)
def test_a_server_whose_children_others_collect_goes_on(serve, host, server_class, way):
    server = serve(server_class, behaviours.pass_by, max_children=1, probes=("service_actions",))
    host.call(way)

    handled = []
    for number in (1, 2, 3):
        server.knock()
        handled.append(server.comes("handler.exit", count=number))
    wait_for_the_end_of_children(host)

    assert handled == [True, True, True]
    wait_for_two_turns(server)
    assert active_children(server) == []


@requirement("isolation.a-place-is-free-whoever-collected")
@each_server(FORKING_INET)
def test_a_child_that_others_have_collected_takes_no_place(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, max_children=1)
    take_in(server)
    host.call(behaviours.take_a_child)
    host.call(behaviours.hold_a_stranger)

    collecting = server.start("collect_children")
    blocked = collecting.is_blocked(PATIENCE)

    assert (blocked, active_children(server)) == (False, [])


@requirement("isolation.strangers-are-not-collected-at-the-limit")
@each_server(FORKING)
def test_a_server_at_its_limit_leaves_children_of_others_alone(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False, max_children=1)
    stranger = host.call(behaviours.fork_a_stranger)
    host.wait_until(lambda: zombies(host) == [stranger], "the end of the stranger")
    hold_children(server)

    collecting = server.start("collect_children")
    collecting.allow_to_return()
    server.release()
    collecting.wait()

    assert host.call(behaviours.ask_for, stranger) == 42


@requirement("isolation.collect-children-without-children")
@each_server(FORKING)
def test_collect_children_does_nothing_when_there_are_none(serve, host, server_class):
    serve(server_class, behaviours.pass_by, loop=False)
    assert host.call(behaviours.collect) == [None, None, None]


def end_children(server, count):
    """Let *count* children of *server* end uncollected, and return their numbers."""
    hold_children(server, count)
    server.release()
    server.host.wait_until(lambda: len(zombies(server.host)) == count, f"the end of {count} children")
    return zombies(server.host)


def wait_for_two_turns(server):
    """Wait until the loop of *server* has begun and ended a turn from now."""
    turns = len(server.history().of("hook.exit", name="service_actions"))
    server.wait_for("hook.exit", count=turns + 2, name="service_actions")
