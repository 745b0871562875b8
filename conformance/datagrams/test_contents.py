"""What is in a datagram reaches the handler, up to the size that the server takes."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.datagrams import behaviours
from conformance.servers import CONCURRENT, DATAGRAM, SYNCHRONOUS_DATAGRAM, UNIX
from harness.marks import each_server, requirement

LARGEST = 65507  # bytes that fit into an IPv4 packet with its headers
SIZES = (1, 2, 511, 512, 1471, 1472)  # bytes; what fits into one packet of a usual network
LARGE_FOR_UNIX = 150_000  # bytes


@requirement("datagrams.any-bytes-arrive-unchanged")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_any_bytes_come_back(serve, server_class):
    server = serve(server_class, behaviours.echo)

    @settings(max_examples=40)
    @given(data=st.binary(min_size=1, max_size=500))
    def come_back(data):
        with server.datagrams() as client:
            assert client.ask(data) == data

    come_back()


@requirement("datagrams.any-bytes-arrive-unchanged")
@each_server(DATAGRAM)
def test_any_size_comes_back(serve, server_class):
    server = serve(server_class, behaviours.echo)

    assert changed_on_the_way(server, SIZES) == {}


@requirement("datagrams.max-packet-size-may-change")
@each_server(DATAGRAM)
def test_any_size_comes_back_that_a_network_can_carry(serve, server_class):
    server = serve(server_class, behaviours.echo, max_packet_size=LARGEST)

    assert changed_on_the_way(server, (8193, LARGEST - 1, LARGEST)) == {}


def changed_on_the_way(server, sizes):
    """Return, by the size of what was sent, the size of what came back where that was something else."""
    received = {size: ask_once(server, varied(size)) for size in sizes}
    return {size: data and len(data) for size, data in received.items() if data != varied(size)}


@requirement("datagrams.max-packet-size-may-change")
@each_server([each for each in DATAGRAM if each in UNIX])
def test_what_is_too_large_for_a_network_arrives_at_a_unix_server(serve, server_class):
    server = serve(server_class, behaviours.answer_with_digest, max_packet_size=LARGE_FOR_UNIX)
    data = VARIED * 2 + VARIED[: LARGE_FOR_UNIX - 2 * LARGEST]

    digest = ask_once(server, data)

    assert digest == b"%d %s" % (LARGE_FOR_UNIX, hashlib.sha256(data).hexdigest().encode())


@requirement("datagrams.empty-datagram-is-a-request")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_a_datagram_without_bytes_is_handled_before_the_next(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False)
    with server.datagrams() as client:
        for data in (b"", b"next"):
            client.send(data)
            server.call("handle_request")

    assert distinct(data_handled(server)) == ["", "next"]


@requirement("datagrams.empty-datagram-is-a-request")
@each_server(DATAGRAM)
def test_a_datagram_without_bytes_is_answered(serve, server_class):
    server = serve(server_class, behaviours.echo)

    assert ask_once(server, b"") == b""


@requirement("datagrams.long-datagram-is-cut")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_what_exceeds_the_largest_size_is_lost_and_nothing_else(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False, max_packet_size=16)
    sent = [varied(size) for size in (15, 16, 17, 40, 16)]
    with server.datagrams() as client:
        for data in sent:
            client.send(data)
            server.call("handle_request")

    assert distinct(data_handled(server)) == distinct(data[:16].decode("latin-1") for data in sent)


@requirement("datagrams.default-size-is-8192")
@each_server(DATAGRAM)
def test_without_a_word_the_largest_size_is_8192(serve, server_class):
    server = serve(server_class, behaviours.echo)

    received = {size: len(ask_once(server, varied(size)) or b"") for size in (8192, 8193, 30000)}

    assert received == {8192: 8192, 8193: 8192, 30000: 8192}


@requirement("datagrams.long-datagram-is-cut")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_wherever_the_limit_is_the_handler_gets_as_much_as_it_allows(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False)
    client = server.datagrams()
    expected = []

    @settings(max_examples=25)
    @given(limit=st.integers(1, 200), beyond=st.one_of(st.integers(-2, 2), st.integers(-200, 2000)))
    def arrives_cut(limit, beyond):
        data = varied(max(0, limit + beyond))
        server.set("max_packet_size", limit)
        client.send(data)
        server.call("handle_request")
        expected.append(data[:limit].decode("latin-1"))

    arrives_cut()

    assert distinct(data_handled(server)) == distinct(expected)


@requirement("datagrams.long-datagram-is-cut")
@each_server([each for each in DATAGRAM if each in CONCURRENT])
def test_threads_and_children_get_no_more_than_the_largest_size(serve, server_class):
    server = serve(server_class, behaviours.echo, max_packet_size=100)

    received = [ask_once(server, varied(size)) for size in (99, 100, 101, LARGEST, 100)]

    assert received == [varied(size) for size in (99, 100, 100, 100, 100)]


@requirement("datagrams.max-packet-size-may-change")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_the_largest_size_may_change_on_the_class_and_on_the_instance(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False)
    with server.datagrams() as client:
        client.send(b"12345678")
        server.call("handle_request")
        server.host.call(behaviours.set_on_class, "max_packet_size", 5)
        client.send(b"12345678")
        server.call("handle_request")
        server.set("max_packet_size", 3)
        client.send(b"12345678")
        server.call("handle_request")

    handled = data_handled(server)
    assert [data for data in ("12345678", "12345", "123") if data in handled] == ["12345678", "12345", "123"]


@requirement("datagrams.max-packet-size-may-change")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_a_loop_that_runs_takes_the_new_size(serve, server_class):
    server = serve(server_class, behaviours.echo)
    received = [ask_once(server, varied(20))]

    for size in (5, 30):
        server.set("max_packet_size", size)
        received.append(ask_once(server, varied(20)))

    assert received == [varied(20), varied(5), varied(20)]


@requirement("datagrams.max-packet-size-may-change")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_the_largest_size_may_be_set_by_a_constructor(serve, server_class):
    server = serve(server_class, behaviours.echo, __init__=behaviours.take_five_bytes)

    assert ask_once(server, varied(20)) == varied(5)


@requirement("datagrams.size-zero-takes-nothing")
@each_server(SYNCHRONOUS_DATAGRAM)
def test_with_a_size_of_zero_each_datagram_is_taken_without_its_data(serve, server_class):
    server = serve(server_class, behaviours.note, loop=False, max_packet_size=0)
    with server.datagrams() as client:
        for data in (b"one", b"two"):
            client.send(data)
            server.call("handle_request")
        server.set("max_packet_size", 100)
        client.send(b"three")
        server.call("handle_request")

    assert data_handled(server) == ["", "", "three"]


def ask_once(server, data):
    """Return what a client of its own is answered."""
    with server.datagrams() as client:
        return client.ask(data)


def data_handled(server):
    """Return what the handlers were given, in order."""
    return [event.details["data"] for event in server.history().of("handler.enter")]


def distinct(values):
    """Return the values without repetitions, which are another requirement's business."""
    return list(dict.fromkeys(values))


VARIED = bytes(1 + (index * index + index // 251) % 255 for index in range(LARGEST))


def varied(size):
    """Return *size* bytes in which a lost or moved one shows."""
    return VARIED[:size]
