"""Whether Python waits for handlers at its end."""

from conformance.servers import THREADING, THREADING_STREAM
from conformance.waiting import behaviours
from conformance.waiting.arranging import LONG, PATIENCE, REST, put_to_work
from harness.checks.stopping import handlers_cut_short
from harness.marks import each_server, requirement


@requirement("waiting.exit-waits-for-threads")
@each_server(THREADING)
def test_python_does_not_exit_before_the_handlers_have_ended(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    put_to_work(server, 2)

    host.leave()
    host.is_waiting_to_end()
    server.release()
    host.wait_for_end()

    assert handlers_cut_short(server.history()) == []


@requirement("waiting.exit-leaves-daemons")
@each_server(THREADING)
def test_python_exits_while_a_handler_in_a_daemon_is_at_work(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False, daemon_threads=True)
    put_to_work(server, 1)

    host.leave()
    waiting = host.is_waiting_to_end(PATIENCE)

    assert ("waits" if waiting else "exits") == "exits"


@requirement("waiting.exit-serves-or-refuses")
@each_server(THREADING_STREAM)
def test_a_client_that_comes_when_python_exits_does_not_wait_for_ever(serve, host, server_class):
    server = serve(server_class, behaviours.answer, loop=False)
    server.serve(LONG).is_blocked(REST)
    host.call(behaviours.visit_at_exit)

    host.leave()
    waiting = host.is_waiting_to_end(PATIENCE)

    outcome = [event.details["outcome"] for event in server.history().of("exit.visited")]
    assert ("waits" if waiting else outcome) in (["served"], ["refused"])
