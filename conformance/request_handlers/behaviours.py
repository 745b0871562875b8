"""What the host runs for this area: handlers, and handler classes that are tried without any server."""

import array
import io
import select
import socket
import struct
from contextlib import suppress

STEPS = ("setup", "handle", "finish")
ERRORS = {each.__name__: each for each in (ValueError, KeyboardInterrupt, SystemExit)}


# -- handlers for servers --------------------------------------------------------------------------------------------


def echo(visit):
    """Send everything back that arrives before the client's end."""
    visit.send(visit.read_all())


def echo_line(visit):
    """Send one line back, through the handler's files."""
    visit.wfile.write(visit.rfile.readline())


def echo_lines(visit):
    """Send every line back, one write a line, through the handler's files."""
    for line in visit.rfile:
        visit.wfile.write(line)


def echo_in_pieces(visit):
    """Read pieces of the sizes that a first line tells, each at once, and then write them in parts of 64 kB at most."""
    sizes = [int(number) for number in visit.rfile.readline().split()]
    for piece in [visit.rfile.read(size) for size in sizes]:
        for start in range(0, len(piece), 65536):
            visit.wfile.write(piece[start : start + 65536])
    visit.wfile.flush()


def remember_on_itself(visit):
    """Say what is left of an earlier request, leave something for a later one, and answer."""
    visit.record("remembered", times=getattr(visit, "times", 0))
    visit.times = getattr(visit, "times", 0) + 1
    visit.send(b"done")


def say_what_it_has(visit):
    """Say whether the server is the one that was built, and whether the client is the one that is connected."""
    visit.record("has", server=visit.server is visit.stage.servers[0])
    visit.send(b"done")


def introduce(visit):
    """Say what the request is connected to."""
    visit.record(
        "introduced",
        listens=visit.request is visit.server.socket or visit.request.fileno() == visit.server.fileno(),
        address=_plain(visit.client_address),
        peer=_plain(visit.request.getpeername()),
    )


def _plain(address):
    return list(address) if isinstance(address, tuple) else address


def reply_long(visit):
    """Send more than fits into the buffers of a connection."""
    visit.send(long_reply())


def long_reply():
    """Return a megabyte in which no two pieces are alike."""
    return array.array("I", range(1 << 18)).tobytes()


def write_long(visit):
    """Write a megabyte at once, and say how many bytes were said to be written."""
    visit.record("written", size=visit.wfile.write(long_reply()))


def write_and_overtake(visit):
    """Write to wfile, and then send past it."""
    visit.wfile.write(b"first ")
    visit.request.sendall(b"second")


def reply(visit):
    """Send without having read anything."""
    visit.send(b"reply")


def reply_and_keep_request(visit):
    """Send, and hold on to the request."""
    visit.send(b"reply")
    visit.stage.kept = visit.request


def reply_and_keep_duplicate(visit):
    """Send, and hold on to a duplicate of the request."""
    visit.send(b"reply")
    visit.stage.kept = visit.request.dup()


def use_what_was_kept(stage):
    """Try to send more to a client that was served, and close what was kept of its connection."""
    with stage.kept, suppress(OSError):  # as it should be: this side of the connection is shut, or closed
        stage.kept.sendall(b" and more")


def close_request(visit):
    """Close the request, which is the server's task."""
    visit.send(b"reply")
    visit.request.close()


def wait_and_echo(visit):
    """Stay at work until the test opens the gate; then send everything back."""
    visit.wait("hold")
    echo(visit)


def shout(visit):
    """Answer a datagram in capitals, in two writes."""
    packet = visit.rfile.read()
    visit.wfile.write(packet[:1].upper())
    visit.wfile.write(packet[1:].upper())


def set_on_handler_class(stage, name, value):
    """Set an attribute of the handler class of the server that was built last."""
    setattr(stage.servers[-1].RequestHandlerClass, name, value)


# -- BaseRequestHandler without a server -----------------------------------------------------------------------------


def go_through(stage, failing, error=None):
    """Create a handler of which the steps *failing* raise; return the steps taken and the exceptions, outer first."""
    taken = []

    def step(name):
        def run(self):
            taken.append(name)
            if name in failing:
                raise ERRORS[error or "ValueError"](name)

        return run

    handler_class = type("Handler", (stage.candidate.BaseRequestHandler,), {name: step(name) for name in STEPS})
    raised = _raised_by(handler_class, "request", "client", "server")
    return taken, [(type(each).__name__, each.args[0]) for each in _chain(raised)]


def _raised_by(function, *arguments):
    try:
        function(*arguments)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test judges it
        return error
    return None


def _chain(error):
    while error is not None:
        yield error
        error = error.__context__


def see_in_steps(stage):
    """Return, for each step, which of the three attributes are the objects that the handler was created with."""
    given = {"request": object(), "client_address": object(), "server": object()}
    seen = {}

    def step(name):
        def run(self):
            seen[name] = [key for key in sorted(given) if getattr(self, key, None) is given[key]]

        return run

    handler_class = type("Handler", (stage.candidate.BaseRequestHandler,), {name: step(name) for name in STEPS})
    handler_class(given["request"], given["client_address"], given["server"])
    return seen


class _Untouchable:
    """Remembers the names of attributes that somebody asked for."""

    def __init__(self):
        self.__dict__["touched"] = []

    def __getattr__(self, name):
        self.touched.append(name)
        raise AttributeError(name)


def use_the_bare_class(stage):
    """Create a BaseRequestHandler as it is; return what its steps return and what they touched."""
    request, server = _Untouchable(), _Untouchable()
    handler = stage.candidate.BaseRequestHandler(request, ("127.0.0.1", 1), server)
    return [getattr(handler, name)() for name in STEPS], request.touched + server.touched


def create_with_own_init(stage):
    """Create a handler whose __init__() takes one argument more; return what handle() found."""
    found = []

    class Handler(stage.candidate.BaseRequestHandler):
        def __init__(self, *arguments, directory, **options):
            self.directory = directory
            super().__init__(*arguments, **options)

        def handle(self):
            found.append(self.directory)

    Handler("request", "client", "server", directory="here")
    return found


# -- StreamRequestHandler without a server ---------------------------------------------------------------------------


def handle_one(stage, handle, peer_says=b"", pair=socket.socketpair, **members):
    """Create a StreamRequestHandler for one end of a connection; return it, what it raised, and what the peer got.

    handle: called with the handler and the peer's socket.  members: of the handler class, such as wbufsize.
    """
    ours, peer = pair()
    with ours, peer:
        made = []
        members["handle"] = lambda self: made.append(self) or handle(self, peer)
        handler_class = type("Handler", (stage.candidate.StreamRequestHandler,), members)
        if peer_says:
            peer.sendall(peer_says)
        raised = _raised_by(handler_class, ours, "client", "server")
        return made[0] if made else None, raised, b"" if peer.fileno() < 0 else _rest(peer)


def tcp_pair():
    """Return both ends of a TCP connection."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        client = socket.create_connection(listener.getsockname())
        return listener.accept()[0], client


def _rest(peer):
    """Return what has arrived at *peer*, which is in this process: nothing is on its way any more."""
    peer.setblocking(False)
    got = b""
    while True:
        try:
            chunk = peer.recv(65536)
        except BlockingIOError:
            return got
        if not chunk:
            return got
        got += chunk


def _name(error):
    return None if error is None else type(error).__name__


def compare_connection(stage):
    """Tell whether a handler's connection is its request."""
    same = []

    def handle(handler, peer):
        same.append(handler.connection is handler.request)

    handle_one(stage, handle)
    return same


def try_rfile(stage):
    """Use the readable interface of rfile; return what each part of it gave."""
    gave = {}

    def handle(handler, peer):
        peer.shutdown(socket.SHUT_WR)
        target = bytearray(3)
        gave["is io.BufferedIOBase"] = isinstance(handler.rfile, io.BufferedIOBase)
        gave["readable, writable"] = handler.rfile.readable(), handler.rfile.writable()
        gave["read"] = handler.rfile.read(2)
        gave["read1"] = handler.rfile.read1(2)
        gave["readinto"] = handler.rfile.readinto(target), bytes(target)
        gave["readline"] = handler.rfile.readline()
        gave["readlines"] = handler.rfile.readlines()
        gave["at the end"] = handler.rfile.read()

    _, error, _ = handle_one(stage, handle, peer_says=b"aabbccc, end of line\nline\nrest")
    return gave, _name(error)


def try_wfile(stage, wbufsize):
    """Use the writable interface of wfile; return what it said about itself, and what arrived."""
    said = {}

    def handle(handler, peer):
        said["is io.BufferedIOBase"] = isinstance(handler.wfile, io.BufferedIOBase)
        said["readable, writable"] = handler.wfile.readable(), handler.wfile.writable()
        said["seekable"] = handler.wfile.seekable()
        said["closed"] = handler.wfile.closed
        said["fileno is the request's"] = handler.wfile.fileno() == handler.request.fileno()
        handler.wfile.writelines([b"one ", b"two"])
        handler.wfile.flush()

    _, error, arrived = handle_one(stage, handle, wbufsize=wbufsize)
    return said, _name(error), arrived


def count_bytes(stage, wbufsize):
    """Write things of which length and number of bytes differ; return what write() returned, and what arrived."""
    returned = []
    things = (b"bytes", bytearray(b"more"), array.array("H", [1, 2, 3]), memoryview(b"12345678").cast("I"), b"")

    def handle(handler, peer):
        returned.extend(handler.wfile.write(thing) for thing in things)
        handler.wfile.flush()

    _, error, arrived = handle_one(stage, handle, wbufsize=wbufsize)
    return returned, _name(error), len(arrived)


def write_after_close(stage, wbufsize):
    """Write to wfile after closing it; return what that raised, and what arrived."""
    raised = []

    def handle(handler, peer):
        handler.wfile.close()
        raised.append(_name(_raised_by(handler.wfile.write, b"after")))

    _, error, arrived = handle_one(stage, handle, wbufsize=wbufsize)
    return raised, _name(error), arrived


def close_wfile_and_go_on(stage, wbufsize):
    """Close wfile and use the connection in both directions; return the error, what was read and what arrived."""
    read = []

    def handle(handler, peer):
        handler.wfile.write(b"through wfile, ")
        handler.wfile.close()
        handler.connection.sendall(b"past it")
        read.append(handler.rfile.readline())

    _, error, arrived = handle_one(stage, handle, peer_says=b"line\n", wbufsize=wbufsize)
    return _name(error), read, arrived


def fill_a_buffer(stage, wbufsize, raising):
    """Write less than a buffer takes; return what had arrived before finish(), and what after it."""
    before = []

    def handle(handler, peer):
        handler.wfile.write(b"output")
        before.append(_rest(peer))
        if raising:
            raise ValueError("handle")

    _, error, after = handle_one(stage, handle, wbufsize=wbufsize)
    return before, after, _name(error)


def look_at_files_afterwards(stage, wbufsize, raising):
    """Return whether rfile and wfile are closed once the handler was created."""

    def handle(handler, peer):
        handler.wfile.write(b"output")
        if raising:
            raise ValueError("handle")

    handler, error, _ = handle_one(stage, handle, wbufsize=wbufsize)
    return {"rfile": handler.rfile.closed, "wfile": handler.wfile.closed, "raised": _name(error)}


def lose_the_peer(stage, wbufsize):
    """Let the peer break off while output waits; return what came out of it, and whether the files are closed."""

    def handle(handler, peer):
        handler.wfile.write(b"output")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        _raised_by(handler.connection.recv, 1)  # returns only when the reset has arrived

    handler, error, _ = handle_one(stage, handle, pair=tcp_pair, wbufsize=wbufsize)
    return {"raised": _name(error), "rfile": handler.rfile.closed, "wfile": handler.wfile.closed}


def look_at_timeout(stage, timeout):
    """Return the timeout that the connection has in handle(); before the handler it had one of 7 seconds."""
    seen = []

    def patient_pair():
        ours, peer = socket.socketpair()
        ours.settimeout(7)
        return ours, peer

    def handle(handler, peer):
        seen.append(handler.connection.gettimeout())

    handle_one(stage, handle, pair=patient_pair, timeout=timeout)
    return seen


def read_in_vain(stage):
    """Read what never comes with a short timeout; return what that raised, or the missing timeout."""
    raised = []

    def handle(handler, peer):
        if handler.connection.gettimeout() is not None:
            raised.append(isinstance(_raised_by(handler.rfile.readline), socket.timeout))

    handle_one(stage, handle, timeout=0.005)
    return raised


def look_at_nagle(stage, disable):
    """Tell whether the connection sends small packets without delay."""
    seen = []

    def handle(handler, peer):
        seen.append(bool(handler.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))

    handle_one(stage, handle, pair=tcp_pair, disable_nagle_algorithm=disable)
    return seen


# -- DatagramRequestHandler without a server -------------------------------------------------------------------------


def handle_datagram(stage, handle):
    """Create a DatagramRequestHandler; return what it raised, and the datagrams that the client got."""
    client_path = stage.new_path("client")
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, client:
        client.bind(client_path)
        members = {"handle": handle, "given": ours}
        handler_class = type("Handler", (stage.candidate.DatagramRequestHandler,), members)
        raised = _raised_by(handler_class, (b"the packet", ours), client_path, "server")
        return _name(raised), _datagrams(client)


def _datagrams(client):
    """Return the datagrams that have arrived at *client*, whose socket is local: none is on its way any more."""
    got = []
    while select.select([client], [], [], 0)[0]:
        got.append(client.recv(65536))
    return got


def look_at_datagram_handler(stage):
    """Return what a DatagramRequestHandler has to offer."""
    offers = {}

    def handle(self):
        offers["packet"] = self.packet
        offers["socket"] = self.socket is self.given
        offers["rfile"] = self.rfile.readable(), self.rfile.read()
        offers["wfile"] = self.wfile.writable(), self.wfile.getvalue() if hasattr(self.wfile, "getvalue") else b""

    error, _ = handle_datagram(stage, handle)
    return offers, error


def write_thrice(stage):
    """Write 3000 bytes in three parts; return the error and the datagrams that the client got."""

    def handle(self):
        self.wfile.write(b"1" * 1000)
        self.wfile.write(b"2" * 1000)
        self.wfile.writelines([b"3" * 1000])

    return handle_datagram(stage, handle)


def write_nothing(stage):
    """Write no reply; return the error and the datagrams that the client got."""

    def handle(self):
        pass

    return handle_datagram(stage, handle)
