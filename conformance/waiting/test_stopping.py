"""Who may call shutdown(), when, and how often."""

from conformance.servers import CONCURRENT_INET, FORKING, SYNCHRONOUS, SYNCHRONOUS_INET, THREADING
from conformance.waiting import behaviours
from conformance.waiting.arranging import LONG, course_of, end_of
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement


@requirement("waiting.shutdown-in-a-request-thread")
@each_server(THREADING)
def test_a_handler_in_a_thread_of_its_own_may_stop_the_server(serve, server_class):
    server = serve(server_class, behaviours.stop_the_server)
    server.knock()

    server.comes("call.return", name="serve_forever")

    assert course_of("serve_forever", server.history()) == ["call.enter", "call.return"]


@requirement("waiting.shutdown-in-the-loop-returns")
@each_server(SYNCHRONOUS)
def test_a_handler_that_runs_in_the_loop_may_stop_the_server(serve, server_class):
    server = serve(server_class, behaviours.stop_the_server_often)
    server.knock()

    end_of(server.loop)

    assert course_of("serve_forever", server.history()) == ["call.enter", "call.return"]


@requirement("waiting.shutdown-in-the-loop-returns")
@each_server(SYNCHRONOUS_INET + CONCURRENT_INET)
def test_service_actions_may_stop_the_server(serve, server_class):
    server = serve(server_class, behaviours.pass_by, service_actions=behaviours.stop_in_a_turn)

    end_of(server.loop)

    assert course_of("serve_forever", server.history()) == ["call.enter", "call.return"]


@requirement("waiting.shutdown-by-many-at-once")
@each_server(CONCURRENT_INET)
def test_all_who_call_shutdown_while_the_loop_is_busy_return(serve, server_class):
    server = serve(server_class, behaviours.pass_by, service_actions=behaviours.hold_the_loop)
    server.wait_for("gate.wait")

    stopping = [server.start("shutdown") for _ in range(5)]
    for call in stopping:
        call.allow_to_return()
    server.release()

    assert [end_of(call) for call in stopping] == ["returned"] * 5


@requirement("waiting.shutdown-by-many-at-once")
@each_server(SYNCHRONOUS)
def test_all_who_call_shutdown_at_once_return(serve, server_class):
    server = serve(server_class, behaviours.hold)
    server.knock()
    server.wait_for("gate.wait")

    stopping = [server.start("shutdown") for _ in range(3)]
    for call in stopping:
        call.allow_to_return()
    server.release()

    assert [end_of(call) for call in stopping] == ["returned"] * 3


@requirement("waiting.serving-again-after-shutdown")
@each_server(SYNCHRONOUS + THREADING)
def test_a_server_that_was_stopped_serves_again(serve, server_class):
    server = serve(server_class, behaviours.have_the_server_stopped, loop=False)

    served = []
    for turn in range(3):
        server.knock()
        served.append(serve_until_stopped(server, turn + 1))

    assert served == [1, 2, 3]


@requirement("waiting.serving-again-after-shutdown")
@each_server(FORKING)
def test_a_server_with_children_that_was_stopped_serves_again(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)

    for turn in range(3):
        server.serve()
        server.knock()
        server.comes("handler.exit", count=turn + 1)
        server.call("shutdown")
        server.loop.wait()

    assert len(server.history().of("handler.exit")) == 3


@requirement("waiting.needless-shutdown-has-no-effect")
@each_server(SYNCHRONOUS)
def test_a_shutdown_that_finds_no_loop_does_not_stop_the_next_one(serve, server_class):
    server = serve(server_class, behaviours.have_the_server_stopped, loop=False)
    server.knock()
    if serve_until_stopped(server, 1) != 1:
        raise Inconclusive("the server did not serve even once")

    if end_of(server.start("shutdown")) == "blocked":
        raise Inconclusive("shutdown() waits where no loop runs, as the documentation says")
    server.knock()

    assert serve_until_stopped(server, 2) == 2


def serve_until_stopped(server, requests):
    """Serve until a handler has the server stopped; return how many requests have been handled by then."""
    server.serve().wait()
    handled = len(server.history().of("handler.enter"))
    if handled == requests:
        server.wait_for("stopped", count=requests)
    return handled


@requirement("waiting.shutdown-before-the-loop-is-remembered")
@each_server(SYNCHRONOUS)
def test_a_loop_that_begins_after_shutdown_was_called_ends_at_once(serve, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("get_request",))
    server.knock()
    stopping = server.start("shutdown")
    stopping.allow_to_return()

    ended = end_of(server.serve(LONG))

    taken = server.history().of("hook.enter", name="get_request")
    assert (ended, taken) == ("returned", [])
    stopping.wait()
