"""The end of a server."""

import pytest

from conformance.lifecycle.behaviours import closing, pipeline
from conformance.lifecycle.calls import error_of
from conformance.servers import ALL, STREAM, SYNCHRONOUS, SYNCHRONOUS_STREAM, USER_BUILT
from harness.marks import each_server, requirement

NAMES = [each.name for each in ALL + USER_BUILT]
CONCURRENT_STREAM = tuple(each for each in STREAM if each.concurrency != "none")
TURN = 0.01  # seconds


@requirement("lifecycle.server-close-closes-the-socket")
@each_server(ALL)
def test_after_server_close_clients_are_refused(serve, server_class):
    server = serve(server_class, pipeline.do_nothing)
    server.knock()
    server.wait_for("handler.exit")
    server.call("shutdown")

    server.call("server_close")

    assert server.call("fileno") == -1
    if server_class.transport == "stream":
        server.connect()
    else:
        client = server.datagrams()
        if client.connected:  # nobody has to agree to that, except on a Unix socket
            client.send(b"is anybody there?")
            client.receive()
    assert len(server.history().of("client.refused")) > 0


@requirement("lifecycle.closing-is-always-possible")
def test_a_server_can_be_closed_at_once_and_again(host):
    descriptors = host.call(closing.close_early_and_often, NAMES)

    assert descriptors == {name: [-1] * 6 for name in descriptors}


@requirement("lifecycle.closing-is-always-possible")
def test_a_server_that_could_not_be_made_can_be_closed_again(host):
    descriptors = host.call(closing.close_what_was_not_made, NAMES)

    assert descriptors == {name: [-1] * 2 for name in descriptors}


@requirement("lifecycle.closing-is-always-possible")
@each_server([each for each in ALL if each.family == "inet"])
def test_a_server_can_be_closed_again_after_its_work(serve, server_class):
    server = serve(server_class, pipeline.do_nothing)
    server.knock()
    server.wait_for("handler.exit")
    server.call("shutdown")

    outcomes = [error_of(server.start("server_close")) for _ in range(3)]

    assert outcomes == [None] * 3


@requirement("lifecycle.closed-server-serves-nobody")
def test_who_wants_to_use_a_closed_server_is_told(host):
    raised = host.call(closing.use_after_close, NAMES)

    assert raised == {name: ["ValueError"] * 4 for name in raised}


@requirement("lifecycle.closed-server-serves-nobody")
@each_server(SYNCHRONOUS)
def test_shutdown_of_a_closed_server_does_not_wait(serve, server_class):
    server = serve(server_class, None, loop=False)
    server.call("server_close")

    raised = error_of(server.start("serve_forever", TURN))
    waited = server.start("shutdown").is_blocked(patience=0.1)

    assert {"raised": raised, "waited": waited} == {"raised": "ValueError", "waited": False}


@requirement("lifecycle.address-stays-after-close")
def test_a_closed_server_knows_where_it_was(host):
    same = host.call(closing.addresses_after_close, NAMES)

    assert same == dict.fromkeys(same, True)


@requirement("lifecycle.closing-leaves-connections-open")
@each_server(CONCURRENT_STREAM)
def test_a_request_in_progress_is_answered_after_the_server_is_closed(serve, server_class):
    server = serve(server_class, closing.answer_later, block_on_close=False)
    client = server.connect()
    server.wait_for("gate.wait")
    server.call("shutdown")

    server.call("server_close")
    server.release()

    assert client.read_all() == b"a late answer"


@requirement("lifecycle.closing-leaves-connections-open")
@each_server(SYNCHRONOUS_STREAM)
def test_a_handler_that_closes_the_server_can_still_answer(serve, server_class):
    server = serve(server_class, closing.close_and_answer, loop=False)
    client = server.connect()

    server.call("handle_request")

    assert client.read_all() == b"a late answer"


@requirement("lifecycle.closing-resets-who-waits")
@each_server(STREAM)
def test_who_was_not_accepted_is_reset(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False)
    clients = [server.connect() for _ in range(2)]

    server.call("server_close")
    for client in clients:
        client.receive()

    history = server.history()
    seen = {what: len(history.of(f"client.{what}")) for what in ("reset", "end")}
    assert seen == {"reset": 2, "end": 0}


@requirement("lifecycle.with-statement-closes")
@pytest.mark.parametrize("error", ["LookupError", "KeyboardInterrupt"])
def test_an_exception_in_a_with_statement_closes_the_server_and_goes_on(host, error):
    seen = host.call(closing.use_in_with_statement, NAMES, error)

    assert seen == {name: ["itself", "server_close", "raised"] for name in seen}


@requirement("lifecycle.with-statement-closes")
def test_a_with_statement_closes_the_server_at_its_end(host):
    seen = host.call(closing.use_in_with_statement, NAMES, None)

    assert seen == {name: ["itself", "server_close"] for name in seen}
