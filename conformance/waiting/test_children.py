"""Whom server_close() waits for when requests run in processes."""

from conformance.servers import FORKING, FORKING_BUILT
from conformance.waiting import behaviours
from conformance.waiting.arranging import PATIENCE, put_to_work
from harness.checks.waiting import calls_that_waited, handlers_outliving
from harness.marks import each_server, requirement


@requirement("waiting.server-close-joins-children")
@each_server(FORKING)
def test_server_close_waits_for_every_child_at_work(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    put_to_work(server, 2)

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release()
    closing.wait()

    assert handlers_outliving("server_close", server.history()) == []


@requirement("waiting.server-close-joins-children")
@each_server([each for each in FORKING_BUILT if each.family == "inet"])
def test_server_close_waits_for_what_a_loop_has_taken_in(serve, server_class):
    server = serve(server_class, behaviours.hold)
    server.knock()
    server.knock()
    server.wait_for("gate.wait", count=2)
    server.call("shutdown")

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release()
    closing.wait()

    assert handlers_outliving("server_close", server.history()) == []


@requirement("waiting.server-close-obeys-block-on-close")
@each_server(FORKING)
def test_block_on_close_may_be_set_when_children_are_at_work(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    put_to_work(server, 1)
    server.set("block_on_close", False)

    server.start("server_close").is_blocked(PATIENCE)

    assert calls_that_waited("server_close", server.history()) == []
