"""What the threads of a server share: its state, which needs a lock, and for datagrams its socket."""

import pytest

from conformance.locking import behaviours
from conformance.servers import THREADING, THREADING_DATAGRAM, THREADING_INET
from conformance.visitors import visitor, visitors
from harness.checks.answers import altered_answers, answered_by_another
from harness.checks.locking import lost_updates
from harness.checks.overlap import never_overlapping
from harness.marks import each_server, requirement


@requirement("locking.no-lock-around-handlers")
@each_server(THREADING)
def test_eight_handlers_can_wait_for_each_other(serve, server_class):
    server = serve(server_class, behaviours.meet, request_queue_size=16)
    visitors(server, server_class, 8)
    server.comes("handler.exit", count=8)

    assert never_overlapping(server.history(), at_least=8) == []


@requirement("locking.no-lock-around-hooks")
@pytest.mark.parametrize("hook", ["finish_request", "handle_error", "shutdown_request", "close_request"])
@each_server(THREADING_INET)
def test_hooks_of_four_requests_can_wait_for_each_other(serve, server_class, hook):
    together = {hook: getattr(behaviours, f"{hook}_together")}
    server = serve(server_class, behaviours.fail, probes=(hook,), **{"handle_error": behaviours.be_quiet, **together})
    visitors(server, server_class, 4)
    server.comes("hook.exit", count=4, name=hook)

    history = server.history()
    assert (len(history.of("hook.enter")), len(history.of("hook.exit"))) == (4, 4)


@requirement("locking.threads-share-the-server")
@each_server(THREADING)
def test_one_update_remains_of_those_that_read_before_any_has_written(serve, server_class):
    server = serve(server_class, behaviours.add_one, total=0)
    visitors(server, server_class, 4)
    server.comes("update.read", count=4)
    server.release()
    server.comes("update.done", count=4)

    made = len(server.history().of("update.done"))
    assert (made, server.read("total")) == (4, 1)


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
def test_the_socket_is_open_after_the_thread_has_ended(serve, server_class):
    server = serve(server_class, behaviours.remember_thread, loop=False, seen=[])
    visitor(server, server_class)
    server.call("handle_request")
    server.wait_for("handler.exit")
    server.host.call(behaviours.join_threads)

    state = "open" if server.host.call(behaviours.is_open) else "closed"
    assert state == "open"
