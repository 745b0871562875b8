"""Whom server_close() waits for when requests run in threads."""

from conformance.servers import THREADING, THREADING_STREAM, USER_BUILT
from conformance.visitors import connections, holds
from conformance.waiting import behaviours
from conformance.waiting.arranging import PATIENCE, put_to_work
from harness.checks.verdict import Inconclusive
from harness.checks.waiting import calls_that_waited, handlers_outliving
from harness.marks import each_server, requirement

BUILT_THREADING_INET = tuple(each for each in USER_BUILT if (each.concurrency, each.family) == ("threads", "inet"))


@requirement("waiting.server-close-joins-threads")
@each_server(THREADING)
def test_server_close_waits_for_every_handler_at_work(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    put_to_work(server, 2)

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release()
    closing.wait()

    assert handlers_outliving("server_close", server.history()) == []


@requirement("waiting.server-close-joins-threads")
@each_server(BUILT_THREADING_INET)
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


@requirement("waiting.server-close-leaves-daemons")
@each_server(THREADING)
def test_server_close_does_not_wait_for_a_daemon(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, daemon_threads=True)
    put_to_work(server, 1)

    server.start("server_close").is_blocked(PATIENCE)

    assert calls_that_waited("server_close", server.history()) == []


@requirement("waiting.block-on-close-is-read-at-close")
@each_server(THREADING)
def test_block_on_close_counts_as_it_is_when_the_server_is_closed(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    put_to_work(server, 1)
    server.set("block_on_close", False)

    server.start("server_close").is_blocked(PATIENCE)

    assert calls_that_waited("server_close", server.history()) == []


@requirement("waiting.server-close-stops-listening-first")
@each_server(THREADING_STREAM)
def test_a_client_that_comes_while_server_close_waits_is_refused(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    put_to_work(server, 1)

    closing = server.start("server_close")
    closing.allow_to_return()
    if closing.returned:
        raise Inconclusive("server_close() did not wait")
    newcomer = server.connect()
    server.release()
    closing.wait()

    assert server.history().of("client.connect", client=newcomer.name) == []


@requirement("waiting.server-close-sees-requests-closed")
@each_server(THREADING_STREAM)
def test_no_connection_is_open_after_server_close(serve, host, server_class):
    server = serve(server_class, behaviours.hold_and_tell_the_connection)
    for _ in range(2):
        server.connect()
    names = connections(server, 2)
    server.call("shutdown")

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release()
    closing.wait()

    assert [name for name in names if holds(host.pid, name)] == []
