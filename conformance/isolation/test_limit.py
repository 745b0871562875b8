"""How many children there are at once, and what happens when there are as many as allowed."""

from conformance.isolation import behaviours
from conformance.isolation.arranging import PATIENCE, hold_children
from conformance.servers import FORKING, FORKING_STREAM
from harness.checks.answers import never_handled
from harness.checks.children import more_at_once_than
from harness.checks.order import handled_out_of_order
from harness.checks.waiting import calls_that_waited
from harness.marks import each_server, requirement


@requirement("isolation.never-more-than-max-children")
@each_server(FORKING)
def test_the_loop_never_has_more_children_than_max_children(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, max_children=2)
    for _ in range(4):
        server.knock()

    server.serve()
    server.wait_for("gate.wait", count=2)
    server.loop.allow_to_return()
    server.release()
    server.wait_for("handler.exit", count=4)

    assert more_at_once_than(2, server.history()) == []


@requirement("isolation.handle-request-heeds-max-children")
@each_server(FORKING)
def test_handle_request_never_makes_more_children_than_max_children(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, max_children=2)
    hold_children(server, 2)
    server.knock()

    third = server.start("handle_request")
    third.allow_to_return()
    if third.returned:
        server.wait_for("gate.wait", count=3)
    server.release()
    third.wait()
    server.wait_for("handler.exit", count=3)

    assert more_at_once_than(2, server.history()) == []


@requirement("isolation.requests-wait-for-a-free-place")
@each_server(FORKING_STREAM)
def test_requests_beyond_the_limit_are_handled_later_in_their_order(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, max_children=1)
    clients = [server.connect() for _ in range(3)]

    server.serve()
    server.wait_for("gate.wait")
    server.loop.allow_to_return()
    server.release()
    for client in clients:
        client.read_all()

    assert never_handled(server.history()) == []
    assert handled_out_of_order(server.history()) == []


@requirement("isolation.the-limit-does-not-keep-shutdown-waiting")
@each_server(FORKING)
def test_shutdown_returns_while_as_many_children_as_allowed_are_at_work(serve, server_class):
    server = serve(server_class, behaviours.hold, max_children=1)
    server.knock()
    server.wait_for("gate.wait")

    server.start("shutdown").is_blocked(PATIENCE)

    assert calls_that_waited("shutdown", server.history()) == []
