"""What is left when serve_forever() has ended, however it ended."""

from conformance.holdings import growth_of
from conformance.lifecycle.behaviours import recovery
from conformance.lifecycle.behaviours.loop import TURN, stop
from conformance.lifecycle.calls import IT_GOES_ON, PATIENCE, end_of, needs
from conformance.servers import (
    CONCURRENT_INET_STREAM,
    INET_STREAM_IN_ONE_PROCESS,
    SYNCHRONOUS,
    SYNCHRONOUS_INET,
)
from conformance.visitors import visitor
from harness.marks import each_server, requirement

EXITS = ("SystemExit", "KeyboardInterrupt", "GeneratorExit")
LIFE_GOES_ON = {"raised": list(EXITS), "handled": True}


@requirement("lifecycle.serves-until-shutdown")
@each_server(SYNCHRONOUS + CONCURRENT_INET_STREAM)
def test_the_loop_handles_one_request_after_another_until_shutdown(serve, server_class):
    server = serve(server_class, recovery.do_nothing)
    handled = []
    for number in range(3):
        visitor(server, server_class)
        handled.append(server.comes("handler.exit", count=number + 1))

    ended_early = server.loop.returned
    server.start("shutdown")

    seen = {"handled": handled, "ended early": ended_early, "then": end_of(server.loop)}
    assert seen == {"handled": [True] * 3, "ended early": False, "then": None}


@requirement("lifecycle.any-thread-may-serve")
@each_server(SYNCHRONOUS_INET + INET_STREAM_IN_ONE_PROCESS[1:])
def test_the_main_thread_serves_until_another_one_stops_it(serve, server_class):
    server = serve(server_class, stop, loop=False)
    visitor(server, server_class)

    outcome = end_of(server.start("serve_forever", TURN, thread=False))

    assert {"raised": outcome, "handled": len(server.history().of("handler.enter"))} == {"raised": None, "handled": 1}


@requirement("lifecycle.server-outlives-its-loop")
@each_server(SYNCHRONOUS)
def test_a_server_can_be_used_whatever_a_handler_ended_its_loop_with(serve, server_class):
    server = serve(server_class, recovery.quit_if_told, loop=False, quits_with=None)

    assert life_after_exits(server, server_class) == LIFE_GOES_ON


@requirement("lifecycle.server-outlives-its-loop")
@each_server(SYNCHRONOUS_INET + CONCURRENT_INET_STREAM)
def test_a_server_can_be_used_whatever_service_actions_ended_its_loop_with(serve, server_class):
    actions = recovery.raise_if_told
    server = serve(server_class, recovery.do_nothing, loop=False, service_actions=actions, quits_with=None)

    assert life_after_exits(server, server_class) == LIFE_GOES_ON


def life_after_exits(server, server_class):
    """Have the loop ended by each of EXITS; return how it ended, and whether the server still handles requests."""
    raised = []
    for error in EXITS:
        server.set("quits_with", error)
        visitor(server, server_class)
        raised.append(end_of(server.start("serve_forever", TURN)))
    server.set("quits_with", None)
    return {"raised": raised, "handled": handles_a_newcomer(server, server_class)}


def handles_a_newcomer(server, server_class):
    """Tell whether single calls handle one more request, after those that may wait still."""
    newcomer = visitor(server, server_class)
    for _ in range(len(EXITS) + 1):
        server.start("handle_request")
        if server.comes("handler.exit", client=newcomer.name):
            return True
    return False


@requirement("lifecycle.loop-leaves-no-descriptors")
@each_server(INET_STREAM_IN_ONE_PROCESS)
def test_a_loop_that_was_stopped_has_given_back_its_descriptors(host, serve, server_class):
    server = serve(server_class, recovery.do_nothing, loop=False)
    run_and_stop(server)  # what is kept for good may be made for the first loop
    before = host.vitals()

    for _ in range(3):
        run_and_stop(server)

    assert growth_of(host, before)["descriptors"] == 0


def run_and_stop(server):
    """Let a loop of the server handle one request, and end."""
    known = len(server.history().of("handler.exit"))
    server.serve()
    client = server.connect()
    needs(server.comes("handler.exit", count=known + 1), "handler")
    client.close()
    server.call("shutdown")
    server.loop.wait()


@requirement("lifecycle.loop-leaves-no-descriptors")
def test_a_loop_that_an_exception_ended_has_given_back_its_descriptors(host, serve):
    server = serve("TCPServer", None, loop=False, service_actions=recovery.raise_if_told, quits_with="ValueError")
    first = end_of(server.start("serve_forever", TURN))
    before = host.vitals()

    outcomes = [first, *(end_of(server.start("serve_forever", TURN)) for _ in range(3))]

    needs(None not in outcomes and IT_GOES_ON not in outcomes, "end of the loop by an exception")
    assert growth_of(host, before)["descriptors"] == 0


@requirement("lifecycle.stopping-at-once-is-no-race")
@each_server(SYNCHRONOUS)
def test_servers_can_be_stopped_as_soon_as_their_threads_are_started(host, server_class):
    racing = host.start(recovery.start_and_stop_servers, server_class.name, 20)

    left = IT_GOES_ON if racing.is_blocked(2 * PATIENCE) else racing.wait()

    assert {"loops": left} == {"loops": 0}


@requirement("lifecycle.closed-loop-can-be-stopped")
@each_server(SYNCHRONOUS + CONCURRENT_INET_STREAM)
def test_shutdown_returns_and_the_loop_ends_though_the_server_was_closed_first(serve, server_class):
    server = serve(server_class, recovery.do_nothing)
    visitor(server, server_class)
    needs(server.comes("handler.exit"), "handler")
    server.call("server_close")

    stopping = server.start("shutdown").is_blocked(PATIENCE)
    serving = server.loop.is_blocked(PATIENCE)

    assert {"shutdown waits": stopping, "loop runs": serving} == {"shutdown waits": False, "loop runs": False}
