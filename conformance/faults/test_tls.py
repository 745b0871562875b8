"""Servers whose listening socket is wrapped for TLS, and clients that do not speak it."""

from conformance.faults.behaviours import tls
from conformance.servers import CONCURRENT_INET_STREAM, INET, SYNCHRONOUS_STREAM
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement
from harness.outcomes import Unsupported

SYNCHRONOUS_INET_STREAM = tuple(each for each in SYNCHRONOUS_STREAM if each in INET)
NONSENSE = (b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\x00\x05wrong", b"")


@requirement("faults.failed-handshake-stops-no-server")
@each_server(SYNCHRONOUS_INET_STREAM + CONCURRENT_INET_STREAM)
def test_who_does_not_speak_tls_does_not_end_the_loop(host, serve, server_class):
    need_tls(host)
    server = serve(server_class, tls.greet, loop=False, probes=("get_request",), handle_error=tls.keep_silent)
    host.call(tls.wrap_listener, True)
    host.call(tls.prepare_client)
    for data in NONSENSE:
        with server.connect() as client:
            client.send(data)
    server.serve()

    host.release("one")
    seen = {"answered": answer(host), "loop ended": server.loop.returned}

    history = server.history()
    if seen["answered"] and len(history.of("*.raise")) < len(NONSENSE):
        raise Inconclusive("not every handshake failed")
    assert seen == {"answered": "hello", "loop ended": False}


@requirement("faults.handshake-can-be-left-to-the-handler")
@each_server(CONCURRENT_INET_STREAM)
def test_a_silent_client_holds_nobody_up_if_accept_does_no_handshake(host, serve, server_class):
    need_tls(host)
    server = serve(server_class, tls.greet, loop=False)
    host.call(tls.wrap_listener, False)
    host.call(tls.prepare_client)
    server.serve()
    server.connect()

    host.release("one")

    assert {"answered": answer(host)} == {"answered": "hello"}


def need_tls(host):
    """Judge nothing where TLS cannot be spoken without a certificate."""
    if not host.call(tls.can_be_spoken):
        raise Unsupported("TLS without certificates is not to be had from this interpreter, or on this machine")


def answer(host):
    """Return what the client was answered over TLS; None if it still waits."""
    if not host.comes("tls.answer"):
        return None
    [answered] = host.history().of("tls.answer")
    return answered.details["data"]
