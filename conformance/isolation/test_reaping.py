"""Who asks for the exit status of children that have ended: an unasked one stays as a zombie."""

from conformance.isolation import behaviours
from conformance.isolation.arranging import (
    active_children,
    hold_children,
    living,
    take_in,
    wait_for_the_end_of_children,
    zombies,
)
from conformance.servers import FORKING, FORKING_STREAM
from harness.marks import each_server, requirement


@requirement("isolation.the-loop-collects-children")
@each_server(FORKING)
def test_the_loop_collects_a_child_that_has_ended(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, probes=("service_actions",))
    server.knock()
    server.wait_for("handler.exit")
    wait_for_the_end_of_children(host)

    turns = len(server.history().of("hook.exit", name="service_actions"))
    server.wait_for("hook.exit", count=turns + 2, name="service_actions")

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


@requirement("isolation.handle-request-collects-children")
@each_server(FORKING)
def test_handle_request_collects_a_child_that_has_ended(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    before = end_children(server, 1)

    take_in(server)

    assert [pid for pid in zombies(host) if pid in before] == []


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
