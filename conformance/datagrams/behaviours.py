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


def verify_request(server, request, client_address):
    """Say what the request is, and go on as usual, like the following ones."""
    _say(server, "verify_request", request)
    return server.inherited.verify_request(request, client_address)


def process_request(server, request, client_address):
    _say(server, "process_request", request)
    server.inherited.process_request(request, client_address)


def finish_request(server, request, client_address):
    _say(server, "finish_request", request)
    server.inherited.finish_request(request, client_address)


def handle_error(server, request, client_address):
    _say(server, "handle_error", request)
    server.inherited.handle_error(request, client_address)


def shutdown_request(server, request):
    _say(server, "shutdown_request", request)
    server.inherited.shutdown_request(request)


def close_request(server, request):
    _say(server, "close_request", request)
    server.inherited.close_request(request)


def _say(server, name, request):
    is_pair = isinstance(request, tuple) and len(request) == 2
    server.stage.record("got", name=name, request="pair" if is_pair else type(request).__name__)


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
