"""Which threads server_close() knows of, whatever happened before and happens at the same time."""

from conformance.locking import behaviours
from conformance.locking.arranging import PATIENCE, handle_one
from conformance.servers import THREADING, THREADING_INET
from conformance.visitors import visitor, visitors
from harness.checks.verdict import Inconclusive
from harness.checks.waiting import handlers_outliving
from harness.marks import each_server, requirement


@requirement("locking.concurrent-starts-are-all-waited-for")
@each_server(THREADING)
def test_a_thread_that_was_long_in_starting_is_waited_for(serve, server_class):
    server = serve(server_class, behaviours.hold_where_told, loop=False)
    handling = server.start("handle_request")
    server.host.call(behaviours.hold_one_start)
    visitor(server, server_class, b"two\n")
    if not server.comes("gate.wait", gate="one"):
        raise Inconclusive("the request's thread was not started by threading.Thread.start()")
    visitor(server, server_class, b"hold\n")
    other = server.start("handle_request")
    if other.is_blocked(PATIENCE):
        raise Inconclusive("the server starts no thread while another one is being started")
    server.wait_for("gate.wait", gate="hold")
    server.release("one")
    handling.wait()
    server.wait_for("gate.wait", gate="two")

    closing = server.start("server_close")
    server.release("hold")
    server.wait_for("handler.exit")
    closing.allow_to_return()
    server.release("two")
    closing.wait()

    assert handlers_outliving("server_close", server.history()) == []


@requirement("locking.failed-start-leaves-the-books-right")
@each_server(THREADING_INET)
def test_server_close_waits_for_others_after_a_request_without_a_thread(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    visitor(server, server_class)
    handle_one(server)
    server.wait_for("gate.wait")
    visitor(server, server_class)
    server.host.call(behaviours.refuse_one_start)
    handle_one(server)
    if not server.history().of("thread.refused"):
        raise Inconclusive("nobody called threading.Thread.start() for the second request")

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release()
    closing.wait()

    assert handlers_outliving("server_close", server.history()) == []


@requirement("locking.closing-handlers-do-not-wait-for-each-other")
@each_server(THREADING_INET)
def test_two_handlers_can_close_their_server_together(serve, server_class):
    server = serve(server_class, behaviours.close_server_together)
    visitors(server, server_class, 2)
    server.wait_for("gate.wait", count=2)
    server.call("shutdown")

    server.release()
    server.comes("handler.exit", count=2)

    events = sorted(event.kind for event in server.history().of("handler.*"))
    assert events == ["handler.enter"] * 2 + ["handler.exit"] * 2


@requirement("locking.closing-handler-waits-for-the-others")
@each_server(THREADING_INET)
def test_a_handler_that_closes_its_server_waits_for_the_other_handlers(serve, server_class):
    server = serve(server_class, behaviours.close_server_or_hold, loop=False)
    clients = [visitor(server, server_class, words) for words in (b"stay\n", b"close\n")]
    server.call("handle_request")
    server.wait_for("gate.wait")
    server.call("handle_request")
    server.wait_for("closing")
    server.comes("handler.exit")  # of who closes the server and must not get so far
    server.release()
    server.comes("handler.exit", count=2)

    ended = [(event.kind, event.client) for event in server.history().of("handler.*") if event.kind != "handler.enter"]
    assert ended == [("handler.exit", client.name) for client in clients]
