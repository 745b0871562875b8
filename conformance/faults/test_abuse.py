"""Clients that mean ill, or do not know better."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.faults.behaviours import abuse
from conformance.servers import ALL, CONCURRENT_INET, CONCURRENT_INET_STREAM, STREAM, SYNCHRONOUS, SYNCHRONOUS_STREAM
from conformance.visitors import visitor
from harness.checks.answers import altered_answers, answered_by_another
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement

LEAVING = ("waits for its turn", "breaks off", "closes", "sends and breaks off")
NONSENSE = st.one_of(st.binary(max_size=200), st.text(max_size=50).map(str.encode), st.integers().map(b"%d".__mod__))
ABUSE = st.lists(st.tuples(NONSENSE, st.sampled_from(LEAVING)), min_size=1, max_size=4)
MANY = 20


@requirement("faults.no-client-stops-the-server")
@each_server(SYNCHRONOUS_STREAM + CONCURRENT_INET_STREAM)
def test_whatever_clients_did_the_next_one_is_answered(serve, server_class):
    server = serve(server_class, abuse.parse, handle_error=abuse.keep_silent)

    @settings(max_examples=10)
    @given(visits=ABUSE)
    @example(visits=[(b"\xff\x00", "waits for its turn")])
    def is_answered_after(visits):
        for data, leaving in visits:
            abuse_server(server, data, leaving)
        probe = server.knock()
        probe.send(b"41")
        probe.half_close()
        answered = server.comes("handler.exit", client=probe.name)
        assert {"answered": answered, "loop ended": server.loop.returned} == {"answered": True, "loop ended": False}
        assert probe.read_all() == b"42"

    is_answered_after()


def abuse_server(server, data, leaving):
    """Visit the server once and leave in one of the ways of LEAVING."""
    with server.connect() as client:
        if leaving != "breaks off":
            client.send(data)
        if leaving == "waits for its turn":
            client.half_close()
            server.comes("handler.enter", client=client.name)
        elif leaving != "closes":
            client.reset()


@requirement("faults.errors-are-not-told-to-clients")
@each_server([each for each in ALL if each in STREAM])
def test_a_client_hears_of_no_error_over_its_connection(serve, server_class):
    server = serve(server_class, abuse.answer_and_fail)

    assert server.ask(b"") == b"half"


@requirement("faults.errors-are-not-told-to-clients")
@each_server([each for each in SYNCHRONOUS + CONCURRENT_INET if each not in STREAM])
def test_a_client_hears_of_no_error_by_datagrams(serve, server_class):
    server = serve(server_class, abuse.answer_or_fail, probes=("handle_error",))
    client = server.datagrams()
    client.send(b"fail")
    server.wait_for("hook.exit", name="handle_error")

    assert client.ask(b"next") == b"next"


@requirement("faults.answers-go-to-who-asked")
@each_server(CONCURRENT_INET)
def test_no_answer_goes_astray_when_many_ask_simultaneously(serve, server_class):
    server = serve(server_class, abuse.wait_and_echo, request_queue_size=2 * MANY)
    clients = [visitor(server, server_class, b"question %d\n" % number) for number in range(MANY)]
    server.wait_for("gate.wait", count=MANY)
    server.release()
    for client in clients:
        if server_class in STREAM or client.hears():
            client.receive()

    history = server.history()
    assert altered_answers(history) + answered_by_another(history) == []
    assert len(history.of("client.receive")) == MANY


@requirement("faults.time-limit-frees-the-server")
@each_server(SYNCHRONOUS_STREAM)
def test_a_silent_client_is_given_up_when_its_connection_has_a_time_limit(serve, server_class):
    server = serve(server_class, abuse.wait_for_a_line, get_request=abuse.give_up_soon)
    server.connect()
    polite = server.connect()
    polite.send(b"hello\n")

    served = server.comes("handler.exit", client=polite.name)

    raised = [event.details["error"] in ("timeout", "TimeoutError") for event in server.history().of("handler.raise")]
    assert {"gave up": raised, "served": served} == {"gave up": [True], "served": True}


@requirement("faults.flood-is-survived")
@each_server(SYNCHRONOUS_STREAM + CONCURRENT_INET_STREAM)
def test_after_a_flood_the_server_serves_newcomers(host, serve, server_class):
    server = serve(
        server_class,
        abuse.echo_all,
        loop=False,
        request_queue_size=1,
        handle_error=abuse.keep_silent,
    )
    connected = host.call(abuse.flood, MANY)
    if connected == MANY:
        raise Inconclusive("there was room for everybody")
    server.serve()
    server.comes("handler.exit", count=connected)
    newcomer = server.connect()
    newcomer.send(b"hello")
    newcomer.half_close()

    served = server.comes("handler.exit", client=newcomer.name)

    assert {"served": served, "loop ended": server.loop.returned} == {"served": True, "loop ended": False}
