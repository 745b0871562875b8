"""DatagramRequestHandler: its files, and what becomes of the reply."""

import select
import socket

from conformance.request_handlers.behaviours.arranging import DATAGRAM_SERVERS, handled
from conformance.request_handlers.behaviours.outcomes import name_of, raised_by


def shout(visit):
    """Answer a datagram in capitals, in two writes."""
    packet = visit.rfile.read()
    visit.wfile.write(packet[:1].upper())
    visit.wfile.write(packet[1:].upper())


def handle_datagram(stage, handle):
    """Let a DatagramRequestHandler have a datagram; return what it raised, and the datagrams that the client got."""
    client_path = stage.new_path("client")
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, client:
        client.bind(client_path)
        handler_class = type("Handler", (stage.candidate.DatagramRequestHandler,), {"handle": handle})
        raised = handled(stage, handler_class, (b"the packet", ours), client_path, DATAGRAM_SERVERS)
        return name_of(raised), datagrams_at(client)


def datagrams_at(client):
    """Return the datagrams that have arrived at *client*, whose socket is local: none is on its way any more."""
    got = []
    while select.select([client], [], [], 0)[0]:
        got.append(client.recv(65536))
    return got


def look_at_files(stage):
    """Return what rfile of a DatagramRequestHandler has, whether wfile can be written, and the error."""
    found = []

    def handle(self):
        found.extend([self.rfile.readable(), self.rfile.read(), self.wfile.writable()])

    error, _ = handle_datagram(stage, handle)
    return found, error


def look_at_parts(stage):
    """Tell whether a DatagramRequestHandler has both parts of its request as packet and socket; return the error."""
    found = []

    def handle(self):
        found.extend([self.packet is self.request[0], self.socket is self.request[1]])

    error, _ = handle_datagram(stage, handle)
    return found, error


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


def write_pieces(stage, pieces):
    """Write these pieces; return the error and the datagrams that the client got."""

    def handle(self):
        for piece in pieces:
            self.wfile.write(piece)

    return handle_datagram(stage, handle)


def write_and_fail(stage, error):
    """Write a part of the reply and raise *error*; return the error and the datagrams that the client got."""

    def handle(self):
        self.wfile.write(b"the half")
        raise {"ValueError": ValueError, "SystemExit": SystemExit}[error]("handle")

    return handle_datagram(stage, handle)


def write_and_close(stage):
    """Write a reply and close the file; return the error and the datagrams that the client got."""

    def handle(self):
        self.wfile.write(b"the half")
        self.wfile.close()

    return handle_datagram(stage, handle)


def try_datagram_files(stage):
    """Use both interfaces; return what each part gave, the error, and the datagrams that the client got."""
    gave = {}

    def handle(self):
        target = bytearray(3)
        gave["read"] = self.rfile.read(2)
        gave["read1"] = self.rfile.read1(1)
        gave["readinto"] = self.rfile.readinto(target), bytes(target)
        gave["readline"] = self.rfile.readline()
        gave["at the end"] = self.rfile.read()
        gave["write"] = self.wfile.write(memoryview(b"12345678").cast("I"))
        self.wfile.writelines([b"one ", b"two"])
        gave["flush"] = self.wfile.flush()
        gave["text"] = name_of(raised_by(self.wfile.write, "text"))

    error, datagrams = handle_datagram(stage, handle)
    return gave, error, datagrams


def answer_or_fail(visit):
    """Write what was asked for, and then fail if that was asked for."""
    packet = visit.rfile.read()
    visit.wfile.write(packet)
    if packet == b"fail":
        raise ValueError("as the client wishes")


def answer_with_size(visit):
    """Write a reply of the size that was asked for."""
    visit.wfile.write(b"." * int(visit.rfile.read()))


def answer_or_close(visit):
    """Write what was asked for, and close the file if that was asked for."""
    packet = visit.rfile.read()
    visit.wfile.write(packet)
    if packet == b"close":
        visit.wfile.close()
