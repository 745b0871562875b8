"""What the host runs for this area."""

import select
import socket

# -- handlers --------------------------------------------------------------------------------------------------------


def note(visit):
    """Do nothing: that the handler was there, and with which data, is in the history."""


def echo(visit):
    """Send the datagram back."""
    visit.send(visit.data)


def wait_and_echo(visit):
    """Stay at work until the test opens the gate; then send the datagram back."""
    visit.wait("hold")
    visit.send(visit.data)


def describe_request(visit):
    """Say what the request consists of, and answer."""
    data, near_end = visit.request
    visit.record(
        "request",
        type=type(visit.request).__name__,
        data=type(data).__name__,
        socket="the server's" if near_end is visit.server.socket else type(near_end).__name__,
    )
    visit.send(b"done")


def tell_address(visit):
    """Say which address the client has."""
    visit.record("address", address=visit.client_address)


def answer_through_file(visit):
    """Write an answer, wherever it may go."""
    visit.wfile.write(b"answer to " + visit.rfile.read())


def echo_and_fail(visit):
    """Send the datagram back, and raise."""
    visit.send(visit.data)
    raise ValueError("as the test wants it")


# -- overrides -------------------------------------------------------------------------------------------------------


def accept_requests(server, request, client_address):
    """Let nothing pass that begins with an exclamation mark."""
    return not request[0].startswith(b"!")


def _saying(name):
    """Return an override of the method *name* that says whether the request is the pair."""

    def override(server, request, *rest):
        is_pair = isinstance(request, tuple) and isinstance(request[0], bytes) and request[1] is server.socket
        server.stage.record("got", name=name, request="pair" if is_pair else type(request).__name__)
        return getattr(server.inherited, name)(request, *rest)

    return override


verify_request = _saying("verify_request")
process_request = _saying("process_request")
finish_request = _saying("finish_request")
handle_error = _saying("handle_error")
shutdown_request = _saying("shutdown_request")
close_request = _saying("close_request")


# -- calls -----------------------------------------------------------------------------------------------------------


def shrink_receive_buffer(stage):
    """Let the server's socket hold as little as the kernel allows."""
    stage.servers[-1].socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)


def handle_all_that_wait(stage):
    """Handle requests until none waits."""
    server = stage.servers[-1]
    while select.select([server.socket], [], [], 0)[0]:
        server.handle_request()


def set_on_class(stage, name, value):
    """Set an attribute of the class of the server that was built last."""
    setattr(type(stage.servers[-1]), name, value)
