"""serve_forever(): what it does in each turn, how it ends, and how it begins again."""

from conformance.lifecycle.behaviours import loop, pipeline
from conformance.lifecycle.calls import error_of
from conformance.servers import ALL, BOTH_TRANSPORTS, SYNCHRONOUS
from harness.checks.turns import turns_without_service_actions
from harness.marks import each_server, requirement

TURN = 0.01  # seconds
LONG = 30.0  # seconds between two polls
PATIENCE = 0.1  # seconds that a thread must be seen asleep to pass for one that waits


@requirement("lifecycle.serve-forever-ignores-timeout")
@each_server(SYNCHRONOUS)
def test_a_timeout_does_not_concern_the_loop(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, timeout=0.001, probes=("handle_timeout", "service_actions"))

    server.wait_for("hook.enter", count=3, name="service_actions")
    server.call("shutdown")

    assert server.history().of("hook.enter", name="handle_timeout") == []


@requirement("lifecycle.service-actions-in-each-turn")
@each_server(SYNCHRONOUS)
def test_between_two_requests_there_is_time_for_service_actions(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, probes=("service_actions",))
    for _ in range(3):
        server.knock()

    server.serve()
    server.wait_for("handler.exit", count=3)
    server.call("shutdown")

    assert turns_without_service_actions(server.history()) == []


@requirement("lifecycle.shutdown-leaves-the-socket-open")
@each_server(ALL)
def test_who_comes_after_shutdown_can_still_be_served(serve, server_class):
    server = serve(server_class, pipeline.do_nothing)
    server.call("shutdown")

    assert server.call("fileno") >= 0
    server.knock()
    server.call("handle_request")
    server.wait_for("handler.enter")


@requirement("lifecycle.serving-may-begin-again")
@each_server(SYNCHRONOUS)
def test_the_loop_can_be_started_three_times(serve, server_class):
    server = serve(server_class, loop.stop, loop=False)

    outcomes = []
    for _ in range(3):
        server.knock()
        outcomes.append(error_of(server.start("serve_forever", TURN)))

    handled = len(server.history().of("handler.enter"))
    assert {"raised": outcomes, "handled": handled} == {"raised": [None] * 3, "handled": 3}


@requirement("lifecycle.exception-ends-the-loop-cleanly")
@each_server(SYNCHRONOUS)
def test_a_loop_that_an_exception_ended_can_be_started_again(serve, server_class):
    server = serve(server_class, loop.stop, loop=False, service_actions=loop.fail_in_first_turn)

    outcomes = [error_of(server.start("serve_forever", TURN))]
    server.knock()
    outcomes.append(error_of(server.start("serve_forever", TURN)))

    handled = len(server.history().of("handler.enter"))
    assert {"raised": outcomes, "handled": handled} == {"raised": ["ValueError", None], "handled": 1}


@requirement("lifecycle.exception-ends-the-loop-cleanly")
@each_server(SYNCHRONOUS)
def test_shutdown_does_not_wait_for_a_loop_that_an_exception_ended(serve, server_class):
    server = serve(server_class, None, loop=False, service_actions=loop.fail_in_first_turn)

    outcome = error_of(server.start("serve_forever", TURN))
    was_blocked = server.start("shutdown").is_blocked(patience=0.1)

    assert {"raised": outcome, "waited": was_blocked} == {"raised": "ValueError", "waited": False}


@requirement("lifecycle.closing-while-serving-does-not-spin")
@each_server(SYNCHRONOUS)
def test_a_loop_that_lost_its_socket_comes_to_rest(serve, server_class):
    server = serve(
        server_class,
        pipeline.do_nothing,
        loop=False,
        get_request=loop.get_request_counted,
        service_actions=loop.rest_after_many_turns,
        attempts=0,
        turns=0,
    )
    serving = server.serve(poll_interval=TURN / 10)
    server.knock()
    server.wait_for("handler.exit")

    server.call("server_close")
    serving.is_blocked(patience=0.05)

    assert server.read("attempts") < 10


@requirement("lifecycle.closing-ends-the-loop")
@each_server(BOTH_TRANSPORTS)
def test_a_loop_that_waits_ends_when_its_server_is_closed(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False)
    serving = server.serve(LONG)
    server.knock()
    server.wait_for("handler.exit")

    server.call("server_close")

    assert {"the loop waits": serving.is_blocked(PATIENCE)} == {"the loop waits": False}


@requirement("lifecycle.closing-ends-the-loop")
def test_a_loop_ends_when_a_source_that_is_no_socket_is_closed(host):
    assert {"raised": error_of(host.start(loop.serve_a_pipe_and_close_it))} == {"raised": None}
