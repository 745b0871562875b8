"""Threads that have ended, and servers that are closed beside or from one."""

import pytest

from conformance.locking import behaviours
from conformance.locking.arranging import handle_one, wait_until_threads_rest
from conformance.servers import THREADING, THREADING_INET
from conformance.visitors import visitor, visitors
from harness.checks.verdict import Inconclusive
from harness.checks.waiting import calls_that_waited
from harness.marks import each_server, requirement

KEPT_AT_MOST = 2
SETTINGS = {
    "by default": {},
    "as daemons": {"daemon_threads": True},
    "not waited for": {"block_on_close": False},
}


@requirement("locking.finished-threads-do-not-pile-up")
@pytest.mark.parametrize("attributes", SETTINGS.values(), ids=SETTINGS)
@each_server(THREADING_INET)
def test_few_threads_are_kept_after_many_requests(serve, server_class, attributes):
    server = serve(server_class, behaviours.remember_thread, loop=False, seen=[], **attributes)
    usual = server.host.vitals().threads
    for number in range(8):
        visitor(server, server_class)
        handle_one(server)
        server.wait_for("handler.exit", count=number + 1)
    wait_until_threads_rest(server.host, usual)

    kept = server.host.call(behaviours.count_dead_threads_kept)
    assert max(kept, KEPT_AT_MOST) == KEPT_AT_MOST


@requirement("locking.idle-server-holds-no-threads")
@each_server(THREADING)
def test_no_thread_is_kept_after_the_last_request(serve, server_class):
    server = serve(server_class, behaviours.remember_thread_and_hold, loop=False, seen=[])
    usual = server.host.vitals().threads
    visitors(server, server_class, 4)
    for _ in range(4):
        handle_one(server)
    server.comes("gate.wait", count=4)
    server.release()
    server.comes("handler.exit", count=4)
    wait_until_threads_rest(server.host, usual)

    assert server.host.call(behaviours.count_dead_threads_kept) == 0


@requirement("locking.threads-belong-to-one-server")
@each_server(THREADING)
def test_server_close_does_not_wait_for_the_threads_of_another_server(serve, server_class):
    busy = serve(server_class, behaviours.hold)
    other = serve(server_class, behaviours.pass_by, loop=False)
    visitor(other, server_class)
    other.call("handle_request")
    other.wait_for("handler.exit")
    visitor(busy, server_class)
    busy.wait_for("gate.wait")

    other.start("server_close").is_blocked(patience=0.2)

    assert calls_that_waited("server_close", busy.history()) == []


@requirement("locking.close-beside-a-starting-thread")
@each_server(THREADING)
def test_server_close_returns_beside_a_thread_that_is_being_started(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    handling = server.start("handle_request")
    server.host.call(behaviours.hold_one_start)
    visitor(server, server_class)
    if not server.comes("gate.wait", gate="one"):
        raise Inconclusive("the request's thread was not started by threading.Thread.start()")

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release("one")
    handling.wait()

    assert closing.wait() is None


@requirement("locking.close-from-a-handler")
@each_server(THREADING)
def test_a_handler_can_close_its_server(serve, server_class):
    server = serve(server_class, behaviours.close_server, loop=False)
    visitor(server, server_class)
    server.call("handle_request")
    server.comes("handler.exit")

    events = [event.kind for event in server.history().of("handler.*")]
    assert events == ["handler.enter", "handler.exit"]
