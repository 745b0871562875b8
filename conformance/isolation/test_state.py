"""What of the state of a process is shared between the server and its children."""

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.isolation import states
from conformance.isolation.arranging import take_in
from conformance.servers import FORKING
from harness import running
from harness.checks.isolation import state_seen_outside
from harness.marks import each_server, requirement

KINDS = sorted(states.CHANGES)


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


@requirement("isolation.children-see-the-state-at-the-fork")
@each_server(FORKING)
def test_each_child_sees_what_the_parent_has_changed_before(serve, server_class):
    server = serve(server_class, states.tell, loop=False, greeting="first")

    take_in(server)
    server.wait_for("handler.exit")
    server.set("greeting", "second")
    take_in(server)
    server.wait_for("handler.exit", count=2)

    told = [event.details["greeting"] for event in server.history().of("told")]
    assert told == ["first", "second"]
