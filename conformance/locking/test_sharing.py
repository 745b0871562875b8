"""What the threads of a server share: its state, which needs a lock, and for datagrams its socket."""

import pytest

from conformance.locking import behaviours
from conformance.locking.arranging import handle_one, wait_until_threads_rest
from conformance.servers import THREADING, THREADING_DATAGRAM, THREADING_INET
from conformance.visitors import visitor, visitors
from harness.checks.answers import altered_answers, answered_by_another
from harness.checks.locking import lost_updates
from harness.checks.overlap import never_overlapping
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement


@requirement("locking.no-lock-around-handlers")
@each_server(THREADING)
def test_two_handlers_can_wait_for_each_other(serve, server_class):
    server = serve(server_class, behaviours.meet)
    visitors(server, server_class, 2)
    server.comes("handler.exit", count=2)

    assert never_overlapping(server.history(), at_least=2) == []


@requirement("locking.no-lock-around-hooks")
@each_server(THREADING_INET)
def test_two_requests_that_are_being_finished_can_wait_for_each_other(serve, server_class):
    assert meetings(serve, server_class, "finish_request") == (2, 2)


@requirement("locking.no-lock-around-closing")
@pytest.mark.parametrize("hook", ["shutdown_request", "close_request"])
@each_server(THREADING_INET)
def test_two_requests_that_are_being_closed_can_wait_for_each_other(serve, server_class, hook):
    assert meetings(serve, server_class, hook) == (2, 2)


@requirement("locking.no-lock-around-error-reports")
@each_server(THREADING_INET)
def test_two_errors_that_are_being_reported_can_wait_for_each_other(serve, server_class):
    assert meetings(serve, server_class, "handle_error") == (2, 2)


def meetings(serve, server_class, hook):
    """Let each of two requests that fail wait in *hook* for the other; return how many came to it and from it."""
    together = {hook: getattr(behaviours, f"{hook}_together")}
    server = serve(server_class, behaviours.fail, probes=(hook,), **{"handle_error": behaviours.be_quiet, **together})
    visitors(server, server_class, 2)
    server.comes("hook.exit", count=2, name=hook)

    history = server.history()
    if not history.of("hook.enter"):
        raise Inconclusive(f"{hook}() was not called")
    return len(history.of("hook.enter")), len(history.of("hook.exit"))


@requirement("locking.threads-share-the-server")
@each_server(THREADING)
def test_one_update_remains_of_those_that_read_before_any_has_written(serve, server_class):
    server = serve(server_class, behaviours.add_one, total=0)
    visitors(server, server_class, 2)
    server.comes("update.read", count=2)
    server.release()
    server.comes("update.done", count=2)

    made = len(server.history().of("update.done"))
    assert (made, server.read("total")) == (2, 1)


@requirement("locking.a-lock-protects-shared-state")
@each_server(THREADING)
def test_no_update_is_lost_with_a_lock(serve, server_class):
    server = serve(server_class, behaviours.add_one_with_lock, total=0)
    visitors(server, server_class, 4)
    server.comes("handler.enter", count=4)
    server.release("hold")
    server.comes("gate.wait", gate="one")
    server.release("one")
    server.comes("update.done", count=4)

    assert lost_updates(server.history()) == []
    assert server.read("total") == 4


@requirement("locking.datagram-replies-do-not-mix")
@each_server(THREADING_DATAGRAM)
def test_each_client_gets_its_own_datagram_back(serve, server_class):
    server = serve(server_class, behaviours.echo_together)
    clients = [visitor(server, server_class, b"of client %d" % number) for number in range(4)]
    server.comes("handler.enter", count=4)
    server.release()
    for client in clients:
        client.receive()

    history = server.history()
    assert answered_by_another(history) + altered_answers(history) == []


@requirement("locking.datagram-socket-stays-open")
@each_server(THREADING_DATAGRAM)
def test_the_next_datagram_is_taken_after_the_thread_has_ended(serve, server_class):
    server = serve(server_class, behaviours.reply, loop=False)
    usual = server.host.vitals().threads
    client = server.datagrams()

    answers = []
    for question in (b"one", b"two"):
        client.send(question)
        handle_one(server)
        answers.append(client.receive() if client.hears() else None)
        wait_until_threads_rest(server.host, usual)

    assert answers == [b"!", b"!"]
