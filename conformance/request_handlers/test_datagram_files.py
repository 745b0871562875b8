"""DatagramRequestHandler: the datagram as a file, and the reply as another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.request_handlers.behaviours import datagram_files
from conformance.servers import DATAGRAM, INET, SYNCHRONOUS_DATAGRAM
from harness.marks import each_server, requirement

LARGEST = 65507  # bytes in a datagram over IPv4


@requirement("request-handlers.datagram-handler-has-its-files")
def test_a_datagram_handler_has_a_file_with_the_datagram_and_one_for_the_reply(host):
    assert host.call(datagram_files.look_at_files) == ([True, b"the packet", True], None)


@requirement("request-handlers.datagram-handler-has-packet")
def test_a_datagram_handler_offers_both_parts_of_its_request(host):
    assert host.call(datagram_files.look_at_parts) == ([True, True], None)


@requirement("request-handlers.datagram-reply-is-one-datagram")
def test_several_writes_become_one_datagram(host):
    assert host.call(datagram_files.write_thrice) == (None, [b"1" * 1000 + b"2" * 1000 + b"3" * 1000])


@requirement("request-handlers.datagram-reply-is-one-datagram")
@each_server(DATAGRAM)
def test_a_client_gets_the_whole_reply_in_one_datagram(serve, server_class):
    server = serve(server_class, datagram_files.shout, handler="DatagramRequestHandler")
    with server.datagrams() as client:
        assert client.ask(b"hello") == b"HELLO"


@requirement("request-handlers.datagram-reply-is-one-datagram")
def test_any_pieces_become_one_datagram(host):
    @settings(max_examples=30)
    @given(pieces=st.lists(st.binary(max_size=1000), min_size=1, max_size=8).filter(any))
    def become_one(pieces):
        assert host.call(datagram_files.write_pieces, pieces) == (None, [b"".join(pieces)])

    become_one()


@requirement("request-handlers.datagram-reply-is-one-datagram")
@each_server([each for each in SYNCHRONOUS_DATAGRAM if each in INET])
@pytest.mark.parametrize("size", [1, 1473, LARGEST])
def test_a_reply_may_be_as_large_as_a_datagram(serve, server_class, size):
    server = serve(server_class, datagram_files.answer_with_size, handler="DatagramRequestHandler")
    with server.datagrams() as client:
        assert len(client.try_asking(b"%d" % size) or b"") == size


@requirement("request-handlers.datagram-replies-do-not-mix")
@each_server(DATAGRAM)
def test_a_reply_holds_nothing_of_the_replies_before(serve, server_class):
    server = serve(server_class, datagram_files.shout, handler="DatagramRequestHandler")
    with server.datagrams() as client:
        assert [client.ask(data) for data in (b"rather long", b"short")] == [b"RATHER LONG", b"SHORT"]


@requirement("request-handlers.silent-datagram-handler-replies")
def test_a_handler_that_writes_nothing_sends_an_empty_datagram(host):
    assert host.call(datagram_files.write_nothing) == (None, [b""])


@requirement("request-handlers.datagram-files-are-buffered")
def test_both_files_can_do_what_buffered_files_can(host):
    expected = {
        "read": b"th",
        "read1": b"e",
        "readinto": (3, b" pa"),
        "readline": b"cket",
        "at the end": b"",
        "write": 8,
        "flush": None,
        "text": "TypeError",
    }

    assert host.call(datagram_files.try_datagram_files) == (expected, None, [b"12345678one two"])


@requirement("request-handlers.failed-datagram-handler-replies")
@pytest.mark.parametrize("error", ["ValueError", "SystemExit"])
def test_what_was_written_before_an_error_is_sent(host, error):
    assert host.call(datagram_files.write_and_fail, error) == (error, [b"the half"])


@requirement("request-handlers.failed-datagram-handler-replies")
@each_server(DATAGRAM)
def test_a_client_gets_what_was_written_though_its_handler_failed(serve, server_class):
    server = serve(
        server_class, datagram_files.answer_or_fail, handler="DatagramRequestHandler", probes=("handle_error",)
    )
    with server.datagrams() as client:
        answers = [client.try_asking(data) for data in (b"fail", b"next")]

        assert answers == [b"fail", b"next"]
    assert server.comes("hook.enter", name="handle_error")


@requirement("request-handlers.closed-datagram-wfile-sends-nothing")
def test_of_a_closed_file_nothing_is_sent(host):
    _, datagrams = host.call(datagram_files.write_and_close)

    assert datagrams == []


@requirement("request-handlers.closed-datagram-wfile-sends-nothing")
@each_server(DATAGRAM)
def test_a_client_whose_handler_closed_the_file_gets_nothing(serve, server_class):
    server = serve(server_class, datagram_files.answer_or_close, handler="DatagramRequestHandler")
    client = server.datagrams()
    client.send(b"close")
    server.comes("handler.exit")

    assert client.try_asking(b"next") == b"next"
