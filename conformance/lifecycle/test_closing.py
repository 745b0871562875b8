"""The end of a server."""

import pytest

from conformance.lifecycle.behaviours import closing, pipeline
from conformance.lifecycle.calls import end_of, needs
from conformance.servers import ALL, STREAM, SYNCHRONOUS, SYNCHRONOUS_STREAM, THREADING_STREAM, USER_BUILT
from harness.marks import each_server, requirement

NAMES = [each.name for each in ALL + USER_BUILT]


@requirement("lifecycle.server-close-closes-the-socket")
@each_server(ALL)
def test_after_server_close_clients_are_refused(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False)

    server.call("server_close")

    if server_class.transport == "stream":
        server.connect()
    else:
        client = server.datagrams()
        if client.connected:  # nobody has to agree to that, except on a Unix socket
            client.try_asking(b"is anybody there?")
    assert {"refused": len(server.history().of("client.refused")) > 0} == {"refused": True}


@requirement("lifecycle.closing-is-always-possible")
def test_a_server_can_be_closed_before_all_else_and_again(host):
    outcomes = host.call(closing.close_early_and_often, NAMES)

    assert outcomes == {name: ["closed"] * 6 for name in outcomes}


@requirement("lifecycle.closing-is-always-possible")
def test_a_server_that_could_not_be_made_can_be_closed_again(host):
    outcomes = host.call(closing.close_what_was_not_made, NAMES)

    assert outcomes == {name: ["closed"] * 2 for name in outcomes}


@requirement("lifecycle.closing-is-always-possible")
@each_server([each for each in ALL if each.family == "inet"])
def test_a_server_can_be_closed_again_after_its_work(serve, server_class):
    server = serve(server_class, pipeline.do_nothing)
    server.knock()
    needs(server.comes("handler.exit"), "handler")
    server.call("shutdown")

    outcomes = [end_of(server.start("server_close")) for _ in range(3)]

    assert outcomes == [None] * 3


@requirement("lifecycle.closed-server-serves-nobody")
@pytest.mark.parametrize("way", ["handle_request", "serve_forever"])
@each_server(SYNCHRONOUS)
def test_who_wants_to_use_a_closed_server_is_told(serve, server_class, way):
    server = serve(server_class, pipeline.do_nothing, loop=False, timeout=0)
    server.call("server_close")

    outcomes = [end_of(server.start(way)) for _ in range(2)]

    assert outcomes == ["ValueError"] * 2


@requirement("lifecycle.address-stays-after-close")
def test_a_closed_server_knows_where_it_was(host):
    same = host.call(closing.addresses_after_close, NAMES)

    assert same == dict.fromkeys(same, True)


@requirement("lifecycle.closing-leaves-connections-open")
@each_server([each for each in STREAM if each.concurrency != "none"])
def test_a_request_in_progress_is_answered_after_the_server_is_closed(serve, server_class):
    server = serve(server_class, closing.answer_later, block_on_close=False)
    client = server.connect()
    needs(server.comes("gate.wait"), "handler")
    server.call("shutdown")

    server.start("server_close").allow_to_return()
    server.release()

    assert {"told": client.try_reading_all()} == {"told": b"a late answer"}


@requirement("lifecycle.closing-leaves-connections-open")
@each_server(SYNCHRONOUS_STREAM)
def test_a_handler_that_closes_the_server_can_still_answer(serve, server_class):
    server = serve(server_class, closing.close_and_answer, loop=False)
    client = server.connect()

    server.start("handle_request")

    assert {"told": client.try_reading_all()} == {"told": b"a late answer"}


@requirement("lifecycle.closing-resets-who-waits")
@each_server(SYNCHRONOUS_STREAM + THREADING_STREAM)
def test_who_was_not_accepted_is_reset(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False)
    clients = [server.connect() for _ in range(2)]

    server.call("server_close")
    for client in clients:
        client.try_reading_all()

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
