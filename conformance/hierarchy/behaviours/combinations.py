"""Be the handler of any server."""


def shout(visit):
    """Answer with what the client said, in capitals."""
    visit.wfile.write(visit.rfile.readline().upper())


def do_nothing(visit):
    """Be there."""
