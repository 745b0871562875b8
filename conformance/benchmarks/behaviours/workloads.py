"""What the handlers of all servers do with a request, so that only what is around it differs."""

import threading

LARGEST = 65536
LARGE_REPLY = 4 * 1024 * 1024  # bytes
_REPLY = memoryview(bytes(LARGE_REPLY))
_tally = [0]
_one_at_a_time = threading.Lock()


def reply(connection):
    """Send back the first bytes that come; a client that sends nothing is waited for."""
    connection.sendall(connection.recv(LARGEST))


def lines(connection):
    """Send back whatever comes until the client has nothing more to say."""
    while True:
        data = connection.recv(LARGEST)
        if not data:
            return
        connection.sendall(data)


def download(connection):
    """Answer the first bytes that come with a large reply."""
    connection.recv(LARGEST)
    connection.sendall(_REPLY)


def echo(data, send):
    """Send a datagram back."""
    send(data)


def count(data, send):
    """Count a datagram, and answer a question mark with how many there were; not for servers that fork."""
    if data == b"?":
        send(b"%d" % _tally[0])
    else:
        with _one_at_a_time:
            _tally[0] += 1


CONNECTIONS = {"reply": reply, "lines": lines, "download": download}
DATAGRAMS = {"echo": echo, "count": count}
