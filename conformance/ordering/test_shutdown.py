"""Requests that wait when the loop ends are neither handled nor lost."""

import pytest

from conformance.ordering import behaviours
from conformance.servers import BOTH_TRANSPORTS, THREADING_STREAM
from conformance.visitors import arrivals, visitor, visitors
from harness.checks.waiting import accepted_after
from harness.marks import each_server, requirement

LONG_POLL = 30  # seconds; the loop sleeps until a request comes, or the shutdown wakes it


@requirement("ordering.nothing-is-handled-after-shutdown")
@each_server(BOTH_TRANSPORTS + THREADING_STREAM)
def test_who_comes_after_shutdown_is_not_handled(serve, server_class):
    server = serve(server_class, behaviours.say_that_it_came, loop=False)
    server.host.start(behaviours.serve_and_say_so, name="serve_forever")
    visitors(server, server_class, 3)
    server.comes("fence", count=3)

    server.call("shutdown")
    visitor(server, server_class)
    server.comes("fence", count=4)  # of the loop when it ends, or of the handler that should not be

    assert accepted_after("shutdown", server.history()) == []


@requirement("ordering.pending-shutdown-takes-nothing")
@each_server(BOTH_TRANSPORTS)
def test_who_comes_while_a_shutdown_is_pending_is_left_in_the_queue(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    server.serve(LONG_POLL)
    early = visitor(server, server_class)
    server.comes("handler.exit")
    server.settle()  # it waits for a request

    stopping = server.start("shutdown")
    stopping.allow_to_return()
    late = visitor(server, server_class)
    stopping.wait()
    server.loop.wait()

    handled = arrivals(server.history().of("handler.enter"), [early, late])
    assert handled == [0]


@requirement("ordering.next-loop-serves-what-waits")
@pytest.mark.parametrize("next_loop", [behaviours.serve_and_say_so, behaviours.handle_three])
@each_server(BOTH_TRANSPORTS)
def test_what_waited_is_served_in_its_order(serve, server_class, next_loop):
    server = serve(server_class, behaviours.hold)
    clients = visitors(server, server_class, 1)
    server.comes("handler.enter")
    clients += visitors(server, server_class, 3)
    stopping = server.start("shutdown")
    stopping.allow_to_return()
    server.release()
    stopping.wait()
    server.loop.wait()

    server.host.start(next_loop)
    server.comes("handler.exit", count=4)

    handled = arrivals(server.history().of("handler.enter"), clients)
    assert handled == [0, 1, 2, 3]
