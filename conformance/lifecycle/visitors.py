"""What the tests of this area do to every kind of server."""

from conformance.servers import ServerClass
from harness.clients import DatagramClient, StreamClient
from harness.hosts import Call
from harness.outcomes import Raised
from harness.running import RunningServer


def make_request(server: RunningServer, server_class: ServerClass) -> StreamClient | DatagramClient:
    """Return a client whose request waits for *server*: a connection, or a datagram that was sent."""
    client = server.connect() if server_class.transport == "stream" else server.datagrams()
    client.send(b"a request\n")
    return client


def error_of(call: Call) -> str | None:
    """Wait for *call* and return the name of the class of what it raised; None if it returned."""
    try:
        call.wait()
    except Raised as error:
        return error.type
    return None
