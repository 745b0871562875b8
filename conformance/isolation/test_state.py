"""What of the state of a process is shared between the server and its children."""

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.isolation import behaviours, states
from conformance.isolation.arranging import take_in
from conformance.servers import FORKING, FORKING_INET
from conformance.visitors import visitor
from harness import running
from harness.checks.isolation import state_seen_outside
from harness.marks import each_server, requirement

KINDS = sorted(states.CHANGES)
SHARED = {"offset": len("written"), "memory": b"child", "files": 1}


@requirement("isolation.changes-stay-in-the-child")
@each_server(FORKING)
def test_no_state_that_a_child_changes_is_seen_changed_elsewhere(serve, host, server_class):
    server = serve(server_class, states.look_and_change, loop=False, kinds=KINDS, notes=[])
    assert state_seen_outside(history_of_changes(server)) == []


@requirement("isolation.changes-stay-in-the-child")
@settings(max_examples=5)
@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=4, unique=True))
def test_changes_stay_in_the_child_in_whatever_order_they_are_made(fresh_host, kinds):
    server = running.build(fresh_host(), "ForkingTCPServer", states.look_and_change, loop=False, kinds=kinds, notes=[])
    assert state_seen_outside(history_of_changes(server)) == []


def history_of_changes(server):
    """Return what happened when one child changed the state, another one did, and then the parent looked."""
    for number in (1, 2):
        take_in(server)
        server.wait_for("handler.exit", count=number)
    server.host.call(states.look)
    return server.history()


@requirement("isolation.children-see-the-state-when-serving-begins")
@each_server(FORKING)
def test_a_child_sees_what_was_changed_after_the_server_was_built(serve, server_class):
    server = serve(server_class, states.tell, loop=False, greeting="first")

    server.set("greeting", "second")
    take_in(server)
    server.wait_for("handler.exit")

    assert greetings(server) == ["second"]


@requirement("isolation.children-see-the-state-when-serving-begins")
@each_server(FORKING_INET)
def test_a_child_of_the_loop_sees_every_kind_of_state_as_it_was_left(serve, host, server_class):
    server = serve(server_class, states.look_around, loop=False, kinds=KINDS, notes=[])

    host.call(states.change)
    server.serve()
    server.knock()
    server.wait_for("handler.exit")

    assert seen_last(server) == changed(server)


@requirement("isolation.children-see-the-state-at-the-fork")
@each_server(FORKING)
def test_each_child_sees_what_the_parent_has_changed_before(serve, server_class):
    server = serve(server_class, states.tell, loop=False, greeting="first")

    take_in(server)
    server.wait_for("handler.exit")
    server.set("greeting", "second")
    take_in(server)
    server.wait_for("handler.exit", count=2)

    assert greetings(server) == ["first", "second"]


def greetings(server):
    """Return what each handler was told by an attribute of its server."""
    return [event.details["greeting"] for event in server.history().of("told")]


@requirement("isolation.children-see-the-state-at-the-fork")
@each_server(FORKING_INET)
def test_a_child_sees_every_kind_of_state_as_its_parent_has_left_it(serve, host, server_class):
    server = serve(server_class, states.look_around, loop=False, kinds=KINDS, notes=[])

    take_in(server)
    server.wait_for("handler.exit")
    host.call(states.change)
    take_in(server)
    server.wait_for("handler.exit", count=2)

    assert seen_last(server) == changed(server)


def seen_last(server):
    """Return how each kind of state was when the last handler looked."""
    return values(server.history().of("state.seen"))[-len(KINDS) :]


def changed(server):
    """Return how each kind of state was left by who changed it."""
    return values(server.history().of("state.change"))


def values(events):
    """Return what *events* tell: the kinds of state, and how each was."""
    return [(event.details["name"], event.details["value"]) for event in events]


@requirement("isolation.files-and-shared-memory-are-shared")
@each_server(FORKING_INET)
def test_what_a_child_does_outside_of_its_process_is_seen_in_the_parent(serve, host, server_class):
    server = serve(server_class, states.write_what_is_shared, loop=False)
    host.call(states.share)

    take_in(server)
    server.wait_for("handler.exit")

    assert host.call(states.read_what_is_shared) == SHARED


@requirement("isolation.children-draw-different-numbers")
@each_server(FORKING_INET)
def test_two_children_draw_different_random_numbers(serve, server_class):
    server = serve(server_class, behaviours.draw, loop=False)

    take_in(server, 2)
    server.wait_for("handler.exit", count=2)

    drawn = {event.details["number"] for event in server.history().of("drawn")}
    assert len(drawn) == 2


@requirement("isolation.closing-in-a-child-stays-there")
@each_server(FORKING)
def test_a_child_that_closes_the_server_disturbs_nobody(serve, host, server_class):
    server = serve(server_class, behaviours.do_as_told, loop=False)

    came = []
    for task, event, count in (
        (b"hold\n", "gate.wait", 1),
        (b"close\n", "handler.exit", 1),
        (b"go\n", "handler.exit", 2),
    ):
        visitor(server, server_class, task)
        server.call("handle_request")
        came.append(server.comes(event, count=count))

    assert came == [True, True, True]
