"""Loops that begin, loops that never were, and several loops of one server."""

import pytest

from conformance.servers import CONCURRENT_INET, FORKING, INET, SYNCHRONOUS, SYNCHRONOUS_INET
from conformance.waiting import behaviours
from conformance.waiting.arranging import LONG, course_of, end_of
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement
from harness.running import POLL_INTERVAL

FORKING_INET = tuple(each for each in FORKING if each in INET)
RETURNED = ["call.enter", "call.return"]


@requirement("waiting.shutdown-without-a-loop-returns")
@each_server(SYNCHRONOUS_INET + CONCURRENT_INET)
def test_shutdown_of_a_server_that_never_served_returns(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)

    end_of(server.start("shutdown"))

    assert course_of("shutdown", server.history()) == RETURNED


@requirement("waiting.shutdown-of-a-loop-that-begins")
@pytest.mark.parametrize("runs", [0, 1], ids=["first loop", "second loop"])
@each_server(SYNCHRONOUS_INET)
def test_a_loop_that_is_about_to_begin_is_stopped(serve, server_class, runs):
    server = serve(server_class, behaviours.pass_by, loop=False, holds=False, fileno=behaviours.hold_the_beginning)
    for _ in range(runs):
        server.serve()
        server.knock()
        server.wait_for("handler.exit")
        server.call("shutdown")
        server.loop.wait()
    server.set("holds", True)
    server.serve(LONG)
    if not server.comes("gate.wait"):
        raise Inconclusive("the loop did not ask for fileno() when it began")

    stopping = server.start("shutdown")
    stopping.allow_to_return()
    server.set("holds", False)
    server.release()

    assert (end_of(server.loop), end_of(stopping)) == ("returned", "returned")


@requirement("waiting.shutdown-stops-every-loop")
@each_server(SYNCHRONOUS_INET + CONCURRENT_INET)
def test_both_loops_of_a_server_end(serve, server_class):
    server = serve(server_class, behaviours.pass_by, service_actions=behaviours.hold_one_of_two_loops)
    server.start("serve_forever", POLL_INTERVAL)
    server.comes("gate.wait")

    stopping = server.start("shutdown")
    server.comes("call.return", name="serve_forever")
    stopping.allow_to_return()
    server.release()
    server.comes("call.return", count=2, name="serve_forever")
    server.comes("call.return", name="shutdown")

    history = server.history()
    ended = len(history.of("call.return", name="serve_forever"))
    course = [event.kind for event in history if event.kind == "gate.pass" or event.details.get("name") == "shutdown"]
    assert (ended, course) == (2, ["call.enter", "gate.pass", "call.return"])


@requirement("waiting.loops-share-the-requests")
@each_server(SYNCHRONOUS)
def test_one_loop_serves_while_the_other_is_busy(serve, server_class):
    server = serve(
        server_class,
        behaviours.pass_by,
        service_actions=behaviours.wait_for_the_other_loop,
        verify_request=behaviours.hold_the_first_request,
    )
    server.start("serve_forever", POLL_INTERVAL)
    server.comes("loops.met", count=2)

    early = server.knock()
    server.comes("gate.wait", gate="one")
    late = server.knock()
    server.comes("handler.exit")
    server.release("one")
    server.comes("handler.exit", count=2)

    handled = [event.client for event in server.history().of("handler.exit")]
    assert handled == [late.name, early.name]


@requirement("waiting.shutdown-in-a-child-leaves-the-loop")
@each_server(FORKING_INET)
def test_the_loop_goes_on_although_a_child_has_called_shutdown(serve, server_class):
    server = serve(server_class, behaviours.stop_the_server_from_a_child)
    server.knock()
    server.wait_for("gate.wait")
    server.comes("stopped")

    for number in (2, 3):  # the loop may have been waiting for the first of them
        server.knock()
        server.comes("gate.wait", count=number)
    server.release()

    assert len(server.history().of("handler.enter")) == 3


@requirement("waiting.shutdown-in-a-child-returns")
@each_server(FORKING_INET)
def test_shutdown_in_a_child_does_not_wait_for_the_loop_of_its_parent(serve, server_class):
    server = serve(server_class, behaviours.stop_the_server_from_a_child)
    server.knock()
    server.wait_for("gate.wait")

    returned = server.comes("stopped")
    server.release()

    assert ("returned" if returned else "blocked") == "returned"
