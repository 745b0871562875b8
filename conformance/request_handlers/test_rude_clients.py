"""Clients that break off, leave, or say nothing, and what others notice of them."""

import sys
from contextlib import ExitStack

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.request_handlers.behaviours import rude_clients
from conformance.servers import CONCURRENT, INET, STREAM, SYNCHRONOUS_STREAM, THREADING_STREAM
from harness import processes
from harness.marks import each_server, requirement

INET_STREAM = tuple(each for each in STREAM if each in INET)
CONCURRENT_STREAM = tuple(each for each in CONCURRENT if each in STREAM)
STAYING = ("polite", "slow")
RUDE = ("breaks off", "leaves", "never reads")
LINES = st.lists(st.binary(max_size=60), max_size=4).map(b"\n".join)
VISITS = st.lists(st.tuples(st.sampled_from(STAYING + RUDE), LINES), min_size=1, max_size=5)
ONE_AFTER_ANOTHER = [
    (kind, b"a line\nof one who " + kind.encode()) for kind in (RUDE[0], "slow", RUDE[1], "polite", RUDE[2], "slow")
]


@requirement("request-handlers.reset-client-stops-no-server")
@each_server(INET_STREAM)
def test_the_next_client_is_served_after_one_that_left_before_it_was_accepted(serve, server_class):
    server = serve(server_class, rude_clients.echo, loop=False)
    server.connect().reset()
    server.call("handle_request")

    server.serve()

    assert answer_to_next(server) == b"next"


@requirement("request-handlers.reset-client-stops-no-server")
@each_server(INET_STREAM)
@pytest.mark.parametrize("said", [b"", b"half a requ"], ids=["silent", "speaking"])
def test_the_next_client_is_served_after_one_that_left_in_the_midst(serve, server_class, said):
    server = serve(server_class, rude_clients.wait_and_echo)
    client = server.connect()
    client.send(said)
    server.wait_for("handler.enter")
    client.reset()

    server.release()

    assert answer_to_next(server) == b"next"


def answer_to_next(server):
    """Return what a well-behaved client is answered, None if it gets no handler."""
    with server.connect() as client:
        client.send(b"next")
        client.half_close()
        return client.read_all() if server.comes("handler.exit", client=client.name) else None


@requirement("request-handlers.reset-client-stops-no-server")
@each_server(STREAM)
def test_the_next_client_is_served_after_one_that_left_while_it_was_written_to(serve, server_class):
    server = serve(server_class, rude_clients.write_without_end_or_echo)
    client = server.connect()
    client.send(b"write\n")
    client.receive()
    client.reset()

    raised = server.comes("handler.raise", client=client.name)

    assert (raised, answer_to_next(server)) == (True, b"next")


@requirement("request-handlers.reset-client-stops-no-server")
@each_server(STREAM)
def test_the_next_client_is_served_after_one_that_left_before_its_buffer_was_sent(serve, server_class):
    server = serve(server_class, rude_clients.fill_buffer_or_echo, handler="StreamRequestHandler", loop=False)
    server.host.call(rude_clients.buffer_output)
    server.serve()
    client = server.connect()
    client.send(b"fill\n")
    server.wait_for("gate.wait")
    client.reset()

    server.release()

    assert answer_to_next(server) == b"next"


@requirement("request-handlers.reset-before-accept-is-a-request")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hand out connections that are broken off")
@each_server(INET_STREAM)
def test_a_client_that_is_gone_before_it_is_accepted_gets_a_handler(serve, server_class):
    server = serve(server_class, rude_clients.try_to_read, loop=False)
    client = server.connect()
    client.reset()
    server.call("handle_request")
    server.comes("handler.exit")

    seen = [(event.client, event.details["error"]) for event in server.history().of("tried")]

    assert seen == [(client.name, "ConnectionResetError")]


@requirement("request-handlers.mixed-clients-get-their-own")
@each_server(INET_STREAM)
def test_rude_clients_spoil_nothing_for_those_who_stay(serve, server_class):
    server = serve(
        server_class,
        rude_clients.echo_lines,
        handler="StreamRequestHandler",
        request_queue_size=10,
        handle_error=rude_clients.keep_silent,
    )

    @settings(max_examples=12)
    @given(visits=VISITS)
    @example(visits=ONE_AFTER_ANOTHER)
    def is_answered(visits):
        with ExitStack() as leaving:
            clients = [leaving.enter_context(begin_visit(server, kind, text)) for kind, text in visits]
            answers = [finish_visit(client, kind, text) for client, (kind, text) in zip(clients, visits, strict=True)]
        assert answers == [text if kind in STAYING else None for kind, text in visits]

    is_answered()


def begin_visit(server, kind, text):
    """Connect, say what this kind of client says before it listens, and return the client."""
    client = server.connect()
    client.send(text[: len(text) // 2] if kind == "slow" else text, 7 if kind == "slow" else None)
    if kind == "breaks off":
        client.reset()
    elif kind == "leaves":
        client.close()
    elif kind != "slow":
        client.half_close()
    return client


def finish_visit(client, kind, text):
    """Say the rest and return the answer, if this kind of client stays for it."""
    if kind not in STAYING:
        return None
    if kind == "slow":
        client.send(text[len(text) // 2 :], 7)
        client.half_close()
    return client.read_all()


@requirement("request-handlers.silent-clients-hold-up-nobody-else")
@each_server(CONCURRENT_STREAM)
def test_a_client_is_answered_while_others_say_nothing(serve, server_class):
    server = serve(server_class, rude_clients.echo_line, handler="StreamRequestHandler")
    silent = [server.connect() for _ in range(3)]
    client = server.connect()
    client.send(b"hello\n")

    answered = server.comes("handler.exit", client=client.name)

    assert (answered, server.history().of("handler.exit", client=silent[0].name)) == (True, [])
    assert client.read_all() == b"hello\n"


@requirement("request-handlers.handler-timeout-frees-the-server")
@each_server(SYNCHRONOUS_STREAM)
def test_a_silent_client_is_given_up_when_its_handler_has_no_patience(serve, server_class):
    server = serve(
        server_class,
        rude_clients.echo_line_soon,
        handler="StreamRequestHandler",
        handle_error=rude_clients.keep_silent,
    )
    silent, client = server.connect(), server.connect()
    client.send(b"hello\n")

    answered = server.comes("handler.exit", client=client.name)

    given_up = len(server.history().of("handler.raise", client=silent.name))
    assert {"answered": answered, "given up": given_up} == {"answered": True, "given up": 1}


@requirement("request-handlers.connections-leave-no-descriptors")
@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
@each_server(SYNCHRONOUS_STREAM + THREADING_STREAM)
def test_no_descriptor_is_left_by_requests_of_any_kind(serve, host, server_class):
    server = serve(
        server_class,
        rude_clients.fail_or_echo,
        verify_request=rude_clients.refuse_each_fourth,
        handle_error=rude_clients.keep_silent,
    )
    visit_in_four_ways(server)
    before = len(processes.descriptors(host.pid))

    for _ in range(3):
        visit_in_four_ways(server)

    def more():
        return max(0, len(processes.descriptors(host.pid)) - before)

    host.becomes(lambda: not more(), f"no more than {before} descriptors")
    assert more() == 0


def visit_in_four_ways(server):
    """Be answered, break off, let the handler fail, be refused; see the end of each but the second."""
    for way in ("be answered", "break off", "fail", "be refused"):
        client = server.connect()
        client.send(way.encode() + b"\n")
        if way == "break off":
            client.reset()
        else:
            client.try_reading_all()
