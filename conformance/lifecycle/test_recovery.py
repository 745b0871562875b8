"""What is left when serve_forever() has ended, however it ended."""

from conformance.lifecycle.behaviours import recovery
from conformance.lifecycle.behaviours.loop import stop
from conformance.lifecycle.calls import error_of
from conformance.servers import CONCURRENT_INET_STREAM, SYNCHRONOUS, SYNCHRONOUS_INET
from conformance.visitors import visitor
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement

EXITS = ("SystemExit", "KeyboardInterrupt", "GeneratorExit")
TURN = 0.01  # seconds
PATIENCE = 0.1  # seconds that a thread must be seen asleep to pass for one that waits


@requirement("lifecycle.serves-until-shutdown")
@each_server(SYNCHRONOUS + CONCURRENT_INET_STREAM)
def test_the_loop_handles_requests_and_returns_nothing_after_shutdown(serve, server_class):
    server = serve(server_class, recovery.do_nothing, probes=("service_actions",))
    for number in range(3):
        server.knock()
        server.wait_for("handler.exit", count=number + 1)

    ended_early = server.loop.returned
    server.call("shutdown")

    assert {"ended early": ended_early, "value": server.loop.wait()} == {"ended early": False, "value": None}


@requirement("lifecycle.any-thread-may-serve")
@each_server(SYNCHRONOUS_INET)
def test_the_main_thread_serves_until_another_one_stops_it(serve, server_class):
    server = serve(server_class, stop, loop=False)
    visitor(server, server_class)

    server.start("serve_forever", TURN, thread=False).wait()

    assert {event.thread for event in server.history().of("handler.enter")} == {"main"}


@requirement("lifecycle.server-outlives-its-loop")
@each_server(SYNCHRONOUS)
def test_a_server_can_be_used_whatever_a_handler_ended_its_loop_with(serve, server_class):
    server = serve(server_class, recovery.quit_if_told, loop=False, quits_with=None)

    assert life_after_exits(server) == LIFE_GOES_ON


@requirement("lifecycle.server-outlives-its-loop")
@each_server(SYNCHRONOUS_INET + CONCURRENT_INET_STREAM)
def test_a_server_can_be_used_whatever_service_actions_ended_its_loop_with(serve, server_class):
    actions = recovery.raise_if_told
    server = serve(server_class, recovery.do_nothing, loop=False, service_actions=actions, quits_with=None)

    assert life_after_exits(server) == LIFE_GOES_ON


LIFE_GOES_ON = {"raised": list(EXITS), "shutdown waits": False, "open": True, "handled": True}


def life_after_exits(server):
    """Have the loop ended by each of EXITS; return how it ended, and what the server is still good for."""
    raised = []
    for error in EXITS:
        server.set("quits_with", error)
        server.knock()
        raised.append(error_of(server.start("serve_forever", TURN)))
    server.set("quits_with", None)
    waits = server.start("shutdown").is_blocked(PATIENCE)
    server.wait_for("call.return", name="shutdown")
    newcomer = server.knock()
    server.call("handle_request")
    handled = server.comes("handler.exit", client=newcomer.name)
    return {"raised": raised, "shutdown waits": waits, "open": server.call("fileno") >= 0, "handled": handled}


@requirement("lifecycle.loop-leaves-no-descriptors")
@each_server(SYNCHRONOUS_INET + CONCURRENT_INET_STREAM)
def test_a_loop_that_was_stopped_has_given_back_its_descriptors(host, serve, server_class):
    server = serve(server_class, recovery.do_nothing, loop=False, probes=("close_request",))
    before = host.vitals().descriptors

    for number in range(3):
        server.serve()
        server.knock()
        # A child closes its copy of the request, too.
        server.wait_for("hook.exit", count=number + 1, name="close_request", pid=host.pid)
        server.call("shutdown")
        server.loop.wait()

    assert sorted(host.vitals().descriptors.values()) == sorted(before.values())


@requirement("lifecycle.loop-leaves-no-descriptors")
def test_a_loop_that_an_exception_ended_has_given_back_its_descriptors(host, serve):
    server = serve("TCPServer", None, loop=False, service_actions=recovery.raise_if_told, quits_with="ValueError")
    before = host.vitals().descriptors

    outcome = error_of(server.start("serve_forever", TURN))

    if outcome is None:
        raise Inconclusive("the loop did not end by an exception")
    assert sorted(host.vitals().descriptors.values()) == sorted(before.values())


@requirement("lifecycle.stopping-at-once-is-no-race")
@each_server(SYNCHRONOUS)
def test_servers_can_be_stopped_as_soon_as_their_threads_are_started(host, server_class):
    racing = host.start(recovery.start_and_stop_servers, server_class.name, 20)
    left = "something waits for ever" if racing.is_blocked(2 * PATIENCE) else racing.wait()

    assert left == {"loops": 0, "descriptors": 0}


@requirement("lifecycle.stopping-at-once-is-no-race")
@each_server(SYNCHRONOUS_INET)
def test_one_server_can_be_started_and_stopped_many_times(host, serve, server_class):
    serve(server_class, None, loop=False, service_actions=recovery.note_turn)
    racing = host.start(recovery.start_and_stop_one_server, 50)
    left = "something waits for ever" if racing.is_blocked(2 * PATIENCE) else racing.wait()

    assert left == {"descriptors": 0}


@requirement("lifecycle.closed-loop-can-be-stopped")
@each_server(SYNCHRONOUS + CONCURRENT_INET_STREAM)
def test_shutdown_returns_and_the_loop_ends_though_the_server_was_closed_first(serve, server_class):
    server = serve(server_class, recovery.do_nothing)
    server.knock()
    server.wait_for("handler.exit")
    server.call("server_close")

    stopping = server.start("shutdown").is_blocked(PATIENCE)
    serving = server.loop.is_blocked(PATIENCE)

    assert {"shutdown waits": stopping, "loop runs": serving} == {"shutdown waits": False, "loop runs": False}
