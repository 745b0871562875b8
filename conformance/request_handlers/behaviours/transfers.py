"""Handlers that send a lot, after or while they receive as much."""


def echo_at_the_end(visit):
    """Read up to the client's end, then send everything back."""
    visit.send(visit.read_all())


def echo_at_once(visit):
    """Send back what comes as it comes."""
    while True:
        data = visit.request.recv(65536)
        if not data:
            return
        visit.send(data)


def echo_through_files(visit):
    """Read up to the client's end, then write everything at once."""
    visit.wfile.write(visit.rfile.read())
