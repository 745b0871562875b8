"""StreamRequestHandler at work in a server: what is sent and written arrives, however it is cut."""

import socket
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.request_handlers.behaviours import connections, stream_dialogues
from conformance.servers import STREAM, UNIX
from harness.checks.verdict import Inconclusive
from harness.machine import has_ipv6
from harness.marks import each_server, requirement

ENOUGH = settings(max_examples=20)
PIECES = st.lists(st.binary(max_size=2000), max_size=8)
PLACES = {
    "IPv4": ("TCPServer", {}),
    "IPv6": ("TCPServer", {"address_family": int(socket.AF_INET6)}),
    "path": ("UnixStreamServer", {}),
    "abstract name": ("UnixStreamServer", {}),
    "threads": ("ThreadingTCPServer", {}),
    "processes": ("ForkingTCPServer", {}),
}
CAN_BE_HERE = {"IPv6": has_ipv6(), "abstract name": sys.platform == "linux"}
CUTS = st.integers(min_value=1, max_value=700)


@requirement("request-handlers.streams-may-be-cut-anyhow")
def test_pieces_come_back_however_they_were_cut_on_the_way(serve):
    send_pieces(serve("TCPServer", stream_dialogues.echo_in_pieces, handler="StreamRequestHandler"))


@requirement("request-handlers.buffered-output-is-sent-at-finish")
def test_pieces_come_back_through_a_buffer(serve):
    server = serve("TCPServer", stream_dialogues.echo_in_pieces, handler="StreamRequestHandler", loop=False)
    server.host.call(stream_dialogues.set_on_handler_class, "wbufsize", -1)
    server.serve()

    send_pieces(server)


def send_pieces(server):
    """Send pieces of any size, cut in any way, and see that they come back."""

    @ENOUGH
    @given(pieces=PIECES, cut=CUTS)
    @example(pieces=[connections.long_reply(), b"rest"], cut=100_000)
    def come_back(pieces, cut):
        sizes = " ".join(str(len(piece)) for piece in pieces)
        sent = b"".join(pieces)
        received = server.ask(sizes.encode() + b"\n" + sent, cut)
        assert (len(received), first_difference(received, sent)) == (len(sent), None)

    come_back()


@requirement("request-handlers.streams-may-be-cut-anyhow")
@pytest.mark.parametrize("place", [place for place in PLACES if CAN_BE_HERE.get(place, True)])
def test_lines_come_back_however_they_were_cut_on_the_way(host, serve, place):
    server_class, attributes = PLACES[place]
    address = f"\0{host.folder.name}" if place == "abstract name" else None
    server = serve(
        server_class, stream_dialogues.echo_lines, handler="StreamRequestHandler", address=address, **attributes
    )

    @ENOUGH
    @given(lines=st.lists(st.binary(max_size=300), max_size=8), cut=CUTS)
    def come_back(lines, cut):
        text = b"\n".join(lines)
        with server.connect() as client:
            client.send(text, cut)
            client.half_close()
            assert client.read_all() == text

    come_back()


@requirement("request-handlers.write-sends-everything")
@pytest.mark.parametrize("timeout", [None, 30], ids=["no timeout", "timeout"])
def test_one_large_write_arrives_whole(serve, timeout):
    server = serve("TCPServer", stream_dialogues.write_long, handler="StreamRequestHandler", loop=False)
    server.host.call(stream_dialogues.have_patience, timeout)
    server.serve()
    expected = connections.long_reply()

    received = server.ask(b"")

    written = [event.details["size"] for event in server.history().of("written")]
    assert (len(received), written) == (len(expected), [len(expected)])
    assert first_difference(received, expected) is None


@requirement("request-handlers.write-sends-everything")
def test_signals_do_not_cut_a_write_short(serve):
    server = serve("TCPServer", stream_dialogues.write_amid_signals, handler="StreamRequestHandler", loop=False)
    client = server.connect()
    handling = server.start("handle_request", thread=False)
    server.wait_for("signals.came")

    received = client.read_all()
    handling.wait()

    written = server.history().of("written")
    expected = 16 * len(connections.long_reply())
    assert (len(received), [event.details["size"] for event in written]) == (expected, [expected])
    if written[0].details["signals"] < stream_dialogues.FEW:
        raise Inconclusive("the signals came after the handler had written")


@requirement("request-handlers.write-is-sent-at-once")
@each_server(STREAM)
def test_what_is_written_is_on_its_way_before_what_is_sent_after_it(serve, server_class):
    server = serve(server_class, stream_dialogues.write_and_overtake, handler="StreamRequestHandler")

    assert server.ask(b"") == b"first second"


@requirement("request-handlers.nagle-flag-is-harmless-on-unix")
@each_server([each for each in STREAM if each in UNIX])
def test_a_request_over_a_unix_socket_is_served_although_there_is_no_nagle(serve, server_class):
    server = serve(server_class, stream_dialogues.echo_line, handler="StreamRequestHandler", loop=False)
    server.host.call(stream_dialogues.set_on_handler_class, "disable_nagle_algorithm", True)
    server.serve()

    assert server.ask(b"line\n") == b"line\n"


def first_difference(left, right):
    """Return where two byte strings begin to differ, None if one begins like the other."""
    if left[: len(right)] == right[: len(left)]:
        return None
    return next(index for index, (a, b) in enumerate(zip(left, right, strict=False)) if a != b)
