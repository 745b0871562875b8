"""Handlers that read what any client sends, and clients that come in a flood."""

import errno
import select
import socket


def echo_all(visit):
    """Answer with all that was sent; what the client does to the connection is its business."""
    visit.send(visit.read_all())


def parse(visit):
    """Trust the client to send a number."""
    visit.send(b"%d" % (1 + int(visit.read_all().decode("ascii"))))


def answer_and_fail(visit):
    """Answer the half, then make a mistake that tells a secret."""
    visit.send(b"half")
    raise ValueError("a secret")


def answer_or_fail(visit):
    """Make a mistake that tells a secret if the client asks for it."""
    if visit.data == b"fail":
        raise ValueError("a secret")
    visit.send(visit.data)


def wait_and_echo(visit):
    """Wait until the test has all clients at work, then answer."""
    question = visit.data if isinstance(visit.request, tuple) else visit.read_line()
    visit.wait("hold")
    visit.send(question)


def wait_for_a_line(visit):
    """Read one line, for which the handler's timeout is the limit, and answer."""
    visit.send(visit.read_line())


def give_up_soon(server):
    """Give each connection a time limit."""
    request, client_address = server.inherited.get_request()
    request.settimeout(0.02)
    return request, client_address


def keep_silent(server, request, client_address):
    """Do not report the error."""


def flood(stage, count):
    """Connect so many clients without waiting for any, then let them leave; return how many got a connection."""
    [server] = stage.servers
    clients = [socket.socket(server.socket.family) for _ in range(count)]
    for client in clients:
        client.setblocking(False)
    results = [client.connect_ex(server.socket.getsockname()) for client in clients]
    pending = [client for client, result in zip(clients, results) if result == errno.EINPROGRESS]
    connected = select.select([], pending, [], 0.01)[1] if pending else []
    for client in clients:
        client.close()
    return len(connected) + results.count(0)
