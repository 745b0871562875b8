"""Private names that programs have come to use: they may be missing, but some programs would miss them."""

import pytest

from conformance.hierarchy.behaviours import combinations, reaching_inside
from harness.marks import requirement


@requirement("hierarchy.stop-flag-ends-the-loop")
def test_a_handler_that_sets_the_flag_is_the_last(serve):
    server = serve("TCPServer", reaching_inside.set_stop_flag, loop=False)
    first, second = server.connect(), server.connect()
    first.send(b"first\n")
    second.send(b"second\n")

    server.serve().wait()

    assert [event.client for event in server.history().of("handler.exit")] == [first.name]


@requirement("hierarchy.end-of-the-loop-can-be-awaited")
def test_the_event_tells_whether_the_loop_has_ended(serve, host):
    server = serve("TCPServer", reaching_inside.tell_end_of_loop)
    server.knock()
    server.wait_for("handler.exit")
    server.call("shutdown")
    server.loop.wait()

    during = [event.details["ended"] for event in server.history().of("loop")]

    assert (during, host.call(reaching_inside.has_loop_ended)) == ([False], True)


@requirement("hierarchy.ready-request-is-handled-without-a-loop")
@pytest.mark.parametrize("server_class", ["TCPServer", "UDPServer"])
def test_a_request_that_waits_is_handled_by_one_call(serve, server_class):
    server = serve(server_class, combinations.do_nothing, loop=False)
    clients = [server.knock() for _ in range(2)]

    server.call("_handle_request_noblock")

    assert [event.client for event in server.history().of("handler.exit")] == [clients[0].name]
