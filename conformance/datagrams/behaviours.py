"""What the host runs for this area."""

import errno
import hashlib
import os
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
        socket="socket" if isinstance(near_end, socket.socket) else type(near_end).__name__,
    )
    visit.send(b"done")


def tell_address(visit):
    """Say which address the client has."""
    visit.record("address", address=visit.client_address)


def tell_address_and_echo(visit):
    """Say what is known of the client's address, and send the datagram back."""
    address = visit.client_address
    parts = len(address) if isinstance(address, tuple) else None
    visit.record("address", type=type(address).__name__, parts=parts)
    visit.send(visit.data)


def answer_with_digest(visit):
    """Answer with the size of the datagram and a digest of it."""
    visit.send(("%d %s" % (len(visit.data), hashlib.sha256(visit.data).hexdigest())).encode())


def answer_through_file(visit):
    """Write an answer, wherever it may go."""
    visit.wfile.write(b"answer to " + visit.rfile.read())


def echo_and_fail(visit):
    """Send the datagram back, and raise."""
    visit.send(visit.data)
    raise ValueError("as the test wants it")


def echo_unless_asked_to_fail(visit):
    """Send the datagram back; raise if it wants that."""
    if visit.data == b"fail":
        raise ValueError("as the test wants it")
    visit.send(visit.data)


def close_or_echo(visit):
    """Close the socket of the request if the datagram says so; otherwise send it back."""
    if visit.data == b"close":
        visit.request[1].close()
    else:
        visit.send(visit.data)


def square(visit):
    """Answer a question that is whole, which is seen by its last byte, with the square of its number."""
    if not visit.data.endswith(b";"):
        visit.send(b"what?")
        return
    number = int(visit.data.split()[0])
    visit.send(b"%d squared is %d;" % (number, number * number))


def do_what_it_asks_for(visit):
    """Fail, say nothing, say too much, or, by default, send the datagram back."""
    if visit.data == b"fail":
        raise ValueError("as the test wants it")
    if visit.data == b"too much":
        visit.send(b"x" * MORE_THAN_FITS)
    elif visit.data != b"be silent":
        visit.send(visit.data)


def write_too_much_once(visit):
    """Write an answer, which is too large if the datagram wants that."""
    visit.wfile.write(b"x" * MORE_THAN_FITS if visit.data == b"too much" else visit.data)


MORE_THAN_FITS = 1 << 22  # bytes, of one datagram


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


def _say(server, name, request):
    is_pair = isinstance(request, tuple) and len(request) == 2
    server.stage.record("got", name=name, request="pair" if is_pair else type(request).__name__)


def take_five_bytes(server, address, handler, activate):
    """Begin as usual, with another max_packet_size."""
    server.max_packet_size = 5
    server.inherited.__init__(address, handler, activate)


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


class _BusyNetwork(socket.socket):
    """A UDP socket for which the system never has room immediately, only for who waits."""

    def __init__(self):
        super().__init__(socket.AF_INET, socket.SOCK_DGRAM)
        self.sent = []

    def sendto(self, data, *arguments):
        """Note what is sent; *arguments* are the address, perhaps flags before it."""
        if self.gettimeout() == 0 or (len(arguments) > 1 and arguments[0] & socket.MSG_DONTWAIT):
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self.sent.append(data)
        return len(data)


def answer_through_a_busy_network(stage):
    """Let a request be answered through a socket that has to wait; return what was sent."""

    class Answering(stage.candidate.DatagramRequestHandler):
        def handle(self):
            answer_through_file(self)

    with _BusyNetwork() as network:
        Answering((b"a request", network), ("127.0.0.1", 9), None)
        return network.sent


def what_handle_request_raises(stage):
    """Return the name of what handle_request() raises."""
    try:
        stage.servers[-1].handle_request()
    except (OSError, ValueError) as error:
        return type(error).__name__
    return "nothing"


def replace_server(stage):
    """Close the server and build another one like it at its address."""
    old = stage.servers[-1]
    address = old.socket.getsockname()
    old.server_close()
    if isinstance(address, str):
        os.unlink(address)
    stage.servers[-1] = type(old)(address, old.RequestHandlerClass)


def build_beside(stage):
    """Return whether another server like the last can be bound to its address: yes, or the name of the error."""
    first = stage.servers[-1]
    try:
        type(first)(first.socket.getsockname(), None).server_close()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "yes"
