"""When the flags count that say for which threads server_close() waits."""

import pytest

from conformance.servers import CONCURRENT_INET, THREADING, THREADING_INET
from conformance.waiting import behaviours
from conformance.waiting.arranging import PATIENCE, end_of, put_to_work
from harness.checks.waiting import handlers_outliving
from harness.marks import each_server, requirement


@requirement("waiting.daemon-flag-counts-as-it-was-at-the-start")
@pytest.mark.parametrize(("at_start", "expected"), [(False, "blocked"), (True, "returned")])
@each_server(THREADING_INET)
def test_server_close_ignores_what_became_of_daemon_threads_since(serve, server_class, at_start, expected):
    server = serve(server_class, behaviours.hold, loop=False, daemon_threads=at_start)
    put_to_work(server, 1)
    server.set("daemon_threads", not at_start)

    closing = server.start("server_close")
    came = "blocked" if closing.is_blocked(PATIENCE) else "returned"

    assert came == expected


@requirement("waiting.daemon-flag-counts-as-it-was-at-the-start")
@each_server(THREADING)
def test_server_close_waits_for_those_of_its_threads_that_are_no_daemons(serve, server_class):
    server = serve(server_class, behaviours.hold_at_the_gate_of_the_server, loop=False)
    clients = []
    for daemon in (True, False):
        server.set("daemon_threads", daemon)
        server.set("gate", "one" if daemon else "hold")
        clients.append(server.knock())
        server.call("handle_request")
        server.wait_for("gate.wait", count=len(clients))

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release("hold")
    outcome = end_of(closing)

    history = server.history()
    returned = history.first("call.return", name="server_close")
    ended = {event.client for event in history.before(returned).of("handler.exit")} if returned else None
    assert (outcome, ended) == ("returned", {clients[1].name})


@requirement("waiting.block-on-close-set-late-waits")
@each_server(CONCURRENT_INET)
def test_server_close_waits_if_block_on_close_has_become_true(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, block_on_close=False)
    put_to_work(server, 2)
    server.set("block_on_close", True)

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release()
    closing.wait()

    assert handlers_outliving("server_close", server.history()) == []
