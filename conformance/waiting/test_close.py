"""What holds for server_close() whatever the requests run in."""

from conformance.servers import ALL, CONCURRENT
from conformance.waiting import behaviours
from conformance.waiting.arranging import PATIENCE, course_of, end_of, put_to_work
from harness.checks.waiting import calls_that_waited, handlers_outliving
from harness.marks import each_server, requirement


@requirement("waiting.server-close-obeys-block-on-close")
@each_server(CONCURRENT)
def test_server_close_does_not_wait_if_block_on_close_is_false(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, block_on_close=False)
    put_to_work(server, 1)

    server.start("server_close").is_blocked(PATIENCE)

    assert calls_that_waited("server_close", server.history()) == []


@requirement("waiting.with-statement-waits-at-its-end")
@each_server(CONCURRENT)
def test_leaving_the_with_block_waits_like_server_close(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    put_to_work(server, 1)

    leaving = host.start(behaviours.leave_a_with_block)
    leaving.allow_to_return()
    server.release()
    leaving.wait()

    assert handlers_outliving("leave_a_with_block", server.history()) == []


@requirement("waiting.server-close-of-an-unused-server-returns")
@each_server(ALL)
def test_a_server_without_requests_can_be_closed_again_and_again(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)

    for _ in range(3):
        end_of(server.start("server_close"))

    assert course_of("server_close", server.history()) == ["call.enter", "call.return"] * 3
