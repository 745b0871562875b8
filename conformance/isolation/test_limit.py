"""How many children there are at a time, and what happens when there are as many as allowed."""

import pytest

from conformance.isolation import behaviours
from conformance.isolation.arranging import PATIENCE, hold_children, take_in, wait_for_the_end_of_handlers
from conformance.servers import FORKING, FORKING_INET, FORKING_STREAM
from harness.checks.answers import never_handled
from harness.checks.children import more_at_once_than
from harness.checks.verdict import Inconclusive
from harness.checks.waiting import calls_that_waited
from harness.marks import each_server, requirement


@requirement("isolation.never-more-than-max-children")
@each_server(FORKING)
def test_the_loop_never_has_more_children_than_max_children(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, max_children=2)
    serve_beyond_the_limit(server)

    assert more_at_once_than(2, server.history()) == []


@requirement("isolation.never-more-than-max-children")
@each_server(FORKING_INET)
def test_the_limit_may_be_set_on_a_server_that_has_been_built(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    server.set("max_children", 2)
    serve_beyond_the_limit(server)

    assert more_at_once_than(2, server.history()) == []


def serve_beyond_the_limit(server):
    """Let *server* serve four clients, who wait, and give it the chance to have more than two children."""
    for _ in range(4):
        server.knock()
    server.serve()
    server.wait_for("gate.wait", count=2)
    server.loop.allow_to_return()
    server.release()
    server.wait_for("handler.exit", count=4)


@requirement("isolation.the-limit-may-be-lowered-while-children-work")
@each_server(FORKING_INET)
def test_the_limit_can_be_lowered_while_the_server_serves(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    server.set("max_children", 2)
    server.serve()
    for _ in range(3):
        server.knock()
    server.wait_for("gate.wait", count=2)
    server.set("max_children", 1)

    server.release(count=1)
    server.wait_for("handler.exit")
    server.loop.allow_to_return()
    server.release()
    server.wait_for("handler.exit", count=3)

    handlers = [event.kind for event in server.history().of("handler.*")]
    assert handlers == [*["handler.enter"] * 2, *["handler.exit"] * 2, "handler.enter", "handler.exit"]


@requirement("isolation.loops-share-the-limit")
@each_server(FORKING_INET)
def test_two_loops_together_have_no_more_children_than_max_children(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False, max_children=1)
    host.call(behaviours.hold_each_fork)
    loops = [server.serve()]
    server.knock()
    if not server.comes("gate.wait", gate="one"):
        raise Inconclusive("the loop did not call os.fork() for the request")
    loops.append(server.serve())
    server.knock()
    loops[1].allow_to_return()

    server.release("one")
    server.wait_for("gate.wait", gate="hold")
    for loop in loops:
        loop.allow_to_return()
    server.release("hold")
    server.wait_for("handler.exit", count=2)

    assert more_at_once_than(1, server.history()) == []


@requirement("isolation.handle-request-heeds-max-children")
@pytest.mark.parametrize("timeout", [300, None])
@each_server(FORKING)
def test_handle_request_never_makes_more_children_than_max_children(serve, server_class, timeout):
    server = serve(server_class, behaviours.hold, loop=False, max_children=2, timeout=timeout)
    hold_children(server, 2)
    server.knock()

    third = server.start("handle_request")
    third.allow_to_return()
    if third.returned:
        server.comes("gate.wait", count=3)
    server.release()
    third.wait()
    server.wait_for("handler.exit", count=3)

    assert more_at_once_than(2, server.history()) == []


@requirement("isolation.requests-wait-for-a-free-place")
@each_server(FORKING_STREAM)
def test_requests_beyond_the_limit_are_handled_later(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, max_children=1)
    clients = [server.connect() for _ in range(3)]

    server.serve()
    server.wait_for("gate.wait")
    server.loop.allow_to_return()
    server.release()
    for client in clients:
        client.read_all()

    assert never_handled(server.history()) == []


@requirement("isolation.an-ended-child-frees-its-place")
@each_server(FORKING)
def test_each_child_that_ends_lets_one_more_request_in(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, max_children=2)
    for _ in range(4):
        server.knock()
    server.serve()
    server.wait_for("gate.wait", count=2)

    came = []
    for number in (3, 4):
        server.release(count=1)
        came.append(server.comes("gate.wait", count=number))

    assert came == [True, True]


@requirement("isolation.an-ended-child-frees-its-place")
@each_server(FORKING_INET)
def test_handle_request_finds_a_place_when_a_child_has_ended(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, max_children=1)
    take_in(server)
    server.wait_for("handler.exit")
    wait_for_the_end_of_handlers(host)

    server.knock()
    blocked = server.start("handle_request").is_blocked(PATIENCE)

    assert (blocked, server.comes("handler.exit", count=2)) == (False, True)


@requirement("isolation.service-actions-go-on-at-the-limit")
@each_server(FORKING_INET)
def test_the_loop_goes_on_turning_while_as_many_children_as_allowed_are_at_work(serve, server_class):
    server = serve(server_class, behaviours.hold, max_children=1, probes=("service_actions",))
    server.knock()
    server.wait_for("gate.wait")

    turns = len(server.history().of("hook.exit", name="service_actions"))

    assert server.comes("hook.exit", count=turns + 2, name="service_actions")


@requirement("isolation.a-limit-below-one-does-no-harm")
@pytest.mark.parametrize("limit", [0, -1])
def test_a_server_without_any_place_serves_and_does_not_spin(serve, host, limit):
    host.call(behaviours.note_vain_questions)
    server = serve("ForkingTCPServer", behaviours.pass_by, max_children=limit)

    handled = []
    for number in (1, 2):
        server.knock()
        host.becomes(lambda number=number: is_over(server, number), "the end of a request, or a loop that spins")
        handled.append(server.comes("handler.exit", count=number))

    assert (handled, server.history().of("asked.endlessly")) == ([True, True], [])


def is_over(server, number):
    """Tell whether *number* requests were handled, or the server has begun to ask for children without end."""
    history = server.history()
    return len(history.of("handler.exit")) == number or history.of("asked.endlessly") != []


@requirement("isolation.the-limit-does-not-keep-shutdown-waiting")
@each_server(FORKING)
def test_shutdown_returns_while_as_many_children_as_allowed_are_at_work(serve, server_class):
    server = serve(server_class, behaviours.hold, max_children=1, probes=("service_actions",))
    server.knock()
    server.wait_for("gate.wait")
    server.knock()
    turns = len(server.history().of("hook.exit", name="service_actions"))
    server.comes("hook.exit", name="service_actions", count=turns + 2)  # the loop has seen who waits

    server.start("shutdown").is_blocked(PATIENCE)

    assert calls_that_waited("shutdown", server.history()) == []
