"""serve_forever(): what it does in its turns, how it ends, and how it begins again."""

from conformance.lifecycle.behaviours import loop, pipeline
from conformance.lifecycle.calls import IT_GOES_ON, PATIENCE, end_of, needs
from conformance.servers import ALL, BOTH_TRANSPORTS, SYNCHRONOUS, SYNCHRONOUS_INET
from conformance.visitors import visitor
from harness.marks import each_server, requirement

LONG = 30.0  # seconds between two polls


@requirement("lifecycle.serve-forever-ignores-timeout")
@each_server(SYNCHRONOUS)
def test_a_timeout_does_not_concern_the_loop(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, timeout=0.001, probes=("handle_timeout", "service_actions"))

    server.comes("hook.enter", count=3, name="service_actions")  # or it rests, and that takes longer than the timeout

    assert server.history().of("hook.enter", name="handle_timeout") == []


@requirement("lifecycle.service-actions-in-each-turn")
@each_server(SYNCHRONOUS)
def test_the_loop_calls_service_actions_between_requests_or_after_them(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, probes=("service_actions",))
    for number in range(2):
        server.knock()
        needs(server.comes("handler.exit", count=number + 1), "handler")

    assert {"called": server.comes("hook.enter", count=2, name="service_actions")} == {"called": True}


@requirement("lifecycle.shutdown-leaves-the-socket-open")
@each_server(ALL)
def test_who_comes_after_shutdown_can_still_be_served(serve, server_class):
    server = serve(server_class, pipeline.do_nothing)
    visitor(server, server_class)
    needs(server.comes("handler.exit"), "handler")
    server.call("shutdown")

    visitor(server, server_class)
    server.start("handle_request")

    assert {"handled": server.comes("handler.enter", count=2)} == {"handled": True}


@requirement("lifecycle.serving-may-begin-again")
@each_server(SYNCHRONOUS)
def test_the_loop_can_be_started_three_times(serve, server_class):
    server = serve(server_class, loop.stop, loop=False)

    outcomes = []
    for _ in range(3):
        visitor(server, server_class)
        outcomes.append(end_of(server.start("serve_forever", loop.TURN)))

    handled = len(server.history().of("handler.enter"))
    assert {"raised": outcomes, "handled": handled} == {"raised": [None] * 3, "handled": 3}


@requirement("lifecycle.serving-may-begin-again")
@each_server(SYNCHRONOUS_INET)
def test_a_loop_can_be_started_and_stopped_many_times(host, serve, server_class):
    serve(server_class, None, loop=False, service_actions=loop.note_turn)

    assert end_of(host.start(loop.start_and_stop, 50)) is None


@requirement("lifecycle.exception-ends-the-loop-cleanly")
@each_server(SYNCHRONOUS)
def test_a_loop_that_an_exception_ended_can_be_started_again(serve, server_class):
    server = serve(server_class, loop.stop, loop=False, service_actions=loop.fail_in_first_turn)

    outcomes = [end_of(server.start("serve_forever", loop.TURN))]
    visitor(server, server_class)
    outcomes.append(end_of(server.start("serve_forever", loop.TURN)))

    handled = len(server.history().of("handler.enter"))
    assert {"raised": outcomes, "handled": handled} == {"raised": ["ValueError", None], "handled": 1}


@requirement("lifecycle.closing-while-serving-does-not-spin")
@each_server(SYNCHRONOUS)
def test_a_loop_that_lost_its_socket_comes_to_rest(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, **loop.AT_REST_AFTER_MANY_TURNS)
    server.serve(loop.TURN)
    visitor(server, server_class)
    needs(server.comes("handler.exit"), "handler")

    server.call("server_close")

    assert {"spins": server.comes("loop.spins")} == {"spins": False}


@requirement("lifecycle.closing-ends-the-loop")
@each_server(BOTH_TRANSPORTS)
def test_a_loop_that_waits_ends_when_its_server_is_closed(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False, **loop.AT_REST_AFTER_MANY_TURNS)
    serving = server.serve(LONG)
    visitor(server, server_class)
    needs(server.comes("handler.exit"), "handler")

    server.call("server_close")

    assert {"the loop goes on": serving.is_blocked(PATIENCE)} == {"the loop goes on": False}


@requirement("lifecycle.closing-ends-the-loop")
def test_a_loop_ends_when_a_source_that_is_no_socket_is_closed(host):
    ended = end_of(host.start(loop.serve_a_pipe_and_close_it))

    # It may say what is wrong: fileno() of a file that was closed raises ValueError.
    assert {"ends": ended in (None, "ValueError"), "by": ended} == {"ends": True, "by": ended}


@requirement("lifecycle.shutdown-of-an-ended-loop-returns")
@each_server(SYNCHRONOUS)
def test_shutdown_does_not_wait_for_a_loop_that_an_exception_ended(serve, server_class):
    server = serve(server_class, None, loop=False, service_actions=loop.fail_in_first_turn)

    outcome = end_of(server.start("serve_forever", loop.TURN))

    needs(outcome != IT_GOES_ON, "end of the loop")
    assert end_of(server.start("shutdown")) is None


@requirement("lifecycle.shutdown-of-an-ended-loop-returns")
@each_server(SYNCHRONOUS_INET)
def test_shutdown_does_not_wait_for_a_loop_that_ended_as_its_server_was_closed(serve, server_class):
    server = serve(server_class, None, loop=False)
    server.call("server_close")

    outcome = end_of(server.start("serve_forever", loop.TURN))

    needs(outcome != IT_GOES_ON, "end of the loop")
    assert end_of(server.start("shutdown")) is None
