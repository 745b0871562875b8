"""Waits that a signal interrupts."""

import os
import signal

from conformance.servers import CONCURRENT_INET, THREADING_INET
from conformance.visitors import visitor
from conformance.waiting import behaviours
from conformance.waiting.arranging import PATIENCE, end_of, put_to_work
from harness.checks.verdict import Inconclusive
from harness.checks.waiting import handlers_outliving
from harness.marks import each_server, requirement


@requirement("waiting.interrupted-close-can-be-repeated")
@each_server(CONCURRENT_INET)
def test_server_close_waits_again_after_it_was_interrupted(host, serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    put_to_work(server, 1)
    closing = host.start(behaviours.close_until_interrupted, thread=False)
    host.wait_for("closing")
    closing.allow_to_return()
    os.kill(host.pid, signal.SIGUSR1)
    if closing.wait() != "interrupted":
        raise Inconclusive("server_close() did not wait, so that nothing could interrupt it")

    again = server.start("server_close")
    again.allow_to_return()
    server.release()
    again.wait()

    assert handlers_outliving("server_close", server.history()) == []


@requirement("waiting.exit-leaves-daemons")
@each_server(THREADING_INET)
def test_ctrl_c_ends_a_server_whose_daemons_wait_for_idle_clients(host, serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, daemon_threads=True)
    serving = host.start(behaviours.serve_until_interrupted, thread=False)
    visitor(server, server_class)
    server.wait_for("gate.wait")

    os.kill(host.pid, signal.SIGINT)
    state = end_of(serving)
    if state == "returned":
        host.leave()
        state = "waits" if host.is_waiting_to_end(PATIENCE) else "exits"

    assert state == "exits"
