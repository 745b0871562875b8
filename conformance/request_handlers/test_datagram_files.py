"""DatagramRequestHandler: the datagram as a file, and the reply as another."""

from conformance.request_handlers.behaviours import datagram_files
from conformance.servers import DATAGRAM
from harness.marks import each_server, requirement


@requirement("request-handlers.datagram-handler-has-packet")
def test_a_datagram_handler_offers_the_datagram_in_all_its_forms(host):
    expected = {
        "packet": b"the packet",
        "socket": True,
        "rfile": (True, b"the packet"),
        "wfile": (True, b""),
    }

    assert host.call(datagram_files.look_at_datagram_handler) == (expected, None)


@requirement("request-handlers.datagram-reply-is-one-datagram")
def test_several_writes_become_one_datagram(host):
    assert host.call(datagram_files.write_thrice) == (None, [b"1" * 1000 + b"2" * 1000 + b"3" * 1000])


@requirement("request-handlers.datagram-reply-is-one-datagram")
@each_server(DATAGRAM)
def test_a_client_gets_the_whole_reply_in_one_datagram(serve, server_class):
    server = serve(server_class, datagram_files.shout, handler="DatagramRequestHandler")
    with server.datagrams() as client:
        assert client.ask(b"hello") == b"HELLO"


@requirement("request-handlers.datagram-replies-do-not-mix")
@each_server(DATAGRAM)
def test_a_reply_holds_nothing_of_the_replies_before(serve, server_class):
    server = serve(server_class, datagram_files.shout, handler="DatagramRequestHandler")
    with server.datagrams() as client:
        assert [client.ask(data) for data in (b"rather long", b"short")] == [b"RATHER LONG", b"SHORT"]


@requirement("request-handlers.silent-datagram-handler-replies")
def test_a_handler_that_writes_nothing_sends_an_empty_datagram(host):
    assert host.call(datagram_files.write_nothing) == (None, [b""])
