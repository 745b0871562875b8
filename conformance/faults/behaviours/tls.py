"""Servers whose listening socket is wrapped for TLS, and their clients; all are anonymous and need no certificate."""

import os
import socket
import warnings

try:
    import ssl
except ImportError:  # an interpreter may have been built without it
    ssl = None

CIPHERS = "ADH:AECDH:@SECLEVEL=0"
GREETING = b"hello"


def can_be_spoken(stage):
    """Tell whether TLS can be spoken without a certificate here; the rules of a machine may forbid it."""
    if ssl is None:
        return False
    try:
        _context()
    except ssl.SSLError:
        return False
    return True


def greet(visit):
    """Answer over TLS."""
    visit.request.sendall(GREETING)


def keep_silent(server, request, client_address):
    """Do not report the error."""


def wrap_listener(stage, handshake_in_accept):
    """Wrap the server's socket; the handshake is done by accept(), or left to the first reading or writing."""
    [server] = stage.servers
    server.socket = _context().wrap_socket(server.socket, server_side=True, do_handshake_on_connect=handshake_in_accept)


def prepare_client(stage):
    """Fork a client that connects when the test opens gate "one", waits for the greeting, and reports it.

    It is a process of its own, since a forking server's child could inherit locks of OpenSSL from a thread.
    """
    [server] = stage.servers
    address = server.socket.getsockname()
    if os.fork() != 0:
        return
    try:
        server.socket.close()
        stage.wait("one")
        with socket.create_connection(address) as plain, _context().wrap_socket(plain) as client:
            stage.record("tls.answer", data=client.recv(100).decode("ascii"))
    finally:
        os._exit(0)


def _context():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # later versions would have us name the side
        context = ssl.SSLContext(ssl.PROTOCOL_TLS)
        context.options |= getattr(ssl, "OP_NO_TLSv1_3", 0)  # which knows no anonymous parties
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(CIPHERS)
    return context
