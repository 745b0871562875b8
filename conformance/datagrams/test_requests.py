"""What a datagram becomes: one request, a pair of data and socket, for one handler."""

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.datagrams import behaviours
from conformance.servers import DATAGRAM, SYNCHRONOUS_DATAGRAM, USER_BUILT
from harness.checks.answers import handled_more_than_once, never_handled
from harness.checks.datagrams import merged_or_split_datagrams
from harness.marks import each_server, requirement

HOOKS = ("verify_request", "process_request", "finish_request", "handle_error")
BURST = 6  # datagrams; Unix sockets hold ten


@requirement("datagrams.request-is-data-and-socket")
@each_server(DATAGRAM)
def test_the_request_is_a_pair_of_bytes_and_a_socket(serve, server_class):
    server = serve(server_class, behaviours.describe_request)
    with server.datagrams() as client:
        client.ask(b"who are you?")

    said = [dict(event.details) for event in server.history().of("request")]

    assert said == [{"client": client.name, "type": "tuple", "data": "bytes", "socket": "socket"}]


@requirement("datagrams.request-is-data-and-socket")
@each_server([each for each in USER_BUILT if each.transport == "datagram"])
def test_a_users_own_class_gets_the_pair_from_handle_request(serve, server_class):
    server = serve(server_class, behaviours.describe_request, loop=False)
    with server.datagrams() as client:
        client.send(b"who are you?")
        server.call("handle_request")
        client.receive()

    said = [dict(event.details) for event in server.history().of("request")]

    assert said == [{"client": client.name, "type": "tuple", "data": "bytes", "socket": "socket"}]


@requirement("datagrams.each-datagram-is-one-request")
@each_server(DATAGRAM)
def test_each_datagram_has_one_handler(serve, server_class):
    server = serve(server_class, behaviours.echo)
    for _ in range(3):
        with server.datagrams() as client:
            client.ask(b"only once")
    server.call("shutdown")
    server.call("server_close")

    history = server.history()

    assert never_handled(history) + handled_more_than_once(history) == []


@requirement("datagrams.each-datagram-is-one-request")
@each_server(DATAGRAM)
def test_each_of_those_that_wait_together_has_one_handler(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False)
    clients = [server.datagrams(), server.datagrams()]
    for number in range(BURST // 2):
        for client in clients:
            client.send(b"number %d" % number)

    server.serve()
    server.comes("handler.exit", count=BURST)
    with server.datagrams() as client:
        client.send(b"the last one")
    server.comes("handler.exit", count=BURST + 1)

    history = server.history()
    assert never_handled(history) + handled_more_than_once(history) + merged_or_split_datagrams(history) == []


@requirement("datagrams.boundaries-are-kept")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_datagrams_that_wait_together_are_handled_one_by_one(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False)
    with server.datagrams() as client:
        for data in (b"one", b"two", b"and three"):
            client.send(data)
        for another in (b"four", b"five", b"and six"):
            client.send(another)  # so that there is always one to wait for, whatever became of the others
            server.call("handle_request")

    assert merged_or_split_datagrams(server.history()) == []


@requirement("datagrams.boundaries-are-kept")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_any_datagrams_that_wait_together_come_one_by_one(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False)
    client = server.datagrams()
    sent = []

    @settings(max_examples=20)
    @given(st.lists(st.binary(max_size=40), min_size=2, max_size=5))
    def come_one_by_one(datagrams):
        for data in datagrams:
            client.send(data)
        server.host.call(behaviours.handle_all_that_wait)
        sent.extend(data.decode("latin-1") for data in datagrams)

    come_one_by_one()

    assert [event.details["data"] for event in server.history().of("handler.enter")] == sent


@requirement("datagrams.hooks-get-the-pair")
@each_server(DATAGRAM)
def test_every_method_gets_the_pair(serve, server_class):
    overrides = {name: getattr(behaviours, name) for name in HOOKS}
    server = serve(server_class, behaviours.echo_and_fail, **overrides)
    with server.datagrams() as client:
        client.ask(b"data")
    for name in HOOKS:
        server.wait_for("got", name=name)

    got = {event.details["name"]: event.details["request"] for event in server.history().of("got")}

    assert got == dict.fromkeys(HOOKS, "pair")


@requirement("datagrams.rejected-datagram-is-dropped")
@each_server(DATAGRAM)
def test_a_rejected_datagram_has_no_handler_and_the_next_is_served(serve, server_class):
    server = serve(server_class, behaviours.echo, verify_request=behaviours.accept_requests)
    with server.datagrams() as client:
        client.send(b"!rejected")
        client.ask(b"accepted")

    handled = {event.details["data"] for event in server.history().of("handler.enter")}

    assert handled == {"accepted"}


@requirement("datagrams.rejected-datagram-is-dropped")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_handle_request_drops_what_is_rejected_and_leaves_the_next(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False, verify_request=behaviours.accept_requests)
    with server.datagrams() as client:
        handled = []
        for data in (b"!rejected", b"accepted", b"!rejected", b"!rejected", b"accepted too"):
            client.send(data)
            server.call("handle_request")
            handled.append(len(server.history().of("handler.enter")))

    assert handled == [0, 1, 1, 1, 2]


@requirement("datagrams.server-socket-stays-open")
@each_server(DATAGRAM)
def test_the_end_of_a_request_leaves_the_socket_open(serve, server_class):
    server = serve(server_class, behaviours.echo, loop=False)
    descriptors = [server.call("fileno")]
    for _ in range(2):
        with server.datagrams() as client:
            client.send(b"ask")
            server.call("handle_request")
            server.settle()
            descriptors.append(server.call("fileno"))

    assert descriptors == [descriptors[0]] * 3


@requirement("datagrams.server-socket-stays-open")
@each_server(DATAGRAM)
def test_neither_a_rejected_nor_a_failed_request_closes_the_socket(serve, server_class):
    server = serve(server_class, behaviours.echo_unless_asked_to_fail, verify_request=behaviours.accept_requests)
    descriptor = server.call("fileno")
    for trouble in (b"fail", b"!rejected", b"fail"):
        with server.datagrams() as client:
            client.send(trouble)
            server.settle()
            assert client.try_asking(b"still there?") == b"still there?"

    server.settle()
    assert server.call("fileno") == descriptor
